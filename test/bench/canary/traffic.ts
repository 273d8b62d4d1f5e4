/** Requests as two arms see them, look by look: what is drawn from, and what goes wrong. */
import { type Random, seededRandom } from "./random.ts";

export type Watched = "latency" | "cost" | "accuracy";
export interface Arms {
  readonly baseline: readonly number[];
  readonly canary: readonly number[];
}
export type LookValues = Readonly<Record<Watched, Arms>>;

export interface Scenario {
  /** Factors on the canary's latency and cost, and its accuracy; absent: as the baseline. */
  readonly latency?: number;
  readonly cost?: number;
  readonly accuracy?: number;
  /** The first look the effect is there; default 1. */
  readonly onset?: number;
  /** Looks in which both arms are disturbed alike. */
  readonly shared?: { readonly from: number; readonly to: number };
  /** Standard deviation of slow noise in each arm's latency alone, as a ratio: a busy neighbour. */
  readonly armNoise?: number;
}

/** Requests per arm and look: ten seconds at ten requests per second. */
export const requestsPerLook = 100;
export const looksIn6h = 2160;
export const healthyAccuracy = 0.97;
/** Looks an arm's noise remembers: five minutes. */
const noiseMemory = 30;

export interface Pools {
  readonly latency: Float64Array;
  readonly cost: Float64Array;
}

/** Latency: log-normal, median 200 ms, sigma 0.6, one request in fifty five times as slow. */
export function latencyPool(seed: number): Float64Array {
  const random = seededRandom(seed);
  return Float64Array.from({ length: 1 << 17 }, () => {
    const slow = random.uniform() < 0.02 ? 5 : 1;
    return 200 * Math.exp(0.6 * random.normal()) * slow;
  });
}

/** One run: a function that gives the values of the next look. */
export function traffic(pools: Pools, scenario: Scenario, seed: number): () => LookValues {
  const random = seededRandom(seed);
  const noises = { baseline: 0, canary: 0 };
  let look = 0;
  return () => {
    look += 1;
    const isBad = look >= (scenario.onset ?? 1);
    const isDisturbed =
      scenario.shared !== undefined && look >= scenario.shared.from && look < scenario.shared.to;
    const arm = (name: "baseline" | "canary") => {
      const noise = nextNoise(random, noises, name, scenario.armNoise ?? 0);
      const own = name === "canary" && isBad ? scenario : {};
      const factor = (effect: number, shared: number) => effect * (isDisturbed ? shared : 1);
      const wrong = 1 - (own.accuracy ?? healthyAccuracy) + (isDisturbed ? 0.04 : 0);
      return {
        latency: draw(random, pools.latency, factor(own.latency ?? 1, 1.3) * Math.exp(noise)),
        cost: draw(random, pools.cost, factor(own.cost ?? 1, 1.4)),
        accuracy: answers(random, wrong),
      };
    };
    const [baseline, canary] = [arm("baseline"), arm("canary")];
    return {
      latency: { baseline: baseline.latency, canary: canary.latency },
      cost: { baseline: baseline.cost, canary: canary.cost },
      accuracy: { baseline: baseline.accuracy, canary: canary.accuracy },
    };
  };
}

/** An autoregressive log factor whose standard deviation is `sd`. */
function nextNoise(
  random: Random,
  noises: { baseline: number; canary: number },
  arm: "baseline" | "canary",
  sd: number,
): number {
  if (sd === 0) return 0;
  const keep = Math.exp(-1 / noiseMemory);
  noises[arm] = keep * noises[arm] + Math.sqrt(1 - keep * keep) * sd * random.normal();
  return noises[arm];
}

function draw({ uniform }: Random, pool: Float64Array, factor: number): number[] {
  const values: number[] = [];
  for (let at = 0; at < requestsPerLook; at += 1)
    values.push((pool[Math.floor(uniform() * pool.length)] ?? 0) * factor);
  return values;
}

function answers({ uniform }: Random, wrong: number): number[] {
  const values: number[] = [];
  for (let at = 0; at < requestsPerLook; at += 1) values.push(uniform() < wrong ? 0 : 1);
  return values;
}
