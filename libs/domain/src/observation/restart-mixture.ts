/**
 * A mixture of bets that begin at different times, so that a change long after the start is found almost
 * as fast as one at the start (e-detectors: Shin, Ramdas, Rinaldo 2022, arXiv 2203.03532).
 *
 * Each copy of a bet has a weight; the weights of copies still to come lie in reserve, so the whole is a
 * nonnegative martingale that begins at 1. All copies take the same factors, therefore their weighted sum
 * obeys R ← (R + w)·factor and one number per bet holds them all, however many there are.
 */

/** What the copies still to come weigh. It falls so slowly that a late one still counts for something. */
const reserve = (copies: number) => 1 / (1 + Math.log2(copies + 1));

/** ln(exp(a) + exp(b)) without overflow. */
export function logAddExp(a: number, b: number): number {
  const high = Math.max(a, b);
  return high === -Infinity ? high : high + Math.log1p(Math.exp(Math.min(a, b) - high));
}

/** ln of the mean of exp(x); minus infinity for no values. */
export function logMeanExp(logs: readonly number[]): number {
  let high = -Infinity;
  for (const log of logs) high = Math.max(high, log);
  if (high === -Infinity) return high;
  let sum = 0;
  for (const log of logs) sum += Math.exp(log - high);
  return high + Math.log(sum / logs.length);
}

/** The log wealth of `bets` bets when only the first copy has begun. */
export function firstCopy(bets: number): number[] {
  return Array.from({ length: bets }, () => Math.log(1 - reserve(1)));
}

/** The log wealth after a block that multiplied each bet by exp of its increment. */
export function grow(wealth: readonly number[], increments: readonly number[]): number[] {
  return wealth.map((log, at) => log + (increments[at] ?? 0));
}

/** The log wealth when copy number `copies + 1` begins beside `copies` others. */
export function addCopy(wealth: readonly number[], copies: number): number[] {
  const weight = Math.log(reserve(copies) - reserve(copies + 1));
  return wealth.map((log) => logAddExp(log, weight));
}

/** ln e-value: the mean over the bets, and the reserve of the copies still to come. */
export function logEvidence(wealth: readonly number[], copies: number): number {
  return logAddExp(logMeanExp(wealth), Math.log(reserve(copies)));
}
