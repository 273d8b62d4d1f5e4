import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defaultRules } from "../default-policy.ts";
import { judge } from "./judge.ts";
import type { Observation } from "./observation.ts";
import { type Arm, type Metric, metricUnits, type Rule, type SequentialRule } from "./rule.ts";
import type { Sample } from "./samples.ts";
import { logEvidenceOf } from "./sequential-test.ts";
import { conclude, observe, startWatch, type WatchState } from "./watch.ts";

const tests = defaultRules.filter((rule) => rule.kind.startsWith("sequential"));
const ruleOf = (id: string) => tests.filter((rule) => rule.id === id);
const share: Rule = {
  id: "split",
  kind: "share",
  metric: "latency",
  worse: "higher",
  canaryRatio: 0.5,
  alpha: 0.001,
  minSamples: 100,
  isRequired: true,
};
const watchOf = (...rules: Rule[]) =>
  startWatch({ patchId: "p", stage: "canary", token: 1, startedAt: 0, watchMinMs: 1000, rules });

/** Numbers that look random, the same every time. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) / 2 ** 24;
  };
}
interface Effect {
  readonly latency?: number;
  readonly cost?: number;
  readonly wrong?: number;
  readonly bothWrong?: number;
}
/** One look of `size` requests per arm. */
function look(next: () => number, size: number, effect: Effect = {}, at = 1): Sample[] {
  const skewed = () => Math.exp(1.2 * (next() + next() + next() - 1.5));
  const sample = (metric: Metric, arm: Arm, value: number): Sample => {
    return { metric, arm, value, unit: metricUnits[metric], at };
  };
  return Array.from({ length: size }).flatMap(() =>
    (["baseline", "canary"] as const).flatMap((arm) => {
      const own = arm === "canary" ? effect : {};
      const wrong = effect.bothWrong ?? own.wrong ?? 0.03;
      return [
        sample("latency", arm, 200 * skewed() * (own.latency ?? 1)),
        sample("cost", arm, 900 * skewed() * (own.cost ?? 1)),
        sample("accuracy", arm, next() < wrong ? 0 : 1),
      ];
    }),
  );
}
/** Looks of 50 until there is a verdict or they end. */
function run(rules: readonly Rule[], effects: readonly Effect[], seed = 1) {
  const next = numbers(seed);
  let state = { ...watchOf(...rules), watchMinMs: 1e9 };
  for (const [index, effect] of effects.entries()) {
    const { state: after, observation } = observe(state, look(next, 50, effect, index), index);
    if (observation.kind !== "watching") return { looks: index + 1, observation, state: after };
    state = after;
  }
  return { looks: effects.length, observation: conclude(state, effects.length).observation, state };
}
const times = (count: number, effect: Effect = {}) => Array.from({ length: count }, () => effect);

describe("harm is found, and told by its cause", () => {
  const harmful: readonly [string, Effect, number][] = [
    ["latency-p95", { latency: 2 }, 4],
    ["latency-p95", { latency: 1.5 }, 10],
    ["cost-mean", { cost: 2 }, 4],
    ["cost-mean", { cost: 1.4 }, 16],
    ["accuracy-", { wrong: 0.2 }, 10],
  ];
  test.for(harmful)("%s at %j", ([id, effect, most]) => {
    const { observation, looks } = run(tests, times(60, effect));
    expect(observation).toMatchObject({ kind: "breach" });
    expect(observation.ruleId).toContain(id);
    expect(looks).toBeLessThanOrEqual(most);
    expect(observation.why).toContain("evidence of harm");
  });

  test("that begins late is found almost as fast", () => {
    const healthy = times(120);
    for (const effect of [{ latency: 2 }, { cost: 2 }, { wrong: 0.2 }]) {
      const { observation, looks } = run(tests, [...healthy, ...times(30, effect)]);
      expect(observation.kind).toBe("breach");
      expect(looks).toBeLessThan(150);
    }
  });

  test("a tail that only one request in fifty has is found", () => {
    const next = numbers(3);
    let state = watchOf(...ruleOf("latency-p95"));
    for (let at = 0; at < 60; at += 1) {
      const batch = look(next, 50).map((sample, index) =>
        sample.arm === "canary" && sample.metric === "latency" && index % 12 === 3
          ? { ...sample, value: sample.value * 10 }
          : sample,
      );
      const { state: after, observation } = observe(state, batch, 2000);
      if (observation.kind === "breach") return;
      state = after;
    }
    expect.unreachable("not found");
  });
});

