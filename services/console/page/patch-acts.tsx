/** What a person can do to a patch, by button and by key. */
import { useState } from "react";
import { ActDialog } from "./act-dialog.tsx";
import { type PatchAction, type PatchDetail, patchPath } from "./api.ts";
import { useShortcuts } from "./keys.tsx";
import type { Store } from "./store.ts";
import { type StopsRead, stopsOf } from "./use-stops.ts";

/** Approving and denying stand with the steps they are for. */
type PatchAct = Exclude<PatchAction, "approve" | "deny"> | "hold" | "lift";

const actKeys: Readonly<
  Record<PatchAct, { readonly label: string; readonly keys: string; readonly does: string }>
> = {
  hold: { label: "Hold", keys: "h", does: "hold this patch: it lands no further" },
  lift: { label: "Lift the hold", keys: "h", does: "lift the hold of this patch" },
  withdraw: { label: "Withdraw", keys: "w", does: "withdraw this patch" },
  rollback: { label: "Roll back", keys: "r", does: "roll this patch back" },
};

export function PatchActs(props: {
  readonly detail: PatchDetail;
  readonly hasLanded: boolean;
  readonly stops: StopsRead;
  readonly store: Store;
}) {
  const { detail, hasLanded, stops, store } = props;
  const { id, title, kind } = detail;
  const [open, setOpen] = useState<PatchAct>();
  const { hold } = stopsOf(detail, stops);
  const acts = actsFor(kind, { hasLanded, isOnHold: hold !== undefined });
  useShortcuts(acts.map((act) => ({ ...actKeys[act], run: () => setOpen(act) })));
  const close = () => {
    setOpen(undefined);
    stops.again();
  };
  return (
    <>
      <div className="patch-acts">
        {acts.map((act) => (
          <button
            key={act}
            type="button"
            className={act === "rollback" ? "button is-danger" : "button"}
            onClick={() => setOpen(act)}
          >
            {actKeys[act].label} <kbd>{actKeys[act].keys}</kbd>
          </button>
        ))}
      </div>
      {open && (
        <ActDialog
          act={open}
          {...requestOf(open, id)}
          subject={title ?? id}
          store={store}
          onClose={close}
        />
      )}
    </>
  );
}

/** A hold is the stop of one patch, and has no route of its own. */
function requestOf(act: PatchAct, id: string): { path: string; more?: Record<string, unknown> } {
  if (act !== "hold" && act !== "lift") return { path: `${patchPath(id)}/${act}` };
  const more = { scope: { kind: "patch", name: id } };
  return { path: act === "hold" ? "/v1/stops" : "/v1/stops/lift", more };
}

/** What a person can ask for in this state. The patch controller decides; this only leaves out the futile. */
function actsFor(
  kind: PatchDetail["kind"],
  { hasLanded, isOnHold }: { readonly hasLanded: boolean; readonly isOnHold: boolean },
): readonly PatchAct[] {
  const hold = isOnHold ? "lift" : "hold";
  switch (kind) {
    case "held":
      return [hold, hasLanded ? "rollback" : "withdraw"];
    case "landing":
      return hasLanded ? [hold, "rollback"] : [hold, "withdraw", "rollback"];
    case "watching":
      return [hold, "rollback"];
    case "settled":
    case "revert-blocked":
      return ["rollback"];
    case "accepted":
    case "submitted":
    case "rendering":
    case "comparing":
    case "auditing":
      return [hold, "withdraw"];
    default:
      return [];
  }
}
