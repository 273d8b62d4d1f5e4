/** Reads the ledger as it grows, and lets a test wait for what it must say. */
import type { Bus } from "@council/bus";
import { type LedgerEntry, partitionOfPatch } from "@council/contracts";
import { restingKinds, type PatchEvent, type PatchEventType } from "@council/domain";

export interface LedgerBook {
  /** All entries of a patch so far, in order. */
  readonly of: (patchId: string) => readonly LedgerEntry[];
  readonly patchIds: () => readonly string[];
  /** Resolves with the entries of the patch once they hold; rejects after `timeoutMs` with what there is. */
  readonly until: (
    patchId: string,
    what: string,
    holds: (entries: readonly LedgerEntry[]) => boolean,
    timeoutMs?: number,
  ) => Promise<readonly LedgerEntry[]>;
  /** Told of every entry as it is read. */
  readonly onEntry: (listener: (entry: LedgerEntry) => void) => void;
  readonly close: () => Promise<void>;
}

interface Waiter {
  readonly patchId: string;
  readonly check: () => void;
}

const usualTimeoutMs = 45_000;

export function openLedgerBook(bus: Bus): LedgerBook {
  const patches = new Map<string, LedgerEntry[]>();
  const waiters = new Set<Waiter>();
  const listeners: ((entry: LedgerEntry) => void)[] = [];
  const closing = new AbortController();
  const of = (patchId: string) => patches.get(patchId) ?? [];
  const read = async () => {
    for await (const { entry } of bus.tailLedger({ signal: closing.signal })) {
      const parsed = JSON.parse(entry) as LedgerEntry;
      patches.set(parsed.patchId, [...of(parsed.patchId), parsed]);
      for (const listener of listeners) listener(parsed);
      for (const waiter of waiters) if (waiter.patchId === parsed.patchId) waiter.check();
    }
  };
  const reading = read();
  return {
    of,
    // What people said for all, and the records of repositories, have chains of their own.
    patchIds: () => [...patches.keys()].filter((id) => partitionOfPatch(id) !== undefined),
    onEntry: (listener) => void listeners.push(listener),
    until: (patchId, what, holds, timeoutMs = usualTimeoutMs) =>
      new Promise((resolve, reject) => {
        const check = () => {
          if (!holds(of(patchId))) return;
          clearTimeout(timer);
          waiters.delete(waiter);
          resolve(of(patchId));
        };
        const waiter = { patchId, check };
        const timer = setTimeout(() => {
          waiters.delete(waiter);
          reject(new Error(`${patchId}: not ${what} in ${timeoutMs} ms:\n${story(of(patchId))}`));
        }, timeoutMs);
        waiters.add(waiter);
        check();
      }),
    close: async () => {
      closing.abort();
      await reading;
    },
  };
}

/** Whether an event of this type is among the entries. */
export function has(type: PatchEventType) {
  return (entries: readonly LedgerEntry[]) => entries.some(({ event }) => event.type === type);
}

/** The events of one type, in order. */
export function eventsOf<Type extends PatchEventType>(
  entries: readonly LedgerEntry[],
  type: Type,
): Extract<PatchEvent, { type: Type }>[] {
  return entries.flatMap(({ event }) =>
    event.type === type ? [event as Extract<PatchEvent, { type: Type }>] : [],
  );
}

const endings: readonly string[] = restingKinds.map((kind) =>
  kind.replaceAll(/(^|-)([a-z])/g, (_, _dash, letter: string) => letter.toUpperCase()),
);

/** Whether the last thing that happened to a patch ends its life, as far as nobody asks for more. */
export function isAtRest(entries: readonly LedgerEntry[]): boolean {
  return endings.includes(entries.at(-1)?.event.type ?? "");
}

/** One line per entry, for people who look for what went wrong. */
export function story(entries: readonly LedgerEntry[]): string {
  return entries
    .map(({ at, event }) => `  ${at} ${event.type} ${JSON.stringify(event).slice(0, 160)}`)
    .join("\n");
}