describe("no harm", () => {
  test("none of 60 healthy watches of 6,000 requests is taken back", () => {
    const breaches = Array.from({ length: 60 }, (_, seed) => run(tests, times(60), seed + 10));
    expect(breaches.filter(({ observation }) => observation.kind === "breach")).toEqual([]);
  });

  test("what both arms suffer is not the patch's doing, though it is under the floor", () => {
    const effects = [...times(40), ...times(40, { bothWrong: 0.2 }), ...times(40)];
    expect(run(tests, effects).observation.kind).not.toBe("breach");
  });

  test("a floor without a baseline is kept all the same", () => {
    const next = numbers(5);
    let state = watchOf(...ruleOf("accuracy-floor"));
    for (let at = 0; at < 20; at += 1) {
      const batch = look(next, 50, { wrong: 0.2 }).filter(({ arm }) => arm === "canary");
      const { state: after, observation } = observe(state, batch, 1);
      if (observation.kind === "breach") return;
      state = after;
    }
    expect.unreachable("not found");
  });

  test("an effect below the least that is acted on is only told", () => {
    const rule = { ...(ruleOf("latency-p95")[0] as SequentialRule), tolerance: 0, minEffect: 0.5 };
    const { observation } = run([rule], times(60, { latency: 1.2 }));
    expect(observation.kind).not.toBe("breach");
    expect(observation.readings[0]?.detail).toContain("below the least effect");
  });

  test("P3: a patch under suspicion is not called healthy", () => {
    const next = numbers(1);
    const rules = ruleOf("latency-p95").map((rule) => ({ ...rule, minSamples: 1 }));
    const one = observe(watchOf(...rules), look(next, 24, { latency: 2 }), 5000).observation;
    expect(logEvidenceOf(one.readings[0]!.evidence!)).toBeGreaterThan(Math.log(10));
    expect(one).toMatchObject({ kind: "watching", lack: "insufficient-evidence" });
  });
});

describe("what is missing (P3)", () => {
  const good = (at: number) => look(numbers(2), 150, {}, at);

  test("enough on both arms is healthy, one arm alone is not", () => {
    expect(
      observe(watchOf(...tests.filter((rule) => rule.isRequired)), good(1), 2000).observation.kind,
    ).toBe("healthy");
    const alone = good(1).filter(({ arm }) => arm === "canary");
    expect(conclude(observe(watchOf(...tests), alone, 2000).state, 3000).observation).toMatchObject(
      {
        kind: "inconclusive",
        lack: "insufficient-evidence",
      },
    );
  });

  test("a source that went quiet is blind, however good it was", () => {
    const early = observe(watchOf(...tests), good(1), 10);
    expect(early.observation.kind).toBe("watching");
    expect(conclude(early.state, 50_000).observation.kind).toBe("healthy");
    expect(conclude(early.state, 70_000).observation).toMatchObject({
      kind: "inconclusive",
      lack: "blind",
    });
    expect(conclude(watchOf(...tests), 70_000).observation).toMatchObject({ lack: "blind" });
  });

  test("traffic split otherwise than meant blocks verdicts of both kinds", () => {
    const skewed = (effect: Effect) => {
      const next = numbers(8);
      return Array.from({ length: 8 }, () =>
        look(next, 50, effect).filter(({ arm }, at) => arm === "baseline" || at % 4 === 1),
      ).flat();
    };
    for (const effect of [{}, { latency: 3 }])
      expect(
        observe(watchOf(share, ...ruleOf("latency-p95")), skewed(effect), 2000).observation,
      ).toMatchObject({ kind: "watching", lack: "sample-ratio-mismatch" });
    const even = observe(watchOf(share), good(1), 2000).observation;
    expect([even.kind, even.readings[0]?.verdict]).toEqual(["healthy", "within"]);
  });
});

test("a tolerance that two equal arms need more than is told with the reading, and changes no verdict", () => {
  const noisy = ruleOf("latency-p95").map((rule) => ({ ...rule, armNoise: 0.1 }) as Rule);
  for (const effect of [{}, { latency: 2 }]) {
    const batch = look(numbers(3), 200, effect);
    const seen = observe(watchOf(...noisy), batch, 2000).observation;
    const plain = observe(watchOf(...ruleOf("latency-p95")), batch, 2000).observation;
    const [detail = "", plainDetail = ""] = [seen, plain].map(
      ({ readings }) => readings[0]?.detail,
    );
    expect(detail).toContain("two equal arms were measured to need a tolerance of 0.2214");
    expect(plainDetail).not.toContain("measured to need");
    expect(seen.kind).toBe(plain.kind);
    expect(seen.readings[0]?.evidence).toEqual(plain.readings[0]?.evidence);
  }
});

