import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Arm, type Metric, metricUnits, type Rule } from "./rule.ts";
import type { Sample } from "./samples.ts";
import { conclude, observe, startWatch, type WatchState } from "./watch.ts";

const slow: Rule = {
  id: "slow",
  kind: "relative",
  metric: "latency",
  statistic: "p95",
  worse: "higher",
  tolerance: 0.25,
  minSamples: 20,
  windowSamples: 100,
  confirmations: 2,
  isRequired: true,
};
const floor: Rule = {
  id: "floor",
  kind: "absolute",
  metric: "accuracy",
  statistic: "mean",
  worse: "lower",
  limit: 0.95,
  minSamples: 5,
  windowSamples: 10,
  confirmations: 1,
  isRequired: true,
};
const optional: Rule = { ...floor, id: "optional", isRequired: false };

const watchOf = (...rules: Rule[]) =>
  startWatch({ patchId: "p", stage: "canary", token: 1, startedAt: 0, watchMinMs: 1000, rules });
const samples = (metric: Metric, arm: Arm, values: readonly number[]): Sample[] =>
  values.map((value) => ({ metric, arm, value, unit: metricUnits[metric], at: 1 }));
const many = (count: number, value: number) => Array.from({ length: count }, () => value);
const latency = (canary: readonly number[], baseline: readonly number[] = many(50, 100)) => [
  ...samples("latency", "baseline", baseline),
  ...samples("latency", "canary", canary),
];
const accuracy = (...values: number[]) => samples("accuracy", "canary", values);

/** The kind of verdict after each batch, the last one carried on. */
function looks(state: WatchState, batches: readonly Sample[][], at = 2000): string[] {
  let current = state;
  return batches.map((batch) => {
    const look = observe(current, batch, at);
    current = look.state;
    return look.observation.kind;
  });
}

describe("what is no evidence (P3)", () => {
  const bad: readonly [string, Partial<Sample>][] = [
    ["NaN", { value: Number.NaN }],
    ["infinite", { value: Number.POSITIVE_INFINITY }],
    ["negative infinite", { value: Number.NEGATIVE_INFINITY }],
    ["negative", { value: -1 }],
    ["in a foreign unit", { unit: "percent" }],
    ["of an unknown metric", { metric: "constructor" as Metric }],
  ];
  test.for(bad)("a sample that is %s", ([, changes]) => {
    const batch = accuracy(...many(20, 0.1)).map((sample) => ({ ...sample, ...changes }));
    const { state, observation } = observe(watchOf(floor), batch, 2000);
    expect(observation.kind).toBe("watching");
    expect(observation.readings[0]).toMatchObject({ verdict: "insufficient", canarySamples: 0 });
    expect(state.refusedSamples).toBe(20);
  });

  test("negative deltas are evidence: a change may make things cheaper", () => {
    const rule: Rule = { ...optional, metric: "cost_delta", worse: "higher", limit: 0.01 };
    const { state } = observe(watchOf(rule), samples("cost_delta", "canary", many(5, -2)), 2000);
    expect(state.refusedSamples).toBe(0);
  });

  test("too few samples, however bad they are", () => {
    expect(looks(watchOf(floor), [accuracy(0, 0, 0, 0)])).toEqual(["watching"]);
    expect(looks(watchOf(floor), [accuracy(0, 0, 0, 0, 0)])).toEqual(["breach"]);
  });

  test("a missing baseline makes a relative rule insufficient, however slow the canary is", () => {
    const { observation } = observe(watchOf(slow), latency(many(90, 9999), []), 2000);
    expect(observation.kind).toBe("watching");
    expect(observation.readings[0]?.verdict).toBe("insufficient");
    expect(observation.why).toContain("0 of 20 samples");
  });

  test("a required rule without evidence keeps a patch from being healthy, an optional one does not", () => {
    const good = latency(many(50, 100));
    expect(looks(watchOf(slow, floor), [good])).toEqual(["watching"]);
    expect(looks(watchOf(slow, optional), [good])).toEqual(["healthy"]);
  });
});

