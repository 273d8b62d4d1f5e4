import { faultNamed } from "./fault.ts";
import type { DrillContent, DrillRun } from "@council/contracts";

type Summary = DrillContent["summary"];

/** Detection and recovery over all runs, and how often a harmless patch was taken back. */
export function summarizeRuns(runs: readonly DrillRun[]): Summary {
  const harmless = runs.filter(({ fault }) => isHarmless(fault));
  const takenBack = harmless.filter(({ revertStartedAt }) => revertStartedAt !== undefined).length;
  const detectionMs = spread(runs.flatMap((run) => run.detectionMs ?? []));
  const recoveryMs = spread(runs.flatMap((run) => run.recoveryMs ?? []));
  return {
    ...(detectionMs ? { detectionMs } : {}),
    ...(recoveryMs ? { recoveryMs } : {}),
    deviated: runs.filter(({ deviations }) => deviations.length > 0).length,
    harmless: {
      runs: harmless.length,
      takenBack,
      upperBoundRatio: upperBound(takenBack, harmless.length),
    },
  };
}

function isHarmless(name: string): boolean {
  const kind = faultNamed(name)?.expected.kind;
  return kind === "settled" || kind === "stays";
}

/** Nearest-rank quantiles; undefined without values. */
export function spread(values: readonly number[]): Summary["detectionMs"] {
  const sorted = values.toSorted((left, right) => left - right);
  const at = (ratio: number) => sorted[Math.ceil(sorted.length * ratio) - 1] ?? 0;
  return sorted.length === 0
    ? undefined
    : { count: sorted.length, p50: at(0.5), p95: at(0.95), max: at(1) };
}

/**
 * The largest chance of an event that `hits` of `trials` do not speak against at 95 % (one-sided;
 * Clopper and Pearson, Biometrika 26, 1934). Without hits this is the rule of three: about 3 / trials.
 */
export function upperBound(hits: number, trials: number): number {
  if (hits >= trials) return 1;
  let [low, high] = [0, 1];
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (atMost(hits, trials, middle) > 0.05) low = middle;
    else high = middle;
  }
  return high;
}

/** The chance of at most `hits` of `trials` events that each have chance `ratio`. */
function atMost(hits: number, trials: number, ratio: number): number {
  let term = (1 - ratio) ** trials;
  let sum = term;
  for (let hit = 1; hit <= hits; hit += 1) {
    term *= ((trials - hit + 1) / hit) * (ratio / (1 - ratio));
    sum += term;
  }
  return sum;
}
