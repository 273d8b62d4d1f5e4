import type { Redis } from "ioredis";
import type { DeadLetter } from "./bus.ts";
import { settled } from "./connect.ts";
import type { Keys } from "./keys.ts";

/** The dead letters of these inboxes, oldest first within each partition, at most `limit` of each. */
export async function readDeadLetters(
  redis: Redis,
  keys: Keys,
  inboxes: readonly string[],
  limit: number,
): Promise<DeadLetter[]> {
  const places = inboxes.flatMap((inbox) =>
    Array.from({ length: keys.partitions }, (_, partition) => ({ inbox, partition })),
  );
  const lists = await Promise.all(
    places.map(async ({ inbox, partition }) => {
      const key = keys.deadLetters(partition, inbox);
      const entries = await settled(redis.xrange(key, "-", "+", "COUNT", limit));
      return entries.map(([id, fields]) => decode(inbox, partition, id, fields));
    }),
  );
  return lists.flat();
}

function decode(inbox: string, partition: number, id: string, fields: string[]): DeadLetter {
  // Fields are written by lua/dead-letter.lua in pairs; a payload equal to a field name must not mislead.
  const values = new Map<string, string>();
  for (let at = 0; at + 1 < fields.length; at += 2) {
    values.set(fields[at] ?? "", fields[at + 1] ?? "");
  }
  return {
    id: `${partition}:${id}`,
    inbox,
    partition,
    payload: values.get("m") ?? "",
    error: values.get("error") ?? "",
    deliveryCount: Number(values.get("deliveries")),
    originId: values.get("origin") ?? "",
    atMs: Number(values.get("at")),
  };
}
