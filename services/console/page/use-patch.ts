/** One patch, kept true by the feed: its entries are folded here by the very function Council decides with. */
import type { LedgerEntry } from "@council/contracts";
import { evolve, type PatchState } from "@council/domain";
import { useCallback, useEffect, useState } from "react";
import { type PatchDetail, readPatch } from "./api.ts";
import { outcomeOf, type Resource } from "./resource.ts";
import { foldEntry, type Store } from "./store.ts";

export function usePatch(
  id: string,
  store: Store,
): { readonly resource: Resource<PatchDetail>; readonly again: () => void } {
  const [resource, setResource] = useState<Resource<PatchDetail>>({ kind: "loading" });
  const [round, setRound] = useState(0);
  const again = useCallback(() => setRound((before) => before + 1), []);
  useEffect(() => {
    const leaving = new AbortController();
    let known: PatchDetail | undefined;
    const early: LedgerEntry[] = [];
    const show = (detail: PatchDetail) => {
      known = detail;
      setResource({ kind: "ready", value: detail });
    };
    const read = async () => {
      try {
        const detail = await readPatch(id, leaving.signal);
        if (leaving.signal.aborted) return;
        show(early.splice(0).reduce((before, entry) => append(before, entry) ?? before, detail));
      } catch (error) {
        if (!leaving.signal.aborted && !known) setResource(outcomeOf(error));
      }
    };
    const take = (entry: LedgerEntry) => {
      if (entry.patchId !== (known?.id ?? id)) return;
      if (!known) return void early.push(entry);
      const next = append(known, entry);
      // A gap: the patch is read anew.
      if (next) show(next);
      else void read();
    };
    const leave = store.onEntry(take);
    void read();
    return () => {
      leaving.abort();
      leave();
    };
  }, [id, store, round]);
  return { resource, again };
}

/** The patch with one more entry; the same for an old one, undefined when one in between is missing. */
export function append(known: PatchDetail, entry: LedgerEntry): PatchDetail | undefined {
  const last = known.timeline.at(-1)?.sequence ?? 0;
  if (entry.sequence <= last) return known;
  if (entry.sequence !== last + 1) return undefined;
  const line = foldEntry(known, entry);
  return { ...known, ...line, timeline: [...known.timeline, entry] };
}

/** The whole state, folded from the ledger; undefined when its beginning is not there any more. */
export function stateOf(detail: PatchDetail): PatchState | undefined {
  if (detail.timeline[0]?.sequence !== 1) return undefined;
  return detail.timeline
    .map(({ event }) => event)
    .reduce<PatchState | undefined>(evolve, undefined);
}

/** What has been established about a patch, whether folded here or told by the gateway. */
export type Known = NonNullable<PatchDetail["dossier"]> &
  Partial<Pick<PatchState, "renders" | "patch">>;
