/**
 * What other rollout controllers do with the same looks, written anew from their documentation and
 * source. Each answers whether it takes the patch back now. Limits are set with the true baseline known,
 * which is more than an operator knows.
 */
import type { Arms, LookValues, Watched } from "./traffic.ts";

export interface Watcher {
  /** Takes one look; true when the patch is taken back. */
  readonly look: (values: LookValues) => boolean;
}
export type Rival = { readonly name: string; readonly start: (truth: Truth) => Watcher };

/** The baseline as it really is. */
export interface Truth {
  readonly latencyP95: number;
  readonly costMean: number;
}

const watched: readonly Watched[] = ["latency", "cost", "accuracy"];
const looksPerMinute = 6;

/** Argo Rollouts: once a minute each metric against a fixed limit; more failures than the limit abort. */
export const argo = (failureLimit: number): Rival => ({
  name: `Argo, failureLimit ${failureLimit}`,
  start: (truth) => {
    const failures = { latency: 0, cost: 0, accuracy: 0 };
    return everyMinute((minute) => {
      for (const metric of watched) if (isBeyond(metric, minute, truth)) failures[metric] += 1;
      return watched.some((metric) => failures[metric] > failureLimit);
    });
  },
});

/** Flagger: once a minute all metrics against their ranges; so many failed checks roll back. */
export const flagger = (threshold: number): Rival => ({
  name: `Flagger, threshold ${threshold}`,
  start: (truth) => {
    let failed = 0;
    return everyMinute((minute) => {
      if (watched.some((metric) => isBeyond(metric, minute, truth))) failed += 1;
      return failed >= threshold;
    });
  },
});

/**
 * Kayenta's judge: Mann-Whitney on ten-second points of the last ten minutes, from ten points on, judged
 * once a minute; fails when the 98 % interval of the shift clears a quarter of its estimate.
 */
export const kayenta: Rival = {
  name: "Kayenta, last 10 min",
  start: () => {
    const points = { latency: noPoints(), cost: noPoints(), accuracy: noPoints() };
    let looks = 0;
    return {
      look: (values) => {
        looks += 1;
        for (const metric of watched) {
          const summary = metric === "latency" ? p95 : mean;
          for (const arm of ["baseline", "canary"] as const) {
            const own = points[metric][arm];
            own.push(summary(values[metric][arm]));
            if (own.length > 60) own.shift();
          }
        }
        if (looks < 10 || looks % looksPerMinute !== 0) return false;
        return watched.some((metric) => isShifted(points[metric], metric === "accuracy"));
      },
    };
  },
};

/** GrowthBook's safe rollout: an asymptotic confidence sequence per metric, any significant harm fails. */
export const growthBook: Rival = {
  name: "GrowthBook style",
  start: () => {
    const sums = { latency: noSums(), cost: noSums(), accuracy: noSums() };
    return {
      look: (values) =>
        watched.some((metric) => {
          const own = sums[metric];
          const { baseline, canary } = values[metric];
          for (const [at, value] of canary.entries()) {
            const control = baseline[at] ?? 0;
            const worse =
              metric === "accuracy" ? control - value : Math.log(value) - Math.log(control);
            own.count += 1;
            own.sum += worse;
            own.squares += worse * worse;
          }
          return lowerBound(own) > 0;
        }),
    };
  },
};

function everyMinute(check: (minute: LookValues) => boolean): Watcher {
  let held: LookValues[] = [];
  return {
    look: (values) => {
      held.push(values);
      if (held.length < looksPerMinute) return false;
      const joined = (metric: Watched): Arms => ({
        baseline: [],
        canary: held.flatMap((look) => look[metric].canary),
      });
      const minute = {
        latency: joined("latency"),
        cost: joined("cost"),
        accuracy: joined("accuracy"),
      };
      held = [];
      return check(minute);
    },
  };
}

/** A fifth above the true baseline, or an accuracy under 0.95. */
function isBeyond(metric: Watched, minute: LookValues, truth: Truth): boolean {
  const { canary } = minute[metric];
  if (metric === "latency") return p95(canary) > 1.2 * truth.latencyP95;
  if (metric === "cost") return mean(canary) > 1.2 * truth.costMean;
  return mean(canary) < 0.95;
}

const noPoints = () => ({ baseline: [] as number[], canary: [] as number[] });
const noSums = () => ({ count: 0, sum: 0, squares: 0 });
export const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
export function p95(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? Number.NaN;
}

/** Hodges-Lehmann shift with its 98 % interval by the normal approximation of U. */
function isShifted({ baseline, canary }: Arms, isLowerWorse: boolean): boolean {
  const [n, m] = [canary.length, baseline.length];
  const differences = new Float64Array(n * m);
  for (let i = 0; i < n; i += 1)
    for (let j = 0; j < m; j += 1) {
      const difference = (canary[i] ?? 0) - (baseline[j] ?? 0);
      differences[i * m + j] = isLowerWorse ? -difference : difference;
    }
  differences.sort();
  const spread = 2.326 * Math.sqrt((n * m * (n + m + 1)) / 12);
  const low = differences[Math.max(0, Math.floor((n * m) / 2 - spread))] ?? 0;
  const estimate = differences[Math.floor((n * m) / 2)] ?? 0;
  return low > 0 && low > 0.25 * estimate;
}

/** One-sided, alpha 0.01, tuned for 5,000 samples (Waudby-Smith et al. 2021, arXiv 2103.06476). */
function lowerBound({ count, sum, squares }: ReturnType<typeof noSums>): number {
  if (count < 100) return Number.NEGATIVE_INFINITY;
  const alpha = 0.01;
  const average = sum / count;
  const sd = Math.sqrt(Math.max(0, squares / count - average * average));
  const log = -2 * Math.log(2 * alpha);
  const rho2 = (log + Math.log(log + 1)) / 5000;
  const width =
    ((2 * (count * rho2 + 1)) / (count * count * rho2)) *
    Math.log(1 + Math.sqrt(count * rho2 + 1) / (2 * alpha));
  return average - sd * Math.sqrt(width);
}
