/**
 * What is measured, as cells that do not depend on each other: one rule on one kind of traffic, run after
 * run with seeds of its own. So cells can be run in any order, by any number of processes, and be resumed.
 */
import { levelAt } from "@council/domain";
import { council, councilAt } from "./council.ts";
import { followRun, lookOfDetection } from "./measure.ts";
import { seededRandom } from "./random.ts";
import type { RealData } from "./real-data.ts";
import { argo, flagger, growthBook, kayenta, mean, p95, type Rival, type Truth } from "./rivals.ts";
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

export type Part = "detection" | "row" | "real" | "false";

/** The look at which the patch was taken back, from 1 (after the onset, if there is one); null: never. */
export type Outcome = number | null;

export interface Cell {
  readonly key: string;
  readonly part: Part;
  readonly runs: number;
  /** Seeds count from 1; the same seed gives the same outcome. */
  readonly run: (seed: number) => Outcome;
}

export const rivals = [argo(0), argo(3), flagger(5), kayenta, growthBook] as const;
export const watched = [council, argo(3), flagger(5), kayenta, growthBook] as const;

/** Healthy traffic, and how often a patch on it may be taken back within six hours. */
export const healthy: readonly (readonly [string, Scenario, number])[] = [
  ["independent requests", {}, 0.01],
  ["20 min of disturbance in both arms", { shared: { from: 700, to: 820 } }, 0.01],
  ["latency noise of each arm, sd 5 %", { armNoise: 0.05 }, 0.02],
];

/** Harm, and the requests of which the 95th percentile may need no more. */
export const harms: readonly (readonly [string, Scenario, number | undefined])[] = [
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

/** Places of a lane's row at which Council is measured, with one revert in ten before. */
export const places = [10, 100, 1000] as const;
const ratio = 0.05;
export const atPlace = (position: number): Rival =>
  councilAt(levelAt(ratio, { position, discoveries: position / 10 }));

export const traceFactors = [1, 2, 1.3, 1.15] as const;
const mostFactorRuns = 300;
const detectLooks = 360;
const firstDetectSeed = 10_000;
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

/** Every cell there is at these sizes; those of real data only where they are there. */
export function cellsOf(sizes: Sizes, real: RealData | undefined): Cell[] {
  const pools = makePools(real);
  const truth = { latencyP95: p95([...pools.latency]), costMean: mean([...pools.cost]) };
  return [
    ...harms.flatMap((harm) =>
      watched.map((rival) => detectCell(rival, harm, { pools, truth, sizes })),
    ),
    ...harms
      .slice(0, 6)
      .flatMap((harm) => places.map((place) => rowCell(place, harm, { pools, truth, sizes }))),
    ...(real ? realCells(real, sizes) : []),
    ...healthy.flatMap(([name, scenario]) =>
      [council, ...rivals].map((rival): Cell => {
        const runs = rival === council ? sizes.healthyRuns : sizes.rivalRuns;
        const run = (seed: number) =>
          followRun(rival, truth, looksIn6h, traffic(pools, scenario, seed)) ?? null;
        return { key: keys.false(rival.name, name), part: "false", runs, run };
      }),
    ),
  ];
}

export const keys = {
  false: (rival: string, scenario: string) => `false: ${rival}, ${scenario}`,
  detect: (rival: string, harm: string) => `detection: ${rival}, ${harm}`,
  row: (place: number, harm: string) => `row: place ${place}, ${harm}`,
  trace: (factor: number) => `real: Azure, cost × ${factor}`,
  series: (name: string) => `real: NAB, ${name}`,
} as const;

interface Setting {
  readonly pools: Pools;
  readonly truth: Truth;
  readonly sizes: Sizes;
}

function detectCell(
  rival: Rival,
  [name, scenario]: (typeof harms)[number],
  setting: Setting,
): Cell {
  const { detectRuns } = setting.sizes;
  const runs = rival === council ? detectRuns : Math.ceil(detectRuns / 8);
  const run = detecting(rival, scenario, setting);
  return { key: keys.detect(rival.name, name), part: "detection", runs, run };
}

function rowCell(place: number, [name, scenario]: (typeof harms)[number], setting: Setting): Cell {
  const runs = Math.ceil(setting.sizes.detectRuns / 4);
  const run = detecting(atPlace(place), scenario, setting);
  return { key: keys.row(place, name), part: "row", runs, run };
}

function detecting(rival: Rival, scenario: Scenario, { pools, truth }: Setting): Cell["run"] {
  const before = (scenario.onset ?? 1) - 1;
  return (seed) => {
    const next = traffic(pools, scenario, firstDetectSeed + seed - 1);
    return lookOfDetection(followRun(rival, truth, before + detectLooks, next), before);
  };
}

function realCells(real: RealData, { splits }: Sizes): Cell[] {
  const { requestCosts, series } = real;
  const truth = { latencyP95: 0, costMean: mean(requestCosts) };
  const none = { latency: noValues, cost: noValues, accuracy: noValues };
  return [
    ...traceFactors.map((factor): Cell => {
      const looks = Math.floor(requestCosts.length / 200);
      const run = (seed: number) => {
        const next = splitter(requestCosts, 200, factor, seed);
        return followRun(council, truth, looks, () => ({ ...none, cost: next() })) ?? null;
      };
      const runs = factor === 1 ? splits : Math.min(splits, mostFactorRuns);
      return { key: keys.trace(factor), part: "real", runs, run };
    }),
    ...[...series].map(([name, values]): Cell => {
      const run = (seed: number) => {
        const next = splitter(values, 24, 1, seed);
        const look = (): LookValues => ({ ...none, latency: next() });
        return followRun(council, truth, Math.floor(values.length / 24), look) ?? null;
      };
      return { key: keys.series(name), part: "real", runs: Math.ceil(splits / 10), run };
    }),
  ];
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
