/** Asks what to stop, and until when. */
import { stopScopes } from "@council/domain";
import { useState } from "react";
import { ActDialog } from "./act-dialog.tsx";
import { Field } from "./field.tsx";
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
      <Field
        id="stop-until"
        label="Ends by itself, if at all"
        value={until}
        onChange={setUntil}
        kind="datetime-local"
        isOptional
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
        <Field
          id="stop-name"
          label="Which one"
          value={scope.name}
          onChange={(name) => onChange({ ...scope, name })}
          known={known[scope.kind] ?? []}
        />
      </div>
    </div>
  );
}
