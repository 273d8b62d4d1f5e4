/** Asks which rule holds nothing up in which paths, and until when. */
import { useState } from "react";
import { ActDialog } from "./act-dialog.tsx";
import { Field } from "./field.tsx";
import type { Store } from "./store.ts";

export function WaiveDialog(props: {
  readonly repositories: readonly string[];
  readonly store: Store;
  readonly onClose: () => void;
}) {
  const { repositories, store, onClose } = props;
  const [rule, setRule] = useState("");
  const [path, setPath] = useState("");
  const [repository, setRepository] = useState(repositories[0] ?? "");
  const [until, setUntil] = useState("");
  const ends = until === "" ? {} : { until: new Date(until).toISOString() };
  return (
    <ActDialog
      act="waive"
      path="/v1/waivers"
      subject=""
      more={{ rule, path, repository, ...ends }}
      store={store}
      onClose={onClose}
    >
      <Field id="waive-rule" label="Rule" value={rule} onChange={setRule} />
      <Field
        id="waive-path"
        label="In which paths, such as tools/**"
        value={path}
        onChange={setPath}
      />
      <Field
        id="waive-repository"
        label="Of which repository"
        value={repository}
        onChange={setRepository}
        known={repositories}
      />
      <Field
        id="waive-until"
        label="Until"
        value={until}
        onChange={setUntil}
        kind="datetime-local"
      />
    </ActDialog>
  );
}
