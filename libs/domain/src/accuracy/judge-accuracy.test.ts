import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { binomialInterval, chanceOfAtMost, upperBound } from "./binomial-interval.ts";
import { type BenchmarkScore, judgeAccuracy } from "./judge-accuracy.ts";

const ids = (count: number, from = 0) =>
  Array.from({ length: count }, (_, at) => `c${String(at + from).padStart(4, "0")}`);
const score = (total: number, wrong: readonly string[]): BenchmarkScore => ({
  set: "s",
  total,
  wrong,
});

describe("exact bounds", () => {
  test("are those of Clopper and Pearson", () => {
    // Published values: 95 % of 8 of 10, of 0 of 20 and of 95 of 100.
    for (const [hits, trials, low, high] of [
      [8, 10, 0.4439, 0.9748],
      [0, 20, 0, 0.1684],
      [95, 100, 0.8872, 0.9836],
    ] as const) {
      const interval = binomialInterval(hits, trials);
      expect(interval.low).toBeCloseTo(low, 4);
      expect(interval.high).toBeCloseTo(high, 4);
    }
    expect(upperBound(0, 300, 0.05)).toBeCloseTo(1 - 0.05 ** (1 / 300), 10);
    expect(upperBound(1, 10, 0.05)).toBeCloseTo(0.39416, 4);
    expect(upperBound(4, 4, 0.05)).toBe(1);
    expect(binomialInterval(0, 0)).toEqual({ low: 0, high: 1 });
  });

  test("hold the truth in 95 of 100 cases or more, at every chance: every outcome, enumerated", () => {
    const chanceOf = (k: number, n: number, p: number) =>
      chanceOfAtMost(k, n, p) - (k === 0 ? 0 : chanceOfAtMost(k - 1, n, p));
    for (const trials of [1, 5, 20, 60])
      for (let chance = 0.01; chance < 1; chance += 0.03) {
        let held = 0;
        for (let hits = 0; hits <= trials; hits += 1) {
          const { low, high } = binomialInterval(hits, trials);
          if (low <= chance && chance <= high) held += chanceOf(hits, trials, chance);
        }
        expect(held).toBeGreaterThanOrEqual(0.95 - 1e-9);
      }
  });

  test("hold for sets too large for a chance to be written as a number", () => {
    const { low, high } = binomialInterval(9_500, 10_000);
    expect(low).toBeCloseTo(0.9455, 3);
    expect(high).toBeCloseTo(0.9542, 3);
  });
});

describe("a benchmark score", () => {
  const floor = 0.95;
  const verdict = (now: readonly string[], before: readonly string[], total = 200) =>
    judgeAccuracy(score(total, now), score(total, before), floor).kind;

  test.for([
    ["as before", ids(4), ids(4), "kept"],
    ["better", [], ids(4), "kept"],
    ["a case worse than before", ids(5), ids(4), "kept"],
    ["five cases worse, none better", ids(9), ids(4), "dropped"],
    ["as many better as worse", ids(6, 10), ids(6), "kept"],
    ["surely below the floor", ids(40), ids(4), "below"],
    ["below the floor before, and no worse now", ids(40), ids(40), "kept"],
    ["under the floor by a case or two", ids(12), ids(9), "unclear"],
  ] as const)("%s", ([, now, before, kind]) => {
    expect(verdict(now, before)).toBe(kind);
  });

  test("small drops add up against a baseline that does not move with them", () => {
    const steps = [1, 2, 3, 4, 5].map((step) => ids(4 + step));
    expect(steps.map((now) => verdict(now, ids(4)))).toEqual([
      "kept",
      "kept",
      "kept",
      "kept",
      "dropped",
    ]);
    expect(steps.map((now, at) => verdict(now, steps[at - 1] ?? ids(4)))).toEqual(
      steps.map(() => "kept"),
    );
  });

  test("whatever the answers, no gain is called a drop, and no fair change more often than 1 in 20", () => {
    const subset = fc.uniqueArray(fc.constantFrom(...ids(30)));
    fc.assert(
      fc.property(subset, subset, (now, before) => {
        const { kind, ratio, interval } = judgeAccuracy(score(30, now), score(30, before), floor);
        expect(now.length > before.length || kind === "kept").toBe(true);
        expect(interval.low).toBeLessThanOrEqual(ratio);
        expect(interval.high).toBeGreaterThanOrEqual(ratio);
      }),
    );
    // Of n changed cases, each wrong or right at random: the chance to be called a drop.
    for (let changed = 1; changed <= 20; changed += 1) {
      let called = 0;
      for (let wrong = 0; wrong <= changed; wrong += 1) {
        const one = judgeAccuracy(
          score(1000, ids(wrong)),
          score(1000, ids(changed - wrong, 100)),
          0.5,
        );
        const chance =
          chanceOfAtMost(wrong, changed, 0.5) -
          (wrong === 0 ? 0 : chanceOfAtMost(wrong - 1, changed, 0.5));
        if (one.kind === "dropped") called += chance;
      }
      expect(called).toBeLessThanOrEqual(0.05);
    }
  });
});
