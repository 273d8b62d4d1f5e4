/** The tables of the statistics, from simulated and from real requests. */
import {
  advanceTest,
  beginTest,
  defaultRules,
  metricUnits,
  observe,
  type Sample,
  startWatch,
} from "@council/domain";
import { digits, percentile, type Table } from "../report.ts";
import { council, testRules } from "./council.ts";
import { followRun, rateOf, requestsToDetect, revertRate, type Rate } from "./measure.ts";
import { seededRandom } from "./random.ts";
import type { RealData } from "./real-data.ts";
import { argo, flagger, growthBook, kayenta, mean, p95, type Rival } from "./rivals.ts";
import {
  type Arms,
  latencyPool,
  type LookValues,
  looksIn6h,
  type Pools,
  type Scenario,
  traffic,
} from "./traffic.ts";

/** How often each is repeated. */
export interface Sizes {
  readonly healthyRuns: number;
  readonly rivalRuns: number;
  readonly detectRuns: number;
  readonly splits: number;
}

/** A measured number beside the goal it has. */
export interface Goal {
  readonly name: string;
  readonly measured: number;
  readonly most: number;
}
export interface Measured {
  readonly table: Table;
  readonly goals: readonly Goal[];
}

const rivals = [argo(0), argo(3), flagger(5), kayenta, growthBook];
const noValues: Arms = { baseline: [], canary: [] };

/** Costs are drawn from the real trace where it is there. */
export function makePools(real: RealData | undefined): Pools {
  const latency = latencyPool(1);
  if (real) return { latency, cost: Float64Array.from(real.requestCosts) };
  const random = seededRandom(2);
  const cost = Float64Array.from(
    { length: 1 << 15 },
    () => 4000 * Math.exp(0.55 * random.normal()),
  );
  return { latency, cost };
}

const truthOf = (pools: Pools) => ({
  latencyP95: p95([...pools.latency]),
  costMean: mean([...pools.cost]),
});
const percent = ({ ratio, upperBound, runs }: Rate) =>
  `${digits(100 * ratio)} % (≤ ${digits(100 * upperBound)} %, ${runs} runs)`;

/** Healthy patches that are taken back within six hours. */
export function falseReverts(pools: Pools, sizes: Sizes): Measured {
  const scenarios: readonly (readonly [string, Scenario, number])[] = [
    ["independent requests", {}, 0.01],
    ["20 min of disturbance in both arms", { shared: { from: 700, to: 820 } }, 0.01],
    ["latency noise of each arm, sd 5 %", { armNoise: 0.05 }, 0.02],
  ];
  const truth = truthOf(pools);
  const rate = (rival: Rival, scenario: Scenario) => {
    const runs = rival === council ? sizes.healthyRuns : sizes.rivalRuns;
    return revertRate(rival, { pools, truth, scenario, runs, looks: looksIn6h });
  };
  const measured = [council, ...rivals].map((rival) => ({
    rival,
    rates: scenarios.map(([, scenario]) => rate(rival, scenario)),
  }));
  const own = measured[0]?.rates ?? [];
  return {
    table: {
      title: "false reverts in 6 h of a healthy patch: latency, cost and accuracy watched",
      columns: ["rule", ...scenarios.map(([name]) => name)],
      rows: measured.map(({ rival, rates }) => [rival.name, ...rates.map(percent)]),
      notes: [
        "10 requests per second and arm, a look every 10 s; in brackets the 95 % upper bound.",
        "Limits of Argo and Flagger: a fifth above the true baseline, accuracy 0.95.",
      ],
    },
    goals: scenarios.map(([name, , most], at) => {
      return { name: `false reverts: ${name}`, measured: own[at]?.ratio ?? 1, most };
    }),
  };
}

const harms: readonly (readonly [string, Scenario, number | undefined])[] = [
  ["latency × 2", { latency: 2 }, 200],
  ["latency × 1.5", { latency: 1.5 }, 400],
  ["latency × 1.3", { latency: 1.3 }, 1200],
  ["cost × 2", { cost: 2 }, 200],
  ["cost × 1.3", { cost: 1.3 }, 800],
  ["accuracy 0.97 → 0.93", { accuracy: 0.93 }, 1800],
  ["latency × 2 after 30 min", { latency: 2, onset: 181 }, undefined],
  ["latency × 1.5 after 30 min", { latency: 1.5, onset: 181 }, undefined],
  ["cost × 2 after 30 min", { cost: 2, onset: 181 }, undefined],
  ["accuracy 0.97 → 0.93 after 30 min", { accuracy: 0.93, onset: 181 }, undefined],
];

/** Canary requests until a harmful patch is taken back. */
export function detection(pools: Pools, sizes: Sizes): Measured {
  const truth = truthOf(pools);
  const columns = [council, argo(3), flagger(5), kayenta, growthBook];
  const goals: Goal[] = [];
  const rows = harms.map(([name, scenario, most]) => {
    const found = columns.map((rival) => {
      const runs = rival === council ? sizes.detectRuns : Math.ceil(sizes.detectRuns / 8);
      return requestsToDetect(rival, { pools, truth, scenario, runs, looks: 360 });
    });
    const [own = [], byArgo = []] = found;
    if (most !== undefined)
      goals.push({ name: `p95 requests: ${name}`, measured: percentile(own, 0.95), most });
    if (most === 200)
      goals.push({
        name: `Council over Argo, medians: ${name}`,
        measured: percentile(own, 0.5) / percentile(byArgo, 0.5),
        most: 1 / 20,
      });
    return [name, ...found.map((one) => `${shown(one, 0.5)} / ${shown(one, 0.95)}`)];
  });
  return {
    table: {
      title: "canary requests until harm is taken back: median / 95th percentile",
      columns: ["harm", ...columns.map(({ name }) => name)],
      rows,
      notes: [
        `${sizes.detectRuns} runs of Council, an eighth of that of the others; looks of 100 requests per arm.`,
        "– : not within 36,000 requests, or taken back before there was any harm.",
      ],
    },
    goals,
  };
}

