/** What keeps patches from landing although they were approved: stops, freezes, quotas, refused changes. */
import type { LimitsAnswer } from "@council/contracts";
import { useState } from "react";
import { ActDialog } from "./act-dialog.tsx";
import { useShortcuts } from "./keys.tsx";
import { Freezes, Quotas } from "./limits.tsx";
import { Note, ResourceNote } from "./note.tsx";
import { Refused, StandingStops, type Undoing } from "./standing-stops.tsx";
import { StopDialog } from "./stop-dialog.tsx";
import { useJson } from "./resource.ts";
import type { Store } from "./store.ts";
import { useStops } from "./use-stops.ts";

export function Stops({ store }: { readonly store: Store }) {
  const stops = useStops(store);
  const limits = useJson<LimitsAnswer>(store, "/v1/limits", { everyMs: 5000 });
  const [asked, setAsked] = useState<"stop" | Undoing>();
  useShortcuts([{ keys: "s", does: "stop something", run: () => setAsked("stop") }]);
  const close = () => {
    setAsked(undefined);
    stops.again();
  };
  const repositories =
    limits.resource.kind === "ready" ? limits.resource.value.repositories : undefined;
  return (
    <>
      <div className="title-line">
        <h1 className="page-title">Stops</h1>
        <button type="button" className="button is-danger" onClick={() => setAsked("stop")}>
          Stop something <kbd>s</kbd>
        </button>
      </div>
      {stops.resource.kind === "ready" ? (
        <StandingStops stops={stops.resource.value.stops} onUndo={setAsked} />
      ) : (
        <ResourceNote
          {...stops}
          resource={stops.resource}
          absent={<Note title="This gateway does not show its stops" />}
        />
      )}
      {repositories ? (
        <>
          <Freezes repositories={repositories} />
          <Quotas repositories={repositories} />
        </>
      ) : (
        limits.resource.kind !== "ready" && (
          <ResourceNote
            {...limits}
            resource={limits.resource}
            absent={<Note title="This gateway does not show freezes and quotas" />}
          />
        )
      )}
      {stops.resource.kind === "ready" && (
        <Refused refused={stops.resource.value.refused} onUndo={setAsked} />
      )}
      {asked === "stop" && (
        <StopDialog
          repositories={repositories?.map(({ repository }) => repository) ?? []}
          store={store}
          onClose={close}
        />
      )}
      {asked !== undefined && asked !== "stop" && (
        <ActDialog {...asked} store={store} onClose={close} />
      )}
    </>
  );
}
