/** What this day has cost against its cap, in one tile. */
import { Meter, type SpendReport } from "./caps.tsx";
import { dollars } from "./quantity.ts";
import { useJson } from "./resource.ts";
import type { Store } from "./store.ts";

export function SpendTile({ store }: { readonly store: Store }) {
  const { resource } = useJson<SpendReport>(store, "/v1/spend", { everyMs: 5000 });
  const report = resource.kind === "ready" ? resource.value : undefined;
  const day = report?.windows.find(({ cap }) => cap === "day");
  const limit = day?.limitMicroUsd;
  const of = typeof limit === "number" ? ` of ${dollars(limit)}` : "";
  const isStopped = (report?.suspended.length ?? 0) > 0;
  return (
    <a href="#/spend" className="spend-tile" data-tone={isStopped ? "warn" : undefined}>
      <b>{day ? dollars(day.spentMicroUsd + day.heldMicroUsd) : "–"}</b>
      {isStopped ? "Paid calls stopped" : `Today${of}`}
      {day && <Meter report={day} />}
    </a>
  );
}
