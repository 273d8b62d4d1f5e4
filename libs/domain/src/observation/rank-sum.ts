/** Chances that a canary value is larger than a baseline value, which are bet on. */
const chances = [0.55, 0.62, 0.72, 0.9] as const;
export const rankBets = chances.length;

/**
 * Log factors of a rank-sum test of one block, one per chance of the grid, for each of the tolerances.
 * Null: canary values divided by 1 + tolerance are not larger than baseline values in distribution;
 * whatever they are may drift from block to block.
 *
 * U counts the pairs in which the canary is larger (Mann & Whitney 1947), ties half. The bet is
 * exp(tU) over its mean when all orders of the block are equally likely, which is a Gaussian binomial
 * coefficient at q = exp(t), so its mean is exactly 1 and, t being positive, at most 1 when the canary is
 * smaller. Half a point for a tie is the mean of breaking it at random, so by Jensen it wins no more. A
 * block of one pair is the sign test; a larger one wastes less. t follows from the chance bet on and the
 * variance of U.
 */
export function rankIncrements(
  baseline: readonly number[],
  canary: readonly number[],
  tolerances: readonly number[],
): number[][] {
  const [m, n] = [baseline.length, canary.length];
  if (m === 0 || n === 0) return tolerances.map(() => []);
  const tilts = chances.map((chance) => (12 * (chance - 0.5)) / (m + n + 1));
  const means = tilts.map((tilt) => logMeanTilt(tilt, m, n));
  const theirs = Float64Array.from(baseline).sort();
  const mine = Float64Array.from(canary).sort();
  return tolerances.map((tolerance) => {
    const wins = countWins(theirs, mine, 1 + tolerance);
    return tilts.map((tilt, at) => tilt * wins - (means[at] ?? 0));
  });
}

/** How many of all pairs `mine` wins when it is divided by `scale`, ties half; both are sorted. */
function countWins(theirs: Float64Array, mine: Float64Array, scale: number): number {
  let [below, upTo, doubled] = [0, 0, 0];
  for (const raw of mine) {
    const value = raw / scale;
    while (below < theirs.length && (theirs[below] ?? 0) < value) below += 1;
    upTo = Math.max(upTo, below);
    while (upTo < theirs.length && (theirs[upTo] ?? 0) === value) upTo += 1;
    doubled += below + upTo;
  }
  return doubled / 2;
}

/** ln of the mean of exp(tilt·U) over all orders of m and n values. */
function logMeanTilt(tilt: number, m: number, n: number): number {
  const [few, many] = [Math.min(m, n), Math.max(m, n)];
  let sum = 0;
  for (let at = 1; at <= few; at += 1)
    sum += Math.log((Math.expm1(tilt * (many + at)) * at) / (Math.expm1(tilt * at) * (many + at)));
  return sum;
}
