/** What was taken back, why, and how long it took. */
import { PatchRow } from "./board.tsx";
import { Note } from "./note.tsx";
import type { Snapshot, Store } from "./store.ts";

export function Rollbacks({
  snapshot,
  store,
}: {
  readonly snapshot: Snapshot;
  readonly store: Store;
}) {
  const running = snapshot.patches.filter(({ kind }) => kind === "reverting");
  const blocked = snapshot.patches.filter(({ kind }) => kind === "revert-blocked");
  const done = snapshot.patches.filter(({ kind }) => kind === "reverted");
  const settled = snapshot.patches.filter(({ kind }) => kind === "settled").length;
  const landed = settled + running.length + blocked.length + done.length;
  const ofLanded = landed === 0 ? "–" : `${((100 * (landed - settled)) / landed).toFixed(0)} %`;
  return (
    <>
      <h1 className="page-title">Rollbacks</h1>
      <dl className="figures">
        <Figure name="Being taken back" value={String(running.length)} />
        <Figure name="Need a person" value={String(blocked.length)} tone={blocked.length > 0} />
        <Figure name="Taken back" value={String(done.length)} />
        <Figure name="Of all that landed" value={ofLanded} />
      </dl>
      {running.length + blocked.length + done.length === 0 && (
        <Note title={snapshot.isLoaded ? "Nothing was taken back" : "Reading patches…"}>
          <p>
            A breach of a limit, or an operator, starts a rollback; it shows here as it happens.
          </p>
        </Note>
      )}
      <Section title="Being taken back" patches={running} />
      <Section title="Needs a person" patches={blocked} />
      <Section title="Taken back" patches={done} />
      {snapshot.hasOlder && (
        <button
          type="button"
          className="button more"
          disabled={snapshot.isReadingOlder}
          onClick={() => void store.readOlder().catch(() => {})}
        >
          Look further back
        </button>
      )}
    </>
  );
}

export function Figure(props: {
  readonly name: string;
  readonly value: string;
  readonly tone?: boolean;
}) {
  return (
    <div data-tone={props.tone ? "warn" : undefined}>
      <dt>{props.name}</dt>
      <dd>{props.value}</dd>
    </div>
  );
}

function Section(props: { readonly title: string; readonly patches: Snapshot["patches"] }) {
  const { title, patches } = props;
  if (patches.length === 0) return null;
  return (
    <section>
      <h2 className="group-title">
        {title} <span>{patches.length}</span>
      </h2>
      <div className="rows">
        {patches.slice(0, 200).map((patch) => (
          <PatchRow key={patch.id} patch={patch} />
        ))}
      </div>
    </section>
  );
}