const shown = (values: readonly number[], ratio: number) => {
  const value = percentile(values, ratio);
  return Number.isFinite(value) ? digits(value) : "–";
};

/** Real requests in their real order, split into two arms at random. */
export function realTraces(real: RealData, sizes: Sizes): Measured {
  const truth = { latencyP95: 0, costMean: mean(real.requestCosts) };
  const trace = (factor: number, seed: number) => {
    const next = splitter(real.requestCosts, 200, factor, seed);
    const looks = Math.floor(real.requestCosts.length / 200);
    const none = { latency: noValues, accuracy: noValues };
    return followRun(council, truth, looks, () => ({ ...none, cost: next() }));
  };
  const seeds = Array.from({ length: sizes.splits }, (_, at) => at + 1);
  const same = seeds.filter((seed) => trace(1, seed) !== undefined).length;
  const rate = rateOf(same, sizes.splits);
  const rows = [["Azure LLM trace, both arms alike", `taken back in ${percent(rate)}`]];
  for (const factor of [2, 1.3, 1.15]) {
    const found = seeds.slice(0, 300).map((seed) => 100 * (trace(factor, seed) ?? Infinity));
    rows.push([
      `Azure LLM trace, cost × ${factor}`,
      `${shown(found, 0.5)} / ${shown(found, 0.95)} requests`,
    ]);
  }
  let [nabReverts, nabRuns] = [0, 0];
  for (const [, values] of real.series)
    for (const seed of seeds.slice(0, sizes.splits / 10)) {
      const next = splitter(values, 24, 1, seed);
      const look = (): LookValues => ({ cost: noValues, accuracy: noValues, latency: next() });
      nabRuns += 1;
      if (followRun(council, truth, Math.floor(values.length / 24), look)) nabReverts += 1;
    }
  const nab = rateOf(nabReverts, nabRuns);
  rows.push([
    `NAB, ${real.series.size} series with anomalies in both arms`,
    `taken back in ${percent(nab)}`,
  ]);
  const fixed = [...real.series.values()].filter(tripsFixedLimit).length;
  rows.push([
    "  of them a limit 20 % above the first day trips on",
    `${fixed} of ${real.series.size}`,
  ]);
  return {
    table: { title: "real data", columns: ["data", "Council"], rows, notes: [] },
    goals: [
      { name: "false reverts: Azure trace split in two", measured: rate.ratio, most: 0.01 },
      { name: "false reverts: NAB split in two", measured: nab.ratio, most: 0.01 },
    ],
  };
}

/** Deals a series out to two arms, `size` values at a time. */
function splitter(
  values: readonly number[],
  size: number,
  factor: number,
  seed: number,
): () => Arms {
  const { uniform } = seededRandom(seed);
  let from = 0;
  return () => {
    const arms = { baseline: [] as number[], canary: [] as number[] };
    for (const value of values.slice(from, from + size)) {
      if (uniform() < 0.5) arms.baseline.push(value);
      else arms.canary.push(value * factor);
    }
    from += size;
    return arms;
  };
}

/** Four hours over the first day's p95 by a fifth: what a failure limit of 3 on hourly checks aborts for. */
function tripsFixedLimit(values: readonly number[]): boolean {
  const limit = 1.2 * p95(values.slice(0, 288));
  let failed = 0;
  for (let from = 288; from + 12 <= values.length; from += 12)
    if (p95(values.slice(from, from + 12)) > limit) failed += 1;
  return failed > 3;
}

/** Samples per second of processor time, and what a test weighs. */
export function speed(pools: Pools, looks: number): Measured {
  const next = traffic(pools, {}, 99);
  let state = startWatch({
    patchId: "p",
    stage: "s",
    token: 1,
    startedAt: 0,
    watchMinMs: 1e12,
    rules: defaultRules,
  });
  const batches = Array.from({ length: 50 }, () => samplesOf(next()));
  const each = batches[0]?.length ?? 0;
  const before = process.cpuUsage();
  for (let at = 0; at < looks; at += 1)
    state = observe(state, batches[at % batches.length] ?? [], at).state;
  const { user, system } = process.cpuUsage(before);
  const seconds = Math.max((user + system) / 1e6, 1e-6);
  const perSecond = (looks * each) / seconds;
  const small = testRules.map((rule) => {
    const test = state.tests[rule.id] ?? beginTest(rule);
    const waiting = advanceTest(rule, test, {
      baseline: batches[0]?.map(valueOf) ?? [],
      canary: [],
    });
    return Math.max(JSON.stringify(test).length, JSON.stringify(waiting).length);
  });
  const largest = Math.max(...small);
  return {
    table: {
      title: "speed and size",
      columns: ["what", "measured"],
      rows: [
        ["samples per second of one core, whole default policy", digits(perSecond)],
        ["largest state of a patch and rule, bytes", digits(largest)],
      ],
      notes: [],
    },
    goals: [
      { name: "seconds for 200,000 samples", measured: 200_000 / perSecond, most: 1 },
      { name: "bytes per patch and rule", measured: largest, most: 2048 },
    ],
  };
}

const valueOf = ({ value }: Sample) => value;

function samplesOf(values: LookValues): Sample[] {
  return (["latency", "cost", "accuracy"] as const).flatMap((metric) =>
    (["baseline", "canary"] as const).flatMap((arm) =>
      values[metric][arm].map((value) => ({
        metric,
        arm,
        value,
        unit: metricUnits[metric],
        at: 0,
      })),
    ),
  );
}
