import { describe, expect, test } from "vitest";
import {
  climb,
  emptySpread,
  type Interval,
  type Ladder,
  meanInterval,
  quantileInterval,
  spreadOf,
} from "./interval.ts";
import { emptyTrail, extendTrail, pointsOf, type Trail } from "./trail.ts";

/** Numbers that look random, the same every time. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return ((state >>> 8) + 0.5) / 2 ** 24;
  };
}
const [runs, looks, size] = [200, 20, 50];

/** The share of runs in which any look's interval misses the truth, and the intervals at the end. */
function missed(truth: number, begin: (next: () => number) => () => Interval | undefined) {
  const ends: Interval[] = [];
  let wrong = 0;
  for (let run = 0; run < runs; run += 1) {
    const look = begin(numbers(1 + run * 7919));
    let isWrong = false;
    let interval: Interval | undefined;
    for (let at = 0; at < looks; at += 1) {
      interval = look();
      if (interval && (truth < interval.low || truth > interval.high)) isWrong = true;
    }
    if (interval) ends.push(interval);
    if (isWrong) wrong += 1;
  }
  return { share: wrong / runs, ends };
}
const values = (next: () => number, draw: (uniform: number) => number) =>
  Array.from({ length: size }, () => draw(next()));

describe("an interval holds the truth at every look of nine runs in ten or more", () => {
  test("of a skewed mean", () => {
    const { share, ends } = missed(200, (next) => {
      let spread = emptySpread;
      return () => {
        spread = spreadOf(
          spread,
          values(next, (uniform) => -200 * Math.log(uniform)),
        );
        return meanInterval(spread, Infinity);
      };
    });
    expect(share).toBeLessThanOrEqual(0.1);
    expect(ends).toHaveLength(runs);
    for (const { low, high } of ends) expect(high - low).toBeLessThan(60);
  });

  test("of a p95", () => {
    const { share, ends } = missed(-200 * Math.log(0.05), (next) => {
      let ladder: Ladder | undefined;
      return () => {
        ladder = climb(
          ladder,
          values(next, (uniform) => -200 * Math.log(uniform)),
          550,
        );
        return ladder && quantileInterval(ladder, 0.95);
      };
    });
    expect(share).toBeLessThanOrEqual(0.1);
    expect(ends).toHaveLength(runs);
    for (const { low, high } of ends) expect(high / low).toBeLessThan(1.7);
  });
});

test("values in any batches give the spread of all of them", () => {
  const all = [3, 1, 4, 1, 5, 9, 2, 6];
  const once = spreadOf(emptySpread, all);
  const parts = [all.slice(0, 3), [], all.slice(3)];
  const pieces = parts.reduce((known, part) => spreadOf(known, part), emptySpread);
  expect(once.mean).toBeCloseTo(31 / 8, 12);
  expect(once.square).toBeCloseTo(173 - 31 ** 2 / 8, 10);
  expect([pieces.count, pieces.mean]).toEqual([8, once.mean]);
  expect(pieces.square).toBeCloseTo(once.square, 10);
});

test("P3: too few values have no interval; a ratio stays within 0 and 1", () => {
  const few = spreadOf(
    emptySpread,
    Array.from({ length: 99 }, () => 1),
  );
  expect(meanInterval(few, 1)).toBeUndefined();
  const right = spreadOf(few, [0, 1]);
  expect(meanInterval(right, 1)).toMatchObject({ high: 1 });
  const ladder = climb(undefined, [100, 120, 130], 125);
  expect(ladder && quantileInterval(ladder, 0.95)).toBeUndefined();
  expect(climb(undefined, [0, 0], 0)).toBeUndefined();
});

test("a trail of any length is at most 60 points, evenly over the whole watch, the newest last", () => {
  let trail: Trail = emptyTrail;
  for (let look = 0; look < 1000; look += 1) {
    trail = extendTrail(trail, [look * 10, look / 3]);
    const points = pointsOf(trail, [look * 10, look / 3]);
    const times = points.map(([since]) => since);
    expect(points.length).toBeLessThanOrEqual(60);
    expect([times[0], times.at(-1)]).toEqual([0, look * 10]);
    const gaps = new Set(times.slice(1, -1).map((since, at) => since - (times[at] ?? 0)));
    expect(gaps.size).toBeLessThanOrEqual(1);
    expect(points.length).toBeGreaterThanOrEqual(Math.min(look + 1, 30));
  }
  expect(trail.points[1]).toEqual([320, 10.7]);
});
