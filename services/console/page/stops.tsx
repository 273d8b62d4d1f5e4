/** What keeps patches from landing although they were approved: stops, freezes, quotas, refused changes, waivers. */
import type { LimitsAnswer } from "@council/contracts";
import { useState } from "react";
import { ActDialog } from "./act-dialog.tsx";
import { useShortcuts } from "./keys.tsx";
import { Freezes, Quotas } from "./limits.tsx";
import { Note, ResourceNote } from "./note.tsx";
import { type Ending, Refused, StandingStops, Waivers } from "./standing-stops.tsx";
import { StopDialog } from "./stop-dialog.tsx";
import { type Resource, useJson } from "./resource.ts";
import type { Store } from "./store.ts";
import { WaiveDialog } from "./waive-dialog.tsx";
import { useStops } from "./use-stops.ts";

export function Stops({ store }: { readonly store: Store }) {
  const stops = useStops(store);
  const limits = useJson<LimitsAnswer>(store, "/v1/limits", { everyMs: 5000 });
  const [asked, setAsked] = useState<Asked>();
  const close = () => {
    setAsked(undefined);
    stops.again();
  };
  return (
    <>
      <Title onAsk={setAsked} />
      {stops.resource.kind === "ready" ? (
        <StandingStops stops={stops.resource.value.stops} onEnd={setAsked} />
      ) : (
        <ResourceNote
          {...stops}
          resource={stops.resource}
          absent={<Note title="This gateway does not show its stops" />}
        />
      )}
      {limits.resource.kind === "ready" ? (
        <>
          <Freezes repositories={limits.resource.value.repositories} />
          <Quotas repositories={limits.resource.value.repositories} />
        </>
      ) : (
        <ResourceNote
          {...limits}
          resource={limits.resource}
          absent={<Note title="This gateway does not show freezes and quotas" />}
        />
      )}
      {stops.resource.kind === "ready" && (
        <>
          <Refused refused={stops.resource.value.refused} onEnd={setAsked} />
          <Waivers waivers={stops.resource.value.waivers} onEnd={setAsked} />
        </>
      )}
      {asked && (
        <Asking
          asked={asked}
          repositories={namesIn(limits.resource)}
          store={store}
          onClose={close}
        />
      )}
    </>
  );
}

type Asked = "stop" | "waive" | Ending;

const namesIn = (resource: Resource<LimitsAnswer>): readonly string[] =>
  resource.kind === "ready" ? resource.value.repositories.map(({ repository }) => repository) : [];

function Title({ onAsk }: { readonly onAsk: (asked: Asked) => void }) {
  useShortcuts([
    { keys: "s", does: "stop something", run: () => onAsk("stop") },
    { keys: "v", does: "waive a rule for a time", run: () => onAsk("waive") },
  ]);
  return (
    <div className="title-line">
      <h1 className="page-title">Stops</h1>
      <div className="patch-acts">
        <button type="button" className="button" onClick={() => onAsk("waive")}>
          Waive a rule <kbd>v</kbd>
        </button>
        <button type="button" className="button is-danger" onClick={() => onAsk("stop")}>
          Stop something <kbd>s</kbd>
        </button>
      </div>
    </div>
  );
}

function Asking(props: {
  readonly asked: Asked;
  readonly repositories: readonly string[];
  readonly store: Store;
  readonly onClose: () => void;
}) {
  const { asked, ...rest } = props;
  if (asked === "stop") return <StopDialog {...rest} />;
  if (asked === "waive") return <WaiveDialog {...rest} />;
  return <ActDialog {...asked} store={props.store} onClose={props.onClose} />;
}
