/** Whether landings are paused: said on every view, and changed from every view. Rollbacks never ask (P4). */
import { type ReactNode, useState } from "react";
import { ActDialog } from "./act-dialog.tsx";
import { useShortcuts } from "./keys.tsx";
import { type Resource, useJson } from "./resource.ts";
import type { Store } from "./store.ts";
import { When } from "./when.tsx";

interface Control {
  readonly isPaused: boolean;
  readonly actor?: string;
  readonly reason?: string;
  readonly at?: number;
}

export interface Pause {
  readonly control: Control | undefined;
  readonly turn: () => void;
  /** The question who and why, while it is asked. */
  readonly dialog: ReactNode;
}

/** The switch is a state and no event of the ledger, so it is asked for every few seconds. */
export function usePause(store: Store): Pause {
  const { resource, again } = useJson<Control>(store, "/v1/pause", { everyMs: 3000 });
  const [asked, setAsked] = useState<"pause" | "resume">();
  const control = valueOf(resource);
  const turn = () => {
    if (control) setAsked(control.isPaused ? "resume" : "pause");
  };
  useShortcuts([{ keys: "p", does: "pause landings, or let them go on", run: turn }]);
  const close = () => {
    setAsked(undefined);
    again();
  };
  const dialog = asked && (
    <ActDialog act={asked} path={`/v1/${asked}`} subject="" store={store} onClose={close} />
  );
  return { control, turn, dialog };
}

const valueOf = (resource: Resource<Control>) =>
  resource.kind === "ready" ? resource.value : undefined;

export function PauseSwitch({ control, turn }: Pause) {
  return (
    <button
      type="button"
      className="quiet pause-switch"
      data-paused={control?.isPaused ? "" : undefined}
      disabled={!control}
      onClick={turn}
      title={control?.isPaused ? "Let landings go on" : "Pause landings; rollbacks go on"}
    >
      <span aria-hidden="true">{control?.isPaused ? "▶" : "‖"}</span>
      {control?.isPaused ? "Landings paused" : control ? "Landings on" : "Landings …"}
      <kbd>p</kbd>
    </button>
  );
}

export function PauseBanner({ control, turn }: Pause) {
  if (!control?.isPaused) return null;
  const { actor, reason, at } = control;
  return (
    <div className="pause-banner" role="status">
      <p>
        <b>Landings are paused.</b> Rollbacks go on as ever.{" "}
        <span>
          {actor} said: {reason} · <When at={at} />
        </span>
      </p>
      <button type="button" className="button" onClick={turn}>
        Let them go on
      </button>
    </div>
  );
}