describe("windows and hysteresis", () => {
  test("one outlier in fifty does not breach", () => {
    const batch = latency([...many(49, 100), 5000]);
    expect(looks(watchOf(slow), [batch, latency(many(10, 100))], 10)).toEqual([
      "watching",
      "watching",
    ]);
  });

  test("sustained slowness does, at the second look with new samples", () => {
    const batch = latency(many(50, 200));
    expect(looks(watchOf(slow), [batch, latency([200])])).toEqual(["watching", "breach"]);
  });

  test("a look without new canary samples confirms nothing", () => {
    const idle = samples("latency", "baseline", [100]);
    expect(looks(watchOf(slow), [latency(many(50, 200)), idle, [], latency([200])])).toEqual([
      "watching",
      "watching",
      "watching",
      "breach",
    ]);
  });

  test("a look within the limit starts the count anew", () => {
    const rule = { ...slow, windowSamples: 20 };
    const [bad, good] = [latency(many(20, 200)), latency(many(20, 100))];
    expect(looks(watchOf(rule), [bad, good, bad], 10)).toEqual([
      "watching",
      "watching",
      "watching",
    ]);
  });

  test("only the newest samples count", () => {
    const old = accuracy(...many(9, 0.96), 0.95);
    const { state } = observe(watchOf(floor), old, 10);
    expect(observe(state, accuracy(...many(10, 1)), 10).observation.readings[0]).toMatchObject({
      canary: 1,
      canarySamples: 10,
    });
  });

  test("a value on the limit is within it", () => {
    expect(looks(watchOf(floor), [accuracy(...many(5, 0.95))])).toEqual(["healthy"]);
    expect(looks(watchOf(slow), [latency(many(50, 125)), latency([125])])[1]).not.toBe("breach");
  });

  test("P5: a reading holds the numbers it was judged by", () => {
    const { observation } = observe(watchOf(slow), latency(many(50, 200)), 2000);
    expect(observation.readings[0]).toMatchObject({
      verdict: "breach",
      canary: 200,
      baseline: 100,
      limit: 125,
      canarySamples: 50,
      baselineSamples: 50,
    });
  });
});

describe("verdicts", () => {
  test("healthy only once the watch has lasted its least time", () => {
    const good = accuracy(...many(5, 1));
    expect(looks(watchOf(floor), [good], 999)).toEqual(["watching"]);
    expect(looks(watchOf(floor), [good], 1000)).toEqual(["healthy"]);
  });

  test("a breach waits for nothing", () => {
    expect(looks(watchOf(floor), [accuracy(...many(5, 0))], 1)).toEqual(["breach"]);
  });

  test("a verdict is given once", () => {
    const batch = accuracy(...many(5, 0));
    expect(looks(watchOf(floor), [batch, batch, batch])).toEqual([
      "breach",
      "watching",
      "watching",
    ]);
    const { state } = observe(watchOf(floor), batch, 2000);
    expect(conclude(state, 3000).observation.kind).toBe("watching");
  });

  test("P3: what is not shown healthy at the end is inconclusive, and may still be decided", () => {
    const { state, observation } = conclude(watchOf(floor), 9000);
    expect(observation.kind).toBe("inconclusive");
    expect(state.concluded).toBeUndefined();
    expect(looks(state, [accuracy(...many(5, 1))], 9001)).toEqual(["healthy"]);
  });

  test("at the end, enough good evidence is healthy", () => {
    const { state } = observe(watchOf(floor), accuracy(...many(5, 1)), 10);
    expect(conclude(state, 1000).observation.kind).toBe("healthy");
  });

  test("at the end, a breach seen once is not confirmed by looking again", () => {
    const { state } = observe(watchOf(slow), latency(many(50, 200)), 10);
    expect(conclude(state, 9000).observation.kind).toBe("inconclusive");
  });

  test("P3, P5: stored and read back between any two batches, the verdicts are the same", () => {
    const value = fc.constantFrom(0.5, 0.94, 0.96, 1, Number.NaN);
    const batches = fc.array(fc.array(value, { maxLength: 8 }), { maxLength: 12 });
    fc.assert(
      fc.property(batches, (all) => {
        let kept = watchOf(floor, slow);
        let stored = kept;
        for (const [index, values] of all.entries()) {
          const batch = [...accuracy(...values), ...latency(values.map((one) => one * 100))];
          const look = observe(kept, batch, index * 300);
          const copy = JSON.parse(JSON.stringify(stored)) as WatchState;
          const other = observe(copy, batch, index * 300);
          expect(other).toEqual(look);
          kept = look.state;
          stored = other.state;
        }
      }),
    );
  });
});
