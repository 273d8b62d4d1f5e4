/** Counts of one arm: how many were seen, and how many (or how much) of it was bad. */
export interface Tally {
  readonly count: number;
  readonly bad: number;
}

/** Odds ratios that are bet on: from a slight worsening to a breakdown. */
export const oddsGrid = [1.15, 1.3, 1.6, 2.2, 3.5, 6] as const;

/**
 * Log factors of the two-sample block e-value for proportions, one per odds ratio of the grid (Turner,
 * Ly, Grünwald 2024, arXiv 2106.02693). Null: the canary's share of bad is at most the baseline's in
 * every block; it may drift from block to block.
 *
 * `past` counts the baseline before this block; `expected` is the share of bad that is assumed before
 * anything is known, with the weight of ten samples. `bad` may be a sum of values in 0–1 instead of a
 * count: each factor is convex in a value, so its mean is at most that of a coin with the same mean.
 */
export function oddsIncrements(
  block: { readonly baseline: Tally; readonly canary: Tally },
  past: Tally,
  expected: number,
): number[] {
  const { baseline, canary } = block;
  const p = (past.bad + 10 * expected) / (past.count + 10);
  return oddsGrid.map((ratio) => {
    const q = (ratio * p) / (1 - p + ratio * p);
    const r = (baseline.count * p + canary.count * q) / (baseline.count + canary.count);
    return (
      baseline.bad * Math.log(p / r) +
      (baseline.count - baseline.bad) * Math.log((1 - p) / (1 - r)) +
      canary.bad * Math.log(q / r) +
      (canary.count - canary.bad) * Math.log((1 - q) / (1 - r))
    );
  });
}
