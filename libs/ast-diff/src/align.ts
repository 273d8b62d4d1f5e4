/** Alignment of two lists: which entries correspond, in order. */

export type IndexPair = readonly [x: number, y: number];

/** Pairs equal keys, the k-th with the k-th. In the order of the first list; may cross. Linear. */
export function pairEqualKeys<K>(xs: readonly K[], ys: readonly K[]): IndexPair[] {
  const places = new Map<K, number[]>();
  ys.forEach((key, at) => {
    const found = places.get(key);
    if (found) found.push(at);
    else places.set(key, [at]);
  });
  const used = new Map<K, number>();
  const pairs: IndexPair[] = [];
  xs.forEach((key, at) => {
    const turn = used.get(key) ?? 0;
    const place = places.get(key)?.[turn];
    if (place === undefined) return;
    used.set(key, turn + 1);
    pairs.push([at, place]);
  });
  return pairs;
}

/**
 * The heaviest series of pairs in which both indexes rise; weights are positive integers.
 * The pairs come in rising order of the first index. A Fenwick tree of maxima, n log n.
 */
export function heaviestRising(
  pairs: readonly IndexPair[],
  weightOf: (pair: IndexPair) => number,
): IndexPair[] {
  // Most lists have nothing that crosses; every weight is positive, so none is left out.
  if (isRising(pairs)) return [...pairs];
  const sorted = pairs.map(([, y]) => y).toSorted((one, other) => one - other);
  const rankOf = new Map(sorted.map((y, at) => [y, at + 1]));
  const best = new Int32Array(pairs.length + 1).fill(-1);
  const weight = new Float64Array(pairs.length);
  const before = new Int32Array(pairs.length).fill(-1);
  const heavier = (one: number, other: number) =>
    other < 0 || (one >= 0 && (weight[one] ?? 0) > (weight[other] ?? 0)) ? one : other;
  let last = -1;
  pairs.forEach((pair, at) => {
    const rank = rankOf.get(pair[1]) ?? 0;
    let previous = -1;
    for (let k = rank - 1; k > 0; k -= k & -k) previous = heavier(best[k] ?? -1, previous);
    before[at] = previous;
    weight[at] = weightOf(pair) + (previous < 0 ? 0 : (weight[previous] ?? 0));
    for (let k = rank; k <= pairs.length; k += k & -k) best[k] = heavier(at, best[k] ?? -1);
    last = heavier(at, last);
  });
  const series: IndexPair[] = [];
  for (let at = last; at >= 0; at = before[at] ?? -1) {
    const pair = pairs[at];
    if (pair) series.push(pair);
  }
  return series.toReversed();
}

function isRising(pairs: readonly IndexPair[]): boolean {
  let last = -1;
  for (const [, y] of pairs) {
    if (y <= last) return false;
    last = y;
  }
  return true;
}

/**
 * The pairs in rising order whose scores have the greatest sum; a score of 0 never pairs.
 * Takes time and memory in the product of the lengths.
 */
export function bestInOrder(
  xLength: number,
  yLength: number,
  scoreOf: (x: number, y: number) => number,
): IndexPair[] {
  const width = yLength + 1;
  const sums = new Float64Array((xLength + 1) * width);
  const scores = new Float64Array(xLength * yLength);
  for (let x = 0; x < xLength; x++)
    for (let y = 0; y < yLength; y++) {
      const score = scoreOf(x, y);
      scores[x * yLength + y] = score;
      const skipped = Math.max(sums[x * width + y + 1] ?? 0, sums[(x + 1) * width + y] ?? 0);
      const kept = score > 0 ? (sums[x * width + y] ?? 0) + score : 0;
      sums[(x + 1) * width + y + 1] = Math.max(skipped, kept);
    }
  const pairs: IndexPair[] = [];
  let [x, y] = [xLength, yLength];
  while (x > 0 && y > 0) {
    const here = sums[x * width + y] ?? 0;
    if (here === sums[(x - 1) * width + y]) x--;
    else if (here === sums[x * width + y - 1]) y--;
    else pairs.push([--x, --y]);
  }
  return pairs.toReversed();
}
