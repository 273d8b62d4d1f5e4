/**
 * Exact bounds of a chance from `hits` of `trials` (Clopper & Pearson, Biometrika 26, 1934): each bound is
 * wrong with a chance of at most `error`, whatever the true chance is. 0 to 1.
 */
export interface BinomialInterval {
  readonly low: number;
  readonly high: number;
}

/** Both bounds, each wrong with a chance of 2.5 %: an interval of 95 %. Without trials everything is possible. */
export function binomialInterval(hits: number, trials: number): BinomialInterval {
  return {
    low: 1 - upperBound(trials - hits, trials, 0.025),
    high: upperBound(hits, trials, 0.025),
  };
}

/** The largest chance that `hits` of `trials` do not speak against. Without hits at 5 % about 3 / trials. */
export function upperBound(hits: number, trials: number, error: number): number {
  if (hits >= trials) return 1;
  let [low, high] = [0, 1];
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (chanceOfAtMost(hits, trials, middle) > error) low = middle;
    else high = middle;
  }
  return high;
}

/** The chance of at most `hits` of `trials` events that each have chance `ratio`; summed as logarithms. */
export function chanceOfAtMost(hits: number, trials: number, ratio: number): number {
  if (ratio <= 0 || hits >= trials) return 1;
  if (ratio >= 1) return 0;
  let log = trials * Math.log1p(-ratio);
  let sum = Math.exp(log);
  for (let hit = 1; hit <= hits; hit += 1) {
    log += Math.log((trials - hit + 1) / hit) + Math.log(ratio) - Math.log1p(-ratio);
    sum += Math.exp(log);
  }
  return Math.min(1, sum);
}
