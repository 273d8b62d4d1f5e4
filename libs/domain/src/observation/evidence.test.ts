import { describe, expect, test } from "vitest";
import { differenceIncrements, meanIncrements } from "./betting.ts";
import { oddsIncrements } from "./block-odds.ts";
import { countIncrements } from "./event-counts.ts";
import { rankIncrements } from "./rank-sum.ts";
import { addCopy, firstCopy, grow, logEvidence } from "./restart-mixture.ts";

/** The chance of `k` in `n` at `share`. */
function binomial(n: number, k: number, share: number): number {
  let ways = 1;
  for (let at = 1; at <= k; at += 1) ways *= (n - k + at) / at;
  return ways * share ** k * (1 - share) ** (n - k);
}
const expectations = (outcomes: readonly { chance: number; logs: readonly number[] }[]) =>
  (outcomes[0]?.logs ?? []).map((_, bet) =>
    outcomes.reduce((sum, { chance, logs }) => sum + chance * Math.exp(logs[bet]!), 0),
  );
const all = (...counts: number[]): number[][] =>
  counts.reduce<number[][]>(
    (rows, count) => rows.flatMap((row) => Array.from({ length: count }, (_, k) => [...row, k])),
    [[]],
  );

describe("no bet can be expected to win when the canary does no harm: every outcome, enumerated", () => {
  const shapes = [
    [1, 1],
    [3, 1],
    [1, 6],
    [5, 5],
    [12, 4],
  ] as const;
  const pasts = [
    { count: 0, bad: 0 },
    { count: 50, bad: 1 },
    { count: 40, bad: 20 },
    { count: 9, bad: 9 },
  ];
  const block = (nb: number, nc: number, kb: number, kc: number) => ({
    baseline: { count: nb, bad: kb },
    canary: { count: nc, bad: kc },
  });
  const blocksOf = (nb: number, nc: number, past: (typeof pasts)[0], b: number, c: number) =>
    expectations(
      all(nb + 1, nc + 1).map(([kb = 0, kc = 0]) => ({
        chance: binomial(nb, kb, b) * binomial(nc, kc, c),
        logs: oddsIncrements(block(nb, nc, kb, kc), past, 0.05),
      })),
    );

  test("proportions: at equal shares, whatever was assumed of them", () => {
    for (const [nb, nc] of shapes)
      for (const past of pasts)
        for (let share = 0.01; share < 1; share += 0.01)
          expect(Math.max(...blocksOf(nb, nc, past, share, share))).toBeLessThanOrEqual(1 + 1e-12);
  });

  test("proportions: less than 1 when the canary is better", () => {
    for (const [nb, nc] of shapes)
      for (const past of pasts)
        for (const share of [0.1, 0.3, 0.7])
          expect(Math.max(...blocksOf(nb, nc, past, share, share / 2))).toBeLessThan(1);
  });

  test("proportions: more than 1 when it is worse, so there is something to win", () => {
    expect(Math.max(...blocksOf(5, 5, { count: 50, bad: 5 }, 0.1, 0.5))).toBeGreaterThan(1.5);
  });

  test("proportions: values between 0 and 1 win no more than coins of the same mean", () => {
    // Each value is 0.2 or 0.8; the null holds at equal means.
    const logs = all(2, 2, 2, 2).map(([b1 = 0, b2 = 0, c1 = 0, c2 = 0]) => ({
      chance: 1 / 16,
      logs: oddsIncrements(
        block(2, 2, 0.4 + 0.6 * (b1 + b2), 0.4 + 0.6 * (c1 + c2)),
        { count: 20, bad: 10 },
        0.05,
      ),
    }));
    expect(Math.max(...expectations(logs))).toBeLessThanOrEqual(1 + 1e-12);
  });

  test("event counts: given how many events there were, at any exposure and in both directions", () => {
    for (const [events, exposure] of [
      [1, { baseline: 1, canary: 1 }],
      [7, { baseline: 19, canary: 1 }],
      [30, { baseline: 0.3, canary: 0.7 }],
    ] as const)
      for (const tolerance of [0, 0.1])
        for (const direction of ["more", "fewer"] as const) {
          const mine = (1 + tolerance) * exposure.canary;
          const share = mine / (mine + exposure.baseline);
          const outcomes = all(events + 1).map(([canary = 0]) => ({
            chance: binomial(events, canary, share),
            logs: countIncrements({ baseline: events - canary, canary }, exposure, {
              tolerance,
              direction,
            }),
          }));
          for (const mean of expectations(outcomes)) expect(mean).toBeCloseTo(1, 10);
        }
  });

  test("rank sums: over all orders of a block exactly 1, and with ties no more", () => {
    for (const values of [
      [1, 2, 3, 4, 5, 6, 7],
      [1, 1, 2, 2, 2, 3, 3],
    ])
      for (const size of [1, 2, 3, 5]) {
        const splits = all(...values.map(() => 2)).filter(
          (marks) => marks.filter((mark) => mark === 1).length === size,
        );
        const outcomes = splits.map((marks) => ({
          chance: 1 / splits.length,
          logs: rankIncrements(
            values.filter((_, at) => marks[at] === 0),
            values.filter((_, at) => marks[at] === 1),
            [0],
          )[0]!,
        }));
        const least = new Set(values).size === values.length ? 1 - 1e-10 : 0;
        for (const mean of expectations(outcomes)) {
          expect(mean).toBeLessThanOrEqual(1 + 1e-10);
          expect(mean).toBeGreaterThan(least);
        }
      }
  });

  test("rank sums: a block of one pair is the sign test", () => {
    const [won] = rankIncrements([1], [2], [0]);
    const [lost] = rankIncrements([2], [1], [0]);
    const [tied] = rankIncrements([1], [1], [0]);
    for (const at of won!.keys()) {
      expect(Math.exp(won![at]!) + Math.exp(lost![at]!)).toBeCloseTo(2, 12);
      expect(tied![at]).toBeCloseTo((won![at]! + lost![at]!) / 2, 12);
    }
    expect(rankIncrements([1], [1.09], [0.1])).toEqual(rankIncrements([2], [1], [0]));
  });

  test("means against a limit: 1 at the limit, however rare and large the large values are", () => {
    for (const chance of [0.5, 0.01, 1e-6]) {
      const outcomes = [
        { chance, logs: meanIncrements([2 / chance], 2) },
        { chance: 1 - chance, logs: meanIncrements([0], 2) },
      ];
      for (const mean of expectations(outcomes)) expect(mean).toBeCloseTo(1, 8);
    }
  });

  test("capped differences: 1 when both arms draw from the same values", () => {
    const values = [0, 1, 5, 100];
    const outcomes = all(4, 4, 4, 4).map(([a = 0, b = 0, c = 0, d = 0]) => ({
      chance: 1 / 256,
      logs: differenceIncrements([values[a]!, values[b]!], [values[c]!, values[d]!], {
        cap: 7,
        tolerance: 0,
      }),
    }));
    for (const mean of expectations(outcomes)) expect(mean).toBeCloseTo(1, 10);
  });
});

