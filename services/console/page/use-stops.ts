/** What is stopped. No event of a patch tells of it, so it is asked for every few seconds. */
import { isSameScope, landingStop, restingKinds, type Stop, type Waiver } from "@council/domain";
import type { PatchDetail } from "./api.ts";
import { useJson } from "./resource.ts";
import type { Store } from "./store.ts";

/** As `GET /v1/stops` answers it. */
export interface StopsAnswer {
  /** A quarantine names the repository whose record it stands in. */
  readonly stops: readonly (Stop & { readonly repository?: string })[];
  readonly refused: readonly {
    readonly patchId: string;
    readonly repository: string;
    readonly semanticDigest: string;
    readonly reason: string;
    readonly at: number;
  }[];
  readonly waivers: readonly Waiver[];
}

export type StopsRead = ReturnType<typeof useStops>;

export const useStops = (store: Store) =>
  useJson<StopsAnswer>(store, "/v1/stops", { everyMs: 3000 });

/** The hold of this patch and the widest other stop that keeps it from landing; the pause has its own place. */
export function stopsOf(
  { id, kind, repository = "", author = "", sender = "" }: PatchDetail,
  { resource }: StopsRead,
): { readonly hold?: Stop; readonly wider?: Stop } {
  if (resource.kind !== "ready" || restingKinds.some((each) => each === kind)) return {};
  const { stops } = resource.value;
  const isHold = ({ scope }: Stop) => isSameScope(scope, { kind: "patch", name: id });
  const hold = stops.find(isHold);
  const others = stops.filter((stop) => !isHold(stop) && stop.scope.kind !== "global");
  const wider = landingStop(others, { id, repository, author, sender }, Date.now());
  return { ...(hold ? { hold } : {}), ...(wider ? { wider } : {}) };
}
