import type { Claim } from "./bus.ts";
import type { MemoryStore } from "./memory-store.ts";
import type { MemoryStream } from "./memory-stream.ts";
import type { Entry, InboxPort, Takeover } from "./store.ts";

/** One consumer's side of one inbox of the in-memory twin. */
export function memoryInbox(store: MemoryStore, inbox: string, consumer: string): InboxPort {
  let interrupted = false;
  const entryAt = (partition: number, entryId: string, deliveryCount: number): Entry => {
    const payload = store.partition(partition).inbox(inbox).entries.get(entryId) ?? "";
    return { inbox, partition, entryId, consumer, deliveryCount, payload };
  };
  const deliver = (count: number): Entry[] => {
    const entries: Entry[] = [];
    for (let partition = 0; partition < store.partitions; partition += 1) {
      const ids = store
        .partition(partition)
        .inbox(inbox)
        .deliver(consumer, count - entries.length);
      entries.push(...ids.map((id) => entryAt(partition, id, 1)));
    }
    return entries;
  };
  const ifHeld = (claim: Claim, act: (stream: MemoryStream) => void): boolean => {
    const stream = store.partition(claim.partition).inbox(claim.inbox);
    if (!stream.isHeldBy(claim)) return false;
    act(stream);
    return true;
  };
  const interrupt = async (): Promise<void> => {
    interrupted = true;
    store.wake();
  };
  return {
    read: async (count, blockMs) => {
      const found = deliver(count);
      if (found.length > 0 || interrupted) return found;
      await store.changed(blockMs);
      return deliver(count);
    },
    interrupt,
    takeOver: async (partition, minIdleMs): Promise<Takeover> => {
      const taken = store.partition(partition).inbox(inbox).takeOver(consumer, minIdleMs);
      return { entry: taken && entryAt(partition, taken.id, taken.deliveryCount), lostIds: [] };
    },
    hold: async (claims) =>
      claims.map((claim) => ifHeld(claim, (stream) => stream.touch(claim.entryId, 0, false))),
    release: async (claims) => {
      for (const claim of claims) ifHeld(claim, (stream) => stream.touch(claim.entryId, -1, true));
    },
    retry: async (claim) => {
      const held = ifHeld(claim, (stream) => stream.touch(claim.entryId, 1, false));
      return held ? { ...claim, deliveryCount: claim.deliveryCount + 1 } : undefined;
    },
    deadLetter: async (claim, error) => {
      const held = ifHeld(claim, () => store.partition(claim.partition).bury(claim, error));
      store.wake();
      return held;
    },
    leave: interrupt,
  };
}
