/** Which rules have shown that they bite: the last time each took a patch back, and what was never proven. */
import { Note, ResourceNote } from "./note.tsx";
import { useJson } from "./resource.ts";
import { patchAddress } from "./route.ts";
import type { SettingsAnswer } from "./settings.tsx";
import type { Snapshot, Store } from "./store.ts";
import { When } from "./when.tsx";

export function Drills({
  snapshot,
  store,
}: {
  readonly snapshot: Snapshot;
  readonly store: Store;
}) {
  const { resource, again, unlock } = useJson<SettingsAnswer>(store, "/v1/settings");
  return (
    <>
      <h1 className="page-title">Drills</h1>
      <Note title="No drill can be run from here yet">
        <p>
          This gateway offers no drills. Below is what real patches have proven: a rule that never
          took one back is unproven, whatever its limit says.
        </p>
      </Note>
      {resource.kind === "ready" ? (
        resource.value.repositories.map(({ id, policy }) => (
          <section key={id}>
            <h2 className="group-title">{id}</h2>
            <div className="table" tabIndex={0} role="region" aria-label={`Rules of ${id}`}>
              <table className="is-text">
                <thead>
                  <tr>
                    <th scope="col">Rule</th>
                    <th scope="col">Metric</th>
                    <th scope="col">Proven</th>
                    <th scope="col">By</th>
                  </tr>
                </thead>
                <tbody>
                  {policy.rules.map(({ id: rule, metric }) => (
                    <Proof key={rule} rule={rule} metric={metric} repository={id} of={snapshot} />
                  ))}
                </tbody>
              </table>
            </div>
          </section>
        ))
      ) : (
        <ResourceNote resource={resource} again={again} unlock={unlock} absent={undefined} />
      )}
    </>
  );
}

function Proof(props: {
  readonly rule: string;
  readonly metric: string;
  readonly repository: string;
  readonly of: Snapshot;
}) {
  const { rule, metric, repository, of } = props;
  // The sentence of a breach begins with the stage and names the metric and its statistic.
  const proof = of.patches.find(
    (patch) =>
      patch.kind === "reverted" &&
      patch.repository === repository &&
      new RegExp(`^[^:]+: ${metric} `).test(patch.why ?? ""),
  );
  return (
    <tr data-tone={proof ? undefined : "warn"}>
      <th scope="row">{rule}</th>
      <td>{metric}</td>
      <td>{proof ? <When at={proof.submittedAt} /> : "unproven"}</td>
      <td>{proof ? <a href={patchAddress(proof.id)}>{proof.title ?? proof.id}</a> : "–"}</td>
    </tr>
  );
}
