/** The stops in force, each with the way to lift it, and the changes that are refused. */
import { scopeWords, type StopScope } from "@council/domain";
import { patchPath } from "./api.ts";
import { Chip } from "./chip.tsx";
import { Note } from "./note.tsx";
import { StopSaid } from "./patch-stops.tsx";
import { patchAddress } from "./route.ts";
import type { StopsAnswer } from "./use-stops.ts";
import { When } from "./when.tsx";

/** Something of the page that is taken back, with a reason. */
export interface Undoing {
  readonly act: "lift" | "release";
  readonly path: string;
  readonly subject: string;
  readonly more?: { readonly scope: StopScope };
}

export function StandingStops(props: {
  readonly stops: StopsAnswer["stops"];
  readonly onUndo: (undoing: Undoing) => void;
}) {
  const { stops, onUndo } = props;
  if (stops.length === 0) return <Note title="Nothing is stopped" />;
  return (
    <ul className="letters" aria-label="What is stopped">
      {stops.map((stop) => {
        const { scope, reason, repository } = stop;
        const subject = scopeWords(scope);
        return (
          <li key={`${subject} ${repository ?? ""}`}>
            <div className="letter-head">
              <b>
                {scope.kind === "patch" ? (
                  <a href={patchAddress(scope.name)}>{subject}</a>
                ) : (
                  subject
                )}
              </b>
              {repository !== undefined && (
                <Chip tone="warn" mark="⚠" label={`Quarantine, ${repository}`} />
              )}
              <button
                type="button"
                className="button"
                aria-label={`Lift the stop of ${subject}`}
                onClick={() =>
                  onUndo({ act: "lift", path: "/v1/stops/lift", subject, more: { scope } })
                }
              >
                Lift
              </button>
            </div>
            <p>{reason}</p>
            <p className="soft">
              <StopSaid stop={stop} />
            </p>
          </li>
        );
      })}
    </ul>
  );
}

export function Refused(props: {
  readonly refused: StopsAnswer["refused"];
  readonly onUndo: (undoing: Undoing) => void;
}) {
  const { refused, onUndo } = props;
  return (
    <section>
      <h2 className="group-title">
        Refused changes <span>{refused.length}</span>
      </h2>
      {refused.length === 0 && <Note title="No change is refused" />}
      <ul className="letters" aria-label="Refused changes">
        {refused.map(({ patchId, repository, semanticDigest, reason, at }) => (
          <li key={patchId}>
            <div className="letter-head">
              <b>
                <a href={patchAddress(patchId)}>{patchId}</a>
              </b>
              <button
                type="button"
                className="button"
                aria-label={`Release the change of ${patchId}`}
                onClick={() =>
                  onUndo({
                    act: "release",
                    path: `${patchPath(patchId)}/release`,
                    subject: patchId,
                  })
                }
              >
                Release
              </button>
            </div>
            <p>{reason}</p>
            <p className="soft">
              {repository}, <When at={at} /> · the same change, also reformatted or renamed:{" "}
              <code title={semanticDigest}>{semanticDigest.slice(0, 12)}</code>
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
