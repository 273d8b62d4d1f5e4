import type { LedgerEntry } from "@council/contracts";

export interface PatchLedger {
  readonly take: (entry: LedgerEntry) => void;
  readonly of: (patchId: string) => readonly LedgerEntry[];
  /** Told of every new entry; the answer ends it. */
  readonly listen: (onEntry: (entry: LedgerEntry) => void) => () => void;
  /** The first entry of the patch that is meant, known already or to come; undefined after `timeoutMs`. */
  readonly until: (
    patchId: string,
    isMeant: (entry: LedgerEntry) => boolean,
    timeoutMs: number,
  ) => Promise<LedgerEntry | undefined>;
}

/** Keeps what the feed tells, by patch; what comes twice counts once. */
export function patchLedger(): PatchLedger {
  const entries = new Map<string, LedgerEntry[]>();
  const listeners = new Set<(entry: LedgerEntry) => void>();
  const of = (patchId: string) => entries.get(patchId) ?? [];
  const listen = (onEntry: (entry: LedgerEntry) => void) => {
    listeners.add(onEntry);
    return () => void listeners.delete(onEntry);
  };
  return {
    of,
    listen,
    take: (entry) => {
      const known = of(entry.patchId);
      if (entry.sequence <= (known.at(-1)?.sequence ?? 0)) return;
      entries.set(entry.patchId, [...known, entry]);
      for (const listener of listeners) listener(entry);
    },
    until: (patchId, isMeant, timeoutMs) => {
      const found = of(patchId).find(isMeant);
      if (found) return Promise.resolve(found);
      return new Promise((resolve) => {
        const settle = (entry: LedgerEntry | undefined) => {
          clearTimeout(timer);
          stop();
          resolve(entry);
        };
        const timer = setTimeout(() => settle(undefined), timeoutMs);
        const stop = listen((entry) => {
          if (entry.patchId === patchId && isMeant(entry)) settle(entry);
        });
      });
    },
  };
}
