/** The Redis of a benchmark: its own process, emptied before each measurement. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { startPrivateRedis } from "@council/scripts/private-tools.ts";
import { Redis } from "ioredis";

export type Fsync = "everysec" | "always";

export interface BenchRedis {
  readonly url: string;
  readonly pid: number;
  readonly version: string;
  /** Empties it and sets when writes reach the disk; its log file starts anew, so that no rewrite falls due. */
  readonly reset: (fsync: Fsync) => Promise<void>;
  readonly stop: () => Promise<void>;
}

export async function startBenchRedis(): Promise<BenchRedis> {
  const server = process.env["COUNCIL_REDIS_SERVER"];
  if (!server) throw new Error("COUNCIL_REDIS_SERVER is not set: run this through `npm run bench`");
  const dir = mkdtempSync(join(tmpdir(), "council-bench-redis-"));
  const own = await startPrivateRedis({ server, dir });
  const redis = new Redis(own.url);
  const version = /redis_version:(\S+)/.exec(await redis.info("server"))?.[1] ?? "?";
  return {
    url: own.url,
    pid: own.pid,
    version,
    reset: async (fsync) => {
      await redis.config("SET", "appendfsync", fsync);
      await redis.flushall("SYNC");
      // The bus asks a newly started server for the same; one rewrite is enough.
      await redis.bgrewriteaof().catch(() => undefined);
      while (/aof_rewrite_(in_progress|scheduled):1/.test(await redis.info("persistence")))
        await delay(20);
    },
    stop: async () => {
      redis.disconnect();
      await own.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