describe("state", () => {
  const value = fc.oneof(
    fc.constantFrom(0, -0, 1, 0.5, NaN, Infinity, -Infinity, -1, 5e-324, 1e15, 1e300),
    fc.double({ min: 0, max: 1 }),
  );
  const sample = fc.record({
    metric: fc.constantFrom<Metric>("latency", "cost", "accuracy", "errors"),
    arm: fc.constantFrom<Arm>("baseline", "canary"),
    value,
    at: fc.integer({ min: 0, max: 100 }),
  });
  const batches = fc.array(fc.array(sample, { maxLength: 40 }), { maxLength: 12 });
  const rules = [...defaultRules, share];

  test("P3, P5: any values in any order: finite numbers, the same after every crash, replayed bit for bit", () => {
    fc.assert(
      fc.property(batches, (all) => {
        let state = watchOf(...rules);
        for (const [at, batch] of all.entries()) {
          const samples = batch.map((one) => ({ ...one, unit: metricUnits[one.metric] }));
          const stored = JSON.parse(JSON.stringify(state)) as WatchState;
          const seen = observe(state, samples, at * 300);
          expect(JSON.stringify(observe(stored, samples, at * 300))).toBe(JSON.stringify(seen));
          expect(JSON.stringify(seen)).not.toContain("null");
          expectReplay(seen.observation, at * 300);
          state = seen.state;
        }
      }),
    );
  });

  /** The stored readings alone give the verdict again; `breach` of a test is for all tests together. */
  function expectReplay(observation: Observation, at: number) {
    if (observation.readings.length === 0) return;
    const stored = JSON.parse(JSON.stringify(observation)) as Observation;
    const moment = { at, startedAt: 0, watchMinMs: 1000, quiet: [] };
    const again = judge(rules, stored.readings, moment);
    expect(again.kind).toBe(observation.kind);
    expect(again.ruleId).toBe(observation.ruleId);
  }

  test("P5: the readings stored with a breach give it again, and say how strong it is", () => {
    const { observation } = run(tests, times(60, { latency: 1.6 }));
    const stored = JSON.parse(JSON.stringify(observation)) as Observation;
    const moment = { at: observation.at, startedAt: 0, watchMinMs: 1e9, quiet: [] };
    const { trail, ...judged } = observation;
    expect(judge(tests, stored.readings, moment)).toEqual(judged);
    expect(trail?.at(-1)).toEqual([observation.at, Number(observation.harm?.toPrecision(3))]);
    expect(trail?.findIndex(([, harm]) => harm >= 1)).toBe((trail?.length ?? 0) - 1);
    const cause = stored.readings.find(({ ruleId }) => ruleId === observation.ruleId);
    expect(logEvidenceOf(cause!.evidence!)).toBeGreaterThan(Math.log(100));
    const weaker = stored.readings.map((reading) => ({
      ...reading,
      evidence: { once: { ranks: [0] }, renewed: {}, copies: 1 },
    }));
    expect(judge(tests, weaker, moment).kind).not.toBe("breach");
  });

  test("at most 2 kB per patch and rule, however long the watch", () => {
    const next = numbers(4);
    let state = { ...watchOf(...tests), watchMinMs: 1e9 };
    let largest = 0;
    for (let at = 0; at < 240; at += 1) {
      const batch = look(next, at % 7 === 0 ? 3 : 60).filter(
        ({ arm }) => at % 5 > 0 || arm === "baseline",
      );
      state = observe(state, batch, at).state;
      for (const one of Object.values(state.tests))
        largest = Math.max(largest, JSON.stringify(one).length);
    }
    expect(largest).toBeGreaterThan(500);
    expect(largest).toBeLessThanOrEqual(2048);
    const { trail, tests: states, rules: of } = state;
    expect(JSON.stringify([trail, states]).length / of.length).toBeLessThanOrEqual(2048);
  });

  test("the order of samples within a look changes no verdict", () => {
    const batch = look(numbers(6), 60, { latency: 1.4 });
    const seen = observe(watchOf(...tests), batch, 1).observation;
    const turned = observe(watchOf(...tests), batch.toReversed(), 1).observation;
    for (const [at, reading] of seen.readings.entries())
      expect(logEvidenceOf(turned.readings[at]!.evidence!)).toBeCloseTo(
        logEvidenceOf(reading.evidence!),
        6,
      );
  });
});
