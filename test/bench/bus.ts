/**
 * The bus: five-stage chains per second and their latency.
 *
 * Peers, interleaved in one sitting on one private Redis: BullMQ (the same chain), and the ceiling this
 * Redis has for the bus's own commit script, called once per message or once per 100. Both fsync
 * policies. Each round runs every case once, each on an emptied server, in turning order.
 */
import { startBenchRedis } from "./bench-redis.ts";
import type { BenchRedis, Fsync } from "./bench-redis.ts";
import { bullmqChain } from "./bullmq-chain.ts";
import { measureLatency, measureThroughput } from "./bus-chain.ts";
import type { OpenChain, Throughput } from "./bus-chain.ts";
import { councilChain } from "./council-chain.ts";
import { measureCeiling } from "./lua-ceiling.ts";
import type { Ceiling } from "./lua-ceiling.ts";
import { digits, median, percentile } from "./report.ts";
import type { GroupResult, Table } from "./report.ts";

const fsyncs: readonly Fsync[] = ["everysec", "always"];
const offeredPerSecond = [200, 1000] as const;
const latencySeconds = 4;
const chains = {
  "council, 1 partition": councilChain(1),
  "council, 16 partitions": councilChain(16),
  bullmq: bullmqChain,
} satisfies Record<string, OpenChain>;
const ceilings = { "ceiling, per message": 1, "ceiling, per batch": 100 } as const;
const targets = { bullmq: 4, perMessage: 0.65, perBatch: 0.8 };

type ChainName = keyof typeof chains;
type CeilingName = keyof typeof ceilings;

interface Measured {
  /** By fsync policy and case; one entry per round. */
  readonly throughput: Map<string, Throughput[]>;
  readonly ceiling: Map<string, Ceiling[]>;
  /** By fsync policy, case and rate: the p50 and p99 of each round in ms. */
  readonly latency: Map<string, { p50: number; p99: number }[]>;
}

export async function benchBus({ rounds }: { readonly rounds: number }): Promise<GroupResult> {
  const redis = await startBenchRedis();
  const measured: Measured = { throughput: new Map(), ceiling: new Map(), latency: new Map() };
  try {
    // Not counted: the first run of each case pays for compiling it.
    await measureRound(
      redis,
      { throughput: new Map(), ceiling: new Map(), latency: new Map() },
      500,
    );
    for (let round = 0; round < rounds; round += 1) {
      console.log(`  round ${round + 1} of ${rounds}: throughput`);
      await measureRound(redis, measured, 10_000, round);
      console.log(`  round ${round + 1} of ${rounds}: latency`);
      await measureLatencies(redis, measured.latency);
    }
  } finally {
    await redis.stop();
  }
  return {
    tables: [throughputTable(measured, rounds, redis.version), latencyTable(measured, rounds)],
    numbers: Object.fromEntries(
      Object.entries(measured).map(([name, map]) => [name, Object.fromEntries(map)]),
    ),
  };
}

async function measureRound(
  redis: BenchRedis,
  into: Measured,
  patches: number,
  turn = 0,
): Promise<void> {
  const redisUrl = redis.url;
  const cases = [
    ...Object.entries(chains).map(([name, open]) => async (fsync: Fsync) => {
      add(into.throughput, key(fsync, name), await measureThroughput(open, { redisUrl, patches }));
    }),
    ...Object.entries(ceilings).map(([name, perCall]) => async (fsync: Fsync) => {
      add(into.ceiling, key(fsync, name), await measureCeiling({ redisUrl, patches, perCall }));
    }),
  ];
  const turned = cases.map((_, at) => cases[(at + turn) % cases.length]!);
  for (const fsync of fsyncs) {
    for (const run of turned) {
      await redis.reset(fsync);
      await run(fsync);
    }
  }
}

async function measureLatencies(redis: BenchRedis, into: Measured["latency"]): Promise<void> {
  for (const fsync of fsyncs) {
    for (const perSecond of offeredPerSecond) {
      for (const [name, open] of Object.entries(chains)) {
        await redis.reset(fsync);
        const input = { redisUrl: redis.url, perSecond, seconds: latencySeconds };
        const latencies = await measureLatency(open, input);
        add(into, key(fsync, name, perSecond), {
          p50: percentile(latencies, 0.5),
          p99: percentile(latencies, 0.99),
        });
      }
    }
  }
}

