/** What stands against or for landings, each with the way to end it: stops, refused changes, waivers. */
import { scopeWords } from "@council/domain";
import type { ReactNode } from "react";
import { patchPath } from "./api.ts";
import { Chip } from "./chip.tsx";
import { Note } from "./note.tsx";
import { StopSaid } from "./patch-stops.tsx";
import { patchAddress } from "./route.ts";
import type { StopsAnswer } from "./use-stops.ts";
import { When } from "./when.tsx";

/** Something of the page that is ended, with a reason. */
export interface Ending {
  readonly act: "lift" | "release" | "end-waiver";
  readonly path: string;
  readonly subject: string;
  readonly more?: Readonly<Record<string, unknown>>;
}

type OnEnd = (ending: Ending) => void;

export function StandingStops(props: {
  readonly stops: StopsAnswer["stops"];
  readonly onEnd: OnEnd;
}) {
  const { stops, onEnd } = props;
  if (stops.length === 0) return <Note title="Nothing is stopped" />;
  return (
    <ul className="letters" aria-label="What is stopped">
      {stops.map((stop) => {
        const { scope, reason, repository } = stop;
        const subject = scopeWords(scope);
        const more = { scope };
        return (
          <Standing
            key={`${subject} ${repository ?? ""}`}
            name={
              scope.kind === "patch" ? <a href={patchAddress(scope.name)}>{subject}</a> : subject
            }
            chip={
              repository !== undefined && (
                <Chip tone="warn" mark="⚠" label={`Quarantine, ${repository}`} />
              )
            }
            reason={reason}
            button={["Lift", `Lift the stop of ${subject}`]}
            onEnd={() => onEnd({ act: "lift", path: "/v1/stops/lift", subject, more })}
          >
            <StopSaid stop={stop} />
          </Standing>
        );
      })}
    </ul>
  );
}

export function Refused(props: {
  readonly refused: StopsAnswer["refused"];
  readonly onEnd: OnEnd;
}) {
  const { refused, onEnd } = props;
  return (
    <section>
      <h2 className="group-title">
        Refused changes <span>{refused.length}</span>
      </h2>
      {refused.length === 0 && <Note title="No change is refused" />}
      <ul className="letters" aria-label="Refused changes">
        {refused.map(({ patchId, repository, semanticDigest, reason, at }) => {
          const path = `${patchPath(patchId)}/release`;
          return (
            <Standing
              key={patchId}
              name={<a href={patchAddress(patchId)}>{patchId}</a>}
              reason={reason}
              button={["Release", `Release the change of ${patchId}`]}
              onEnd={() => onEnd({ act: "release", path, subject: patchId })}
            >
              {repository}, <When at={at} /> · the same change, also reformatted or renamed:{" "}
              <code title={semanticDigest}>{semanticDigest.slice(0, 12)}</code>
            </Standing>
          );
        })}
      </ul>
    </section>
  );
}

export function Waivers(props: {
  readonly waivers: StopsAnswer["waivers"];
  readonly onEnd: OnEnd;
}) {
  const { waivers, onEnd } = props;
  return (
    <section>
      <h2 className="group-title">
        Waivers <span>{waivers.length}</span>
      </h2>
      {waivers.length === 0 && <Note title="No rule is waived" />}
      <ul className="letters" aria-label="Waivers">
        {waivers.map((waiver) => {
          const { id, ruleId, path, repository, reason } = waiver;
          const subject = `${ruleId} in ${path} of ${repository}`;
          const more = { id };
          return (
            <Standing
              key={id}
              name={subject}
              reason={reason}
              button={["End", `End the waiver of ${subject}`]}
              onEnd={() => onEnd({ act: "end-waiver", path: "/v1/waivers/end", subject, more })}
            >
              <StopSaid stop={waiver} /> · <code>{id}</code>
            </Standing>
          );
        })}
      </ul>
    </section>
  );
}

function Standing(props: {
  readonly name: ReactNode;
  readonly chip?: ReactNode;
  readonly reason: string;
  /** What the button says, and what it says to whoever does not see the row. */
  readonly button: readonly [label: string, whole: string];
  readonly onEnd: () => void;
  /** Who said so, and when. */
  readonly children: ReactNode;
}) {
  const { name, chip, reason, button, onEnd, children } = props;
  const [label, whole] = button;
  return (
    <li>
      <div className="letter-head">
        <b>{name}</b>
        {chip}
        <button type="button" className="button" aria-label={whole} onClick={onEnd}>
          {label}
        </button>
      </div>
      <p>{reason}</p>
      <p className="soft">{children}</p>
    </li>
  );
}