describe("beginning anew", () => {
  /** Follows every sequence of fair coins; copies begin after every second one. */
  function sequences(length: number) {
    const [win, lose] = [rankIncrements([1], [2], [0])[0]!, rankIncrements([2], [1], [0])[0]!];
    return all(...Array.from({ length }, () => 2)).map((coins) => {
      let [wealth, copies, highest] = [firstCopy(win.length), 1, 0];
      for (const [at, coin] of coins.entries()) {
        wealth = grow(wealth, coin === 1 ? win : lose);
        if (at % 2 === 1) wealth = addCopy(wealth, copies++);
        highest = Math.max(highest, logEvidence(wealth, copies));
      }
      return { last: Math.exp(logEvidence(wealth, copies)), highest };
    });
  }

  test("all copies and their reserve together are a fair game", () => {
    const ends = sequences(12);
    expect(ends.reduce((sum, { last }) => sum + last, 0) / ends.length).toBeCloseTo(1, 10);
  });

  test("the evidence ever reaches x with a chance of at most 1/x", () => {
    const ends = sequences(14);
    for (const x of [2, 3, 5, 10]) {
      const reached = ends.filter(({ highest }) => highest >= Math.log(x)).length / ends.length;
      expect(reached).toBeLessThanOrEqual(1 / x);
    }
    expect(ends.some(({ highest }) => highest >= Math.log(10))).toBe(true);
  });

  test("a new copy forgets what the old ones lost", () => {
    const lost = grow(firstCopy(1), [-500]);
    const late = Array.from({ length: 180 }).reduce<number[]>(
      (log, _, at) => addCopy(log, at + 1),
      lost,
    );
    expect(logEvidence(grow(late, [12]), 181)).toBeGreaterThan(8);
  });
});
