/**
 * The spend ledger: how long a reservation takes, and how far many callers at once pass the cap.
 *
 * Beside it, interleaved, what is usual elsewhere: read the sum, compare, call, add what it cost.
 * Every caller reserves, waits for a call of 20 ms, settles and goes on until all requests are done.
 */
import { setTimeout as delay } from "node:timers/promises";
import { openSpendLedger } from "@council/bus";
import { Redis } from "ioredis";
import { startBenchRedis } from "./bench-redis.ts";
import { digits, median, percentile } from "./report.ts";
import type { GroupResult } from "./report.ts";

const callers = [10, 50, 200] as const;
const requests = 2000;
const capMicroUsd = 500_000;
const callMs = 20;
const targetP99Ms = 10;

interface Run {
  readonly p50: number;
  readonly p99: number;
  readonly usedMicroUsd: number;
}

/** Costs between $0.004 and $0.013, the worst case $0.013; the same ones in every run. */
const costOf = (request: number) => 4000 + ((request * 7919) % 9000);
const worstCaseMicroUsd = 13_000;

export async function benchSpend({ rounds }: { readonly rounds: number }): Promise<GroupResult> {
  const redis = await startBenchRedis();
  const runs = new Map<string, Run[]>();
  try {
    for (let round = -1; round < rounds; round += 1)
      for (const parallel of callers)
        for (const [name, run] of Object.entries({ council: reserved, "read, then add": added })) {
          await redis.reset("always");
          const measured = await run(redis.url, parallel);
          const key = `${name}|${parallel}`;
          // The first round pays for compiling and is not counted.
          if (round >= 0) runs.set(key, [...(runs.get(key) ?? []), measured]);
        }
  } finally {
    await redis.stop();
  }
  const rows = [...runs].map(([key, all]) => {
    const [name = "", parallel = ""] = key.split("|");
    const over = Math.max(...all.map(({ usedMicroUsd }) => usedMicroUsd - capMicroUsd));
    const middle = (read: (run: Run) => number) => digits(median(all.map(read)));
    return [
      name,
      parallel,
      middle(({ p50 }) => p50),
      middle(({ p99 }) => p99),
      `$${(Math.max(...all.map(({ usedMicroUsd }) => usedMicroUsd)) / 1e6).toFixed(3)}`,
      over > 0 ? `${((over / capMicroUsd) * 100).toFixed(0)} %` : "0",
    ];
  });
  const notes = [
    `Cap $0.50, ${requests} requests of $0.004 to $0.013 at $0.013 worst, ${callMs} ms a call, Redis fsync always.`,
    `Goals: nothing over the cap, p99 of a reservation below ${targetP99Ms} ms. Used is spent plus held, the worst of ${rounds} rounds.`,
  ];
  const columns = ["case", "callers", "p50 ms", "p99 ms", "used", "over the cap"];
  return {
    tables: [{ title: "Reserving money for a paid call", columns, rows, notes }],
    numbers: Object.fromEntries(runs),
  };
}

async function reserved(redisUrl: string, parallel: number): Promise<Run> {
  const ledger = openSpendLedger({
    redisUrl,
    keyPrefix: "bench",
    name: "bench",
    caps: { day: capMicroUsd },
    timeoutMs: 30_000,
  });
  const tookMs = await allRequests(parallel, async (request) => {
    const callId = `c${request}`;
    const about = { head: "gemini", repository: "shop", sender: "ci", patchId: `p${request % 20}` };
    const startedAt = performance.now();
    const { kind } = await ledger.reserve({ ...about, callId, model: "m", worstCaseMicroUsd });
    const took = performance.now() - startedAt;
    if (kind === "reserved") {
      await delay(callMs);
      await ledger.settle(callId, costOf(request));
    }
    return took;
  });
  const { accounts } = await ledger.status();
  const day = accounts.find(({ cap }) => cap === "day");
  await ledger.close();
  return { ...tookMs, usedMicroUsd: (day?.heldMicroUsd ?? 0) + (day?.spentMicroUsd ?? 0) };
}

async function added(redisUrl: string, parallel: number): Promise<Run> {
  const redis = new Redis(redisUrl);
  const tookMs = await allRequests(parallel, async (request) => {
    const startedAt = performance.now();
    const spent = Number((await redis.get("spent")) ?? 0);
    const took = performance.now() - startedAt;
    if (spent < capMicroUsd) {
      await delay(callMs);
      await redis.incrby("spent", costOf(request));
    }
    return took;
  });
  const usedMicroUsd = Number(await redis.get("spent"));
  redis.disconnect();
  return { ...tookMs, usedMicroUsd };
}

async function allRequests(
  parallel: number,
  perform: (request: number) => Promise<number>,
): Promise<{ p50: number; p99: number }> {
  const took: number[] = [];
  let next = 0;
  const caller = async () => {
    while (next < requests) took.push(await perform((next += 1)));
  };
  await Promise.all(Array.from({ length: parallel }, caller));
  return { p50: percentile(took, 0.5), p99: percentile(took, 0.99) };
}
