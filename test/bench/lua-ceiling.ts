/**
 * How fast this Redis is at the same hops with nothing around it: the bus's own commit script with the
 * chain's own outcomes, its commands encoded beforehand and pipelined 100 messages at a time. Reading
 * (XREADGROUP of 100) and committing are timed apart; what is needed in between is not timed.
 */
import { commitScript, encodeBatch, GROUP, makeKeys } from "@council/bus/commit-script";
import { Redis } from "ioredis";
import { cpuMeter, hopMessage, patchName, stageNames } from "./bus-chain.ts";
import { hopOutcome } from "./council-chain.ts";
import { encodeChunk, timePipeline } from "./raw-pipeline.ts";

export interface Ceiling {
  /** Reads and commits, as a hop of the chain does both. */
  readonly patchesPerSecond: number;
  /** Commits of entries that were read before. */
  readonly commitsOnlyPerSecond: number;
  /** Processor time of the Redis server for one patch. */
  readonly redisCpuMicros: number;
}

const pipelined = 100;
/** One alone would be a low ceiling: the server reads 16 KiB of each at a time and then writes to disk. */
const connections = 8;
const consumer = "ceiling";
const backpressureLimit = 50_000;

/** `perCall` outcomes travel in one script call: 1, or 100 as in a full batch of the bus. */
export async function measureCeiling(input: {
  readonly redisUrl: string;
  readonly patches: number;
  readonly perCall: 1 | 100;
}): Promise<Ceiling> {
  const { redisUrl, patches, perCall } = input;
  const redis = new Redis(redisUrl);
  const keys = makeKeys("bench", 1);
  try {
    const sha = String(await redis.script("LOAD", commitScript));
    await fill(redis, keys.inbox(0, stageNames[0]), patches);
    let readSeconds = 0;
    let commitSeconds = 0;
    let redisMicros = 0;
    for (const [hop, inbox] of stageNames.entries()) {
      const key = keys.inbox(0, inbox);
      await redis.xgroup("CREATE", key, GROUP, "0", "MKSTREAM");
      const entries = await redis.xrange(key, "-", "+");
      const read = [
        "XREADGROUP",
        "GROUP",
        GROUP,
        consumer,
        "COUNT",
        pipelined,
        "STREAMS",
        key,
        ">",
      ];
      const reads = Array.from({ length: Math.ceil(patches / pipelined) }, () =>
        encodeChunk([read]),
      );
      const commits = encodeCommits({ sha, hop, entries, perCall });
      const cpu = await cpuMeter(redisUrl);
      readSeconds += await timePipeline(redisUrl, reads, connections);
      commitSeconds += await timePipeline(redisUrl, commits, connections);
      redisMicros += (await cpu()).redisMicros;
    }
    const committed = await redis.xlen(keys.ledger(0));
    if (committed !== patches * stageNames.length)
      throw new Error(`${committed} commits were applied, not ${patches * stageNames.length}`);
    return {
      patchesPerSecond: patches / (readSeconds + commitSeconds),
      commitsOnlyPerSecond: patches / commitSeconds,
      redisCpuMicros: redisMicros / patches,
    };
  } finally {
    redis.disconnect();
  }
}

async function fill(redis: Redis, key: string, patches: number): Promise<void> {
  const pipeline = redis.pipeline();
  for (let at = 0; at < patches; at += 1)
    pipeline.xadd(key, "*", "m", JSON.stringify(hopMessage(patchName(at), 0)));
  await pipeline.exec();
}

function encodeCommits(input: {
  readonly sha: string;
  readonly hop: number;
  readonly entries: readonly (readonly [id: string, fields: readonly string[]])[];
  readonly perCall: number;
}): Buffer[] {
  const { sha, hop, entries, perCall } = input;
  const keys = makeKeys("bench", 1);
  const inbox = stageNames[hop] ?? "";
  const requests = entries.map(([entryId, fields]) => ({
    claim: { inbox, partition: 0, entryId, consumer, deliveryCount: 1 },
    outcome: hopOutcome(subjectOf(fields), hop),
  }));
  const calls = chunked(requests, perCall).map((batch) => {
    const encoded = encodeBatch(keys, 0, batch, backpressureLimit);
    return ["EVALSHA", sha, encoded.keys.length, ...encoded.keys, ...encoded.args];
  });
  return chunked(calls, pipelined / perCall).map(encodeChunk);
}

function subjectOf(fields: readonly string[]): string {
  return (JSON.parse(fields[1] ?? "") as { subject: string }).subject;
}

function chunked<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) =>
    items.slice(at * size, (at + 1) * size),
  );
}
