import type { Rival, Truth } from "./rivals.ts";
import { type LookValues, type Pools, requestsPerLook, type Scenario, traffic } from "./traffic.ts";

/** How often a rival took back, of how many runs, and what that proves. */
export interface Rate {
  readonly reverts: number;
  readonly runs: number;
  readonly ratio: number;
  /** One-sided 95 % upper bound (Clopper and Pearson 1934). */
  readonly upperBound: number;
}

interface Plan {
  readonly pools: Pools;
  readonly truth: Truth;
  readonly scenario: Scenario;
  readonly looks: number;
  readonly runs: number;
}

/** The look at which the rival takes the patch back, or undefined. */
export function followRun(
  rival: Rival,
  truth: Truth,
  looks: number,
  next: () => LookValues,
): number | undefined {
  const watcher = rival.start(truth);
  for (let look = 1; look <= looks; look += 1) if (watcher.look(next())) return look;
  return undefined;
}

/** Runs with the seeds 1 to `runs`: every rival sees the same requests. */
export function revertRate(rival: Rival, plan: Plan): Rate {
  let reverts = 0;
  for (let seed = 1; seed <= plan.runs; seed += 1) {
    const next = traffic(plan.pools, plan.scenario, seed);
    if (followRun(rival, plan.truth, plan.looks, next) !== undefined) reverts += 1;
  }
  return rateOf(reverts, plan.runs);
}

/** Canary requests from the onset to the revert, one per run; Infinity where it was missed. */
export function requestsToDetect(rival: Rival, plan: Plan): number[] {
  const before = (plan.scenario.onset ?? 1) - 1;
  return Array.from({ length: plan.runs }, (_, index) => {
    const next = traffic(plan.pools, plan.scenario, 10_000 + index);
    const look = followRun(rival, plan.truth, before + plan.looks, next);
    // Taken back before the onset: a false alarm, which detects nothing.
    if (look === undefined || look <= before) return Infinity;
    return (look - before) * requestsPerLook;
  });
}

export function rateOf(reverts: number, runs: number): Rate {
  let [low, high] = [reverts / runs, 1];
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (chanceOfAtMost(reverts, runs, middle) > 0.05) low = middle;
    else high = middle;
  }
  return { reverts, runs, ratio: reverts / runs, upperBound: high };
}

function chanceOfAtMost(most: number, runs: number, chance: number): number {
  if (chance >= 1) return most >= runs ? 1 : 0;
  let log = runs * Math.log1p(-chance);
  let sum = Math.exp(log);
  for (let k = 1; k <= most; k += 1) {
    log += Math.log((runs - k + 1) / k) + Math.log(chance) - Math.log1p(-chance);
    sum += Math.exp(log);
  }
  return sum;
}
