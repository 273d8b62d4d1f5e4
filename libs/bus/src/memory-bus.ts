import type { Bus } from "./bus.ts";
import { MemoryStore } from "./memory-store.ts";
import type { MemoryStoreOptions } from "./memory-store.ts";
import { makeBus } from "./make-bus.ts";

export interface MemoryBus extends Bus {
  /**
   * Takes all pending entries of an inbox from their holders, whose commits are fenced from now on; the next
   * sweep of any consumer delivers them again. Answers how many.
   */
  redeliver(inbox: string): number;
  /** Settles when every inbox is empty: all that was sent is committed or a dead letter. */
  quiet(): Promise<void>;
}

/**
 * The bus in one process's memory, for unit tests: same rules, same consumer, nothing stored. Entries are taken
 * over by age in real time, so tests of redelivery set a small `claimIdleMs`.
 */
export function memoryBus(options: MemoryStoreOptions = {}): MemoryBus {
  const store = new MemoryStore(options);
  return {
    ...makeBus(store),
    redeliver: (inbox) => store.abandon(inbox),
    quiet: async () => {
      while (!store.isQuiet()) await store.changed(1000);
    },
  };
}
