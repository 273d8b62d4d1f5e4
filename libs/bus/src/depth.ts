import type { Redis } from "ioredis";
import type { InboxDepth } from "./bus.ts";
import { settled } from "./connect.ts";
import { GROUP } from "./keys.ts";
import type { Keys } from "./keys.ts";

/** How full each partition of each inbox is; partitions never written are left out. */
export async function readDepth(
  redis: Redis,
  keys: Keys,
  inboxes: readonly string[],
): Promise<InboxDepth[]> {
  const [seconds, micros] = await settled(redis.time());
  const nowMs = Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
  const depths = await Promise.all(
    inboxes.flatMap((inbox) =>
      Array.from({ length: keys.partitions }, (_, partition) =>
        depthOf(redis, keys.inbox(partition, inbox), { inbox, partition, nowMs }),
      ),
    ),
  );
  return depths.filter((depth) => depth !== undefined);
}

async function depthOf(
  redis: Redis,
  key: string,
  at: { readonly inbox: string; readonly partition: number; readonly nowMs: number },
): Promise<InboxDepth | undefined> {
  const [length, first, groups] = await Promise.all([
    settled(redis.xlen(key)),
    settled(redis.xrange(key, "-", "+", "COUNT", 1)),
    settled(redis.xinfo("GROUPS", key)).catch(noneWhenMissing),
  ]);
  if (groups === undefined) return undefined;
  const group = (groups as unknown[][]).find((fields) => valueOf(fields, "name") === GROUP);
  const lag = group === undefined ? length : valueOf(group, "lag");
  const oldestMs = Number(first[0]?.[0].split("-")[0] ?? at.nowMs);
  return {
    inbox: at.inbox,
    partition: at.partition,
    length,
    pending: group === undefined ? 0 : Number(valueOf(group, "pending")),
    lag: typeof lag === "number" ? lag : undefined,
    oldestPendingAgeMs: Math.max(0, at.nowMs - oldestMs),
  };
}

function valueOf(fields: readonly unknown[], name: string): unknown {
  return fields[fields.indexOf(name) + 1];
}

function noneWhenMissing(error: unknown): undefined {
  if (error instanceof Error && error.message.includes("no such key")) return undefined;
  throw error;
}
