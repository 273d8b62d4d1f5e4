/** Shares of the wealth that are staked on each value. */
const stakes = [0.02, 0.05, 0.1, 0.2, 0.4, 0.8] as const;
export const stakeBets = stakes.length;

/** Beyond this a product is turned into its logarithm before it can overflow. */
const largeProduct = 1e100;

/**
 * Log factors of betting that the mean of `gains` is above 0, one per stake (Waudby-Smith & Ramdas 2024,
 * arXiv 2010.09686). Every gain must be at least −1; larger than 1e100 is taken as 1e100.
 */
function stakeIncrements(count: number, gainAt: (at: number) => number): number[] {
  return stakes.map((stake) => {
    let sum = 0;
    let product = 1;
    for (let at = 0; at < count; at += 1) {
      product *= 1 + stake * Math.min(gainAt(at), largeProduct);
      if (product > largeProduct || product < 1 / largeProduct) {
        sum += Math.log(product);
        product = 1;
      }
    }
    return sum + Math.log(product);
  });
}

/**
 * Bets on paired differences, both values cut at `cap`, which must be known before the block. Null: the
 * mean of min(canary / (1 + `tolerance`), cap) is at most that of min(baseline, cap).
 */
export function differenceIncrements(
  baseline: readonly number[],
  canary: readonly number[],
  { cap, tolerance }: { readonly cap: number; readonly tolerance: number },
): number[] {
  const pairs = Math.min(baseline.length, canary.length);
  const gains = new Float64Array(pairs);
  for (let at = 0; at < pairs; at += 1)
    gains[at] =
      (Math.min((canary[at] ?? 0) / (1 + tolerance), cap) - Math.min(baseline[at] ?? 0, cap)) / cap;
  return stakeIncrements(pairs, (at) => gains[at] ?? 0);
}

/**
 * Bets that the mean of nonnegative values is above `limit` (> 0); no upper bound of the values is needed
 * (Mineiro 2022, arXiv 2210.11133). Null: the mean, given the past, is at most `limit` at all times.
 */
export function meanIncrements(values: readonly number[], limit: number): number[] {
  return stakeIncrements(values.length, (at) => (values[at] ?? 0) / limit - 1);
}
