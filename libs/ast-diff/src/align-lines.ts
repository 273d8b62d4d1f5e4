/** A line of either side, counted from 0, or one of each that stand side by side. */
export interface LinePair {
  readonly a?: number;
  readonly b?: number;
}

interface Gap {
  readonly a: number;
  readonly endA: number;
  readonly b: number;
  readonly endB: number;
  readonly depth: number;
}

/** Gaps in gaps beyond this are not looked into: hostile texts have as many as lines. */
const maxDepth = 40;

/**
 * Puts the lines of two texts side by side: equal ends first, then lines that occur once on each
 * side, in their longest common order, and so on in the gaps between them (patience diff). What is
 * left stands side by side as it comes. Only for showing: what changed is told by the syntax.
 */
export function alignLines(a: readonly string[], b: readonly string[]): LinePair[] {
  const [keysA, keysB] = [a, b].map((lines) => lines.map((line) => line.trim()));
  const twin = new Int32Array(a.length).fill(-1);
  const stack: Gap[] = [{ a: 0, endA: a.length, b: 0, endB: b.length, depth: 1 }];
  for (let gap = stack.pop(); gap; gap = stack.pop()) {
    const inner = pairEnds(keysA ?? [], keysB ?? [], gap, twin);
    const { depth } = gap;
    if (inner.a === inner.endA || inner.b === inner.endB || depth > maxDepth) continue;
    let [fromA, fromB] = [inner.a, inner.b];
    const anchors = uniquePairs(keysA ?? [], keysB ?? [], inner);
    for (const [atA, atB] of anchors) {
      twin[atA] = atB;
      stack.push({ a: fromA, endA: atA, b: fromB, endB: atB, depth: depth + 1 });
      [fromA, fromB] = [atA + 1, atB + 1];
    }
    if (anchors.length > 0) stack.push({ ...inner, a: fromA, b: fromB, depth: depth + 1 });
  }
  return zip(twin, a.length, b.length);
}

/** Pairs equal lines from both ends of a gap inwards; the answer is what is left of it. */
function pairEnds(a: readonly string[], b: readonly string[], gap: Gap, twin: Int32Array): Gap {
  let { a: atA, endA, b: atB, endB } = gap;
  while (atA < endA && atB < endB && a[atA] === b[atB]) twin[atA++] = atB++;
  while (endA > atA && endB > atB && a[endA - 1] === b[endB - 1]) twin[--endA] = --endB;
  return { ...gap, a: atA, endA, b: atB, endB };
}

/** Lines that occur once on each side of a gap, as many as are in the same order on both. */
function uniquePairs(
  a: readonly string[],
  b: readonly string[],
  { a: startA, endA, b: startB, endB }: Gap,
): [number, number][] {
  const onlyA = placesOfUnique(a, startA, endA);
  const onlyB = placesOfUnique(b, startB, endB);
  const pairs = [...onlyA].flatMap(([line, atA]): [number, number][] => {
    const atB = onlyB.get(line);
    return atB === undefined ? [] : [[atA, atB]];
  });
  return longestRising(pairs);
}

/** Lines that occur once in a range and are not empty, with their places, in order. */
function placesOfUnique(lines: readonly string[], from: number, to: number): Map<string, number> {
  const places = new Map<string, number>();
  const repeated = new Set([""]);
  for (let at = from; at < to; at++) {
    const line = lines[at] ?? "";
    if (places.has(line)) repeated.add(line);
    places.set(line, at);
  }
  for (const line of repeated) places.delete(line);
  return places;
}

/** The longest series of pairs that rises on both sides; the pairs come in the order of `a`. */
function longestRising(pairs: readonly [number, number][]): [number, number][] {
  const tails: number[] = [];
  const before = new Int32Array(pairs.length).fill(-1);
  for (const [at, [, b]] of pairs.entries()) {
    let [low, high] = [0, tails.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((pairs[tails[middle] ?? 0]?.[1] ?? 0) < b) low = middle + 1;
      else high = middle;
    }
    before[at] = low > 0 ? (tails[low - 1] ?? -1) : -1;
    tails[low] = at;
  }
  const series: [number, number][] = [];
  for (let at = tails.at(-1) ?? -1; at >= 0; at = before[at] ?? -1) {
    const pair = pairs[at];
    if (pair) series.push(pair);
  }
  return series.toReversed();
}

/** Between two pairs, what has no twin stands side by side. */
function zip(twin: Int32Array, countA: number, countB: number): LinePair[] {
  const rows: LinePair[] = [];
  let [a, b] = [0, 0];
  const fill = (endA: number, endB: number): void => {
    while (a < endA && b < endB) rows.push({ a: a++, b: b++ });
    while (a < endA) rows.push({ a: a++ });
    while (b < endB) rows.push({ b: b++ });
  };
  for (const [atA, atB] of twin.entries()) {
    if (atB < 0) continue;
    fill(atA, atB);
    rows.push({ a: a++, b: b++ });
  }
  fill(countA, countB);
  return rows;
}