function throughputTable(measured: Measured, rounds: number, redisVersion: string): Table {
  const rows = fsyncs.flatMap((fsync) => {
    const chainRate = (name: ChainName) =>
      measured.throughput.get(key(fsync, name))!.map((each) => each.patchesPerSecond);
    const ceilingOf = (name: CeilingName) => measured.ceiling.get(key(fsync, name))!;
    const bullmq = median(chainRate("bullmq"));
    const share = (rate: number, name: CeilingName) =>
      percent(rate / median(ceilingOf(name).map((each) => each.patchesPerSecond)));
    return [
      ...(Object.keys(chains) as ChainName[]).map((name) => {
        const rates = chainRate(name);
        const rate = median(rates);
        const used = measured.throughput.get(key(fsync, name))!;
        return [
          name,
          fsync,
          digits(rate),
          `${digits(Math.min(...rates))}–${digits(Math.max(...rates))}`,
          `${digits(rate / bullmq)}x`,
          share(rate, "ceiling, per message"),
          share(rate, "ceiling, per batch"),
          digits(median(used.map((each) => each.redisCpuMicros))),
          digits(median(used.map((each) => each.nodeCpuMicros))),
          "",
        ];
      }),
      ...(Object.keys(ceilings) as CeilingName[]).map((name) => {
        const rates = ceilingOf(name).map((each) => each.patchesPerSecond);
        const commits = median(ceilingOf(name).map((each) => each.commitsOnlyPerSecond));
        return [
          name,
          fsync,
          digits(median(rates)),
          `${digits(Math.min(...rates))}–${digits(Math.max(...rates))}`,
          `${digits(median(rates) / bullmq)}x`,
          "",
          "",
          digits(median(ceilingOf(name).map((each) => each.redisCpuMicros))),
          "",
          digits(commits),
        ];
      }),
    ];
  });
  return {
    title: `bus: 5-stage patches per second, ${rounds} rounds, Redis ${redisVersion}`,
    columns: [
      "case",
      "fsync",
      "median/s",
      "range",
      "of BullMQ",
      "of ceiling/msg",
      "of ceiling/batch",
      "Redis us",
      "Node us",
      "commits only/s",
    ],
    rows,
    notes: [
      "Denominators are the medians of the same rows' fsync policy. A ceiling counts reading and committing,",
      "as a hop does both; its commits alone come last. us: processor time per patch of the server and of this process.",
      `Targets: ${targets.bullmq}x BullMQ, ${percent(targets.perMessage)} of the ceiling per message, ` +
        `${percent(targets.perBatch)} of the ceiling per batch.`,
    ],
  };
}

function latencyTable({ latency }: Measured, rounds: number): Table {
  const rows = fsyncs.flatMap((fsync) =>
    offeredPerSecond.flatMap((perSecond) => {
      const middle = (name: string, which: "p50" | "p99") =>
        median(latency.get(key(fsync, name, perSecond))!.map((each) => each[which]));
      const peer = middle("bullmq", "p99");
      return Object.keys(chains).map((name) => [
        name,
        fsync,
        String(perSecond),
        digits(middle(name, "p50")),
        digits(middle(name, "p99")),
        digits(middle(name, "p99") / peer),
      ]);
    }),
  );
  return {
    title: `bus: from due to committed at the last of 5 stages, ms, ${rounds} rounds`,
    columns: ["case", "fsync", "offered/s", "p50", "p99", "p99 of BullMQ's"],
    rows,
    notes: [
      `Open loop, ${latencySeconds} s each after 1 s not counted; medians of the rounds' percentiles.`,
    ],
  };
}

function key(...parts: readonly (string | number)[]): string {
  return parts.join(" / ");
}

function add<Value>(map: Map<string, Value[]>, name: string, value: Value): void {
  map.set(name, [...(map.get(name) ?? []), value]);
}

function percent(ratio: number): string {
  return `${Math.round(100 * ratio)} %`;
}
