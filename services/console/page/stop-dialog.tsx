/** Asks what to stop, and until when. */
import { stopScopes } from "@council/domain";
import { useState } from "react";
import { ActDialog } from "./act-dialog.tsx";
import type { Store } from "./store.ts";

interface Scope {
  readonly kind: (typeof stopScopes)[number];
  readonly name: string;
}

export function StopDialog(props: {
  readonly repositories: readonly string[];
  readonly store: Store;
  readonly onClose: () => void;
}) {
  const { repositories, store, onClose } = props;
  const [scope, setScope] = useState<Scope>({ kind: "author", name: "" });
  const [until, setUntil] = useState("");
  const ends = until === "" ? {} : { until: new Date(until).toISOString() };
  return (
    <ActDialog
      act="stop"
      path="/v1/stops"
      subject=""
      more={{ scope, ...ends }}
      store={store}
      onClose={onClose}
    >
      <Which scope={scope} onChange={setScope} repositories={repositories} />
      <label htmlFor="stop-until">Ends by itself, if at all</label>
      <input
        id="stop-until"
        type="datetime-local"
        value={until}
        onChange={({ target }) => setUntil(target.value)}
      />
    </ActDialog>
  );
}

function Which(props: {
  readonly scope: Scope;
  readonly onChange: (scope: Scope) => void;
  /** Known names; those of authors, heads and patches are told by whoever asks. */
  readonly repositories: readonly string[];
}) {
  const { scope, onChange, repositories } = props;
  const known: Partial<Record<Scope["kind"], readonly string[]>> = {
    builder: ["a", "b"],
    repository: repositories,
  };
  return (
    <div className="fields">
      <div>
        <label htmlFor="stop-kind">What</label>
        <select
          id="stop-kind"
          value={scope.kind}
          onChange={({ target }) => onChange({ ...scope, kind: target.value as Scope["kind"] })}
        >
          {stopScopes.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      </div>
      <div>
        <label htmlFor="stop-name">Which one</label>
        <input
          id="stop-name"
          value={scope.name}
          onChange={({ target }) => onChange({ ...scope, name: target.value })}
          list="stop-names"
          autoComplete="off"
          maxLength={300}
          required
        />
        <datalist id="stop-names">
          {known[scope.kind]?.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
      </div>
    </div>
  );
}
