import type { LedgerEntry } from "@council/contracts";
import { isOver, recordEntry } from "./patch-record.ts";
import type { PatchRecord } from "./patch-record.ts";

export interface PatchFollower {
  readonly take: (entry: LedgerEntry) => void;
  /** When the newest entry came, milliseconds since the epoch. */
  readonly lastAt: () => number;
  /** What is known of the patch when all about it is over, or after `timeoutMs`. */
  readonly ended: (patchId: string, timeoutMs: number) => Promise<PatchRecord | undefined>;
}

/** Folds the feed into one record per patch. Entries that came already are not counted twice. */
export function patchFollower(onEntry: (entry: LedgerEntry) => void): PatchFollower {
  const records = new Map<string, PatchRecord>();
  const sequences = new Map<string, number>();
  const waiting = new Map<string, () => void>();
  let lastAt = Date.now();
  return {
    take: (entry) => {
      const { patchId, sequence } = entry;
      if (sequence <= (sequences.get(patchId) ?? 0)) return;
      sequences.set(patchId, sequence);
      lastAt = Date.now();
      onEntry(entry);
      const record = recordEntry(records.get(patchId) ?? { patchId }, entry);
      records.set(patchId, record);
      if (isOver(record)) waiting.get(patchId)?.();
    },
    lastAt: () => lastAt,
    ended: async (patchId, timeoutMs) => {
      const known = records.get(patchId);
      if (!known || !isOver(known)) {
        const done = Promise.withResolvers<void>();
        const timer = setTimeout(done.resolve, timeoutMs);
        waiting.set(patchId, done.resolve);
        await done.promise;
        clearTimeout(timer);
        waiting.delete(patchId);
      }
      return records.get(patchId);
    },
  };
}
