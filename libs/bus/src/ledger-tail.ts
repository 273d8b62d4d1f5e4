import type { Redis } from "ioredis";
import type { LedgerItem } from "./bus.ts";
import { BusError } from "./bus-error.ts";
import { isTransient, settled } from "./connect.ts";
import { decodeCursor, startCursor } from "./cursor.ts";
import type { Keys } from "./keys.ts";
import { pause } from "./pause.ts";

const COUNT_PER_PARTITION = 200;
const BLOCK_MS = 1500;

export interface LedgerTailOptions {
  readonly keys: Keys;
  readonly cursor?: string;
  readonly signal: AbortSignal;
  /** Opens a connection for this tail alone. */
  readonly open: () => Redis;
  readonly close: (reader: Redis) => void;
}

/** Every entry once, in order within its partition, from exactly after the cursor. */
export async function* tailLedger(options: LedgerTailOptions): AsyncIterable<LedgerItem> {
  const { keys, cursor, signal } = options;
  const start =
    cursor === undefined ? startCursor(keys.partitions) : decodeCursor(cursor, keys.partitions);
  if (start === undefined) throw new BusError("bad-input", "not a cursor of this bus");
  if (signal.aborted) return;
  const last = [...start];
  const streams = last.map((_, partition) => keys.ledger(partition));
  const partitionOfKey = new Map(streams.map((key, partition) => [key, partition]));
  const reader = options.open();
  const onAbort = (): void => options.close(reader);
  signal.addEventListener("abort", onAbort);
  try {
    for (;;) {
      const reply = await readOnce(reader, streams, last, signal);
      if (reply === undefined) return;
      for (const [key, entries] of reply) {
        const partition = partitionOfKey.get(key) ?? 0;
        for (const [id, fields] of entries) {
          if (signal.aborted) return;
          last[partition] = id;
          yield { partition, id, entry: fields[1] ?? "" };
        }
      }
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    options.close(reader);
  }
}

type Reply = [key: string, entries: [id: string, fields: string[]][]][];

/** Undefined: the tail is over. */
async function readOnce(
  reader: Redis,
  streams: readonly string[],
  last: readonly string[],
  signal: AbortSignal,
): Promise<Reply | undefined> {
  try {
    const reply = await settled(
      reader.xread("COUNT", COUNT_PER_PARTITION, "BLOCK", BLOCK_MS, "STREAMS", ...streams, ...last),
    );
    return (reply ?? []) as Reply;
  } catch (error) {
    if (signal.aborted || (error instanceof BusError && error.code === "closed")) return undefined;
    if (!isTransient(error)) throw error;
    await pause(200, signal);
    return [];
  }
}
