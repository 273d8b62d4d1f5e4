import type { Redis } from "ioredis";

/**
 * Has a server that was started anew rewrite its append-only file, once per start, whoever notices first. A server
 * killed in the middle of a transaction may keep the torn half in its file, and the start after next would run it:
 * an effect twice, later writes lost (P1, P8; valkey-io/valkey#4342). The rewrite comes from memory, which is
 * sound. Until it is done a second kill can still strike; whoever starts the server closes that gap by
 * repairing the file first (`redis-check-aof --fix`). A server that does not allow it is left alone.
 */
export async function rewriteAfterRestart(redis: Redis, noteKey: string): Promise<void> {
  try {
    const runId = /run_id:(\w+)/.exec(await redis.info("server"))?.[1];
    if (runId === undefined) return;
    const before = await redis.set(noteKey, runId, "GET");
    if (before !== runId) await redis.bgrewriteaof();
  } catch {
    // Refused, already under way, or the link is gone again: the next start is another chance.
  }
}
