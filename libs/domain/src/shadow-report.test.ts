import { expect, test } from "vitest";
import { observe, startWatch } from "./observation/watch.ts";
import type { Rule } from "./observation/rule.ts";
import type { Sample } from "./observation/samples.ts";
import { patchOf } from "./patch/example.ts";
import type { PatchEvent } from "./patch/event.ts";
import { shadowReport } from "./shadow-report.ts";

const start = 1_800_000_000_000;
const floor = (id: string, limit: number): Rule => ({
  id,
  kind: "absolute",
  metric: "accuracy",
  statistic: "mean",
  worse: "lower",
  limit,
  minSamples: 2,
  windowSamples: 4,
  confirmations: 1,
  isRequired: true,
});
const forced = floor("forced", 0.5);
const trial: Rule = { ...floor("trial", 0.9), mode: "shadow" };
const samples = (value: number): Sample[] =>
  Array.from({ length: 4 }, () => ({
    metric: "accuracy",
    arm: "canary",
    value,
    unit: "ratio",
    at: start + 1,
  }));
const begin = (rules: readonly Rule[]) =>
  startWatch({
    patchId: "p",
    stage: "canary",
    token: 1,
    startedAt: start,
    watchMinMs: 1000,
    rules,
  });

test("a rule on trial fires silently: noted for good, and the verdict is that of the others", () => {
  const low = observe(begin([trial, forced]), samples(0.8), start + 10);
  expect(low.observation.kind).toBe("watching");
  expect(low.observation.readings).toMatchObject([
    { ruleId: "trial", firedAt: start + 10 },
    { ruleId: "forced" },
  ]);
  const good = observe(low.state, samples(0.99), start + 2000);
  expect(good.observation).toMatchObject({
    kind: "healthy",
    readings: [{ firedAt: start + 10 }, {}],
  });
  const without = observe(begin([forced]), samples(0.8), start + 2000);
  const beside = observe(begin([trial, forced]), samples(0.8), start + 2000);
  expect(beside.observation.kind).toBe(without.observation.kind);
  expect(beside.observation.readings[1]).toEqual(without.observation.readings[0]);
});

test("P3: a rule on trial without any evidence keeps nothing from being healthy", () => {
  const silent: Rule = { ...trial, metric: "errors", worse: "higher" };
  const look = observe(begin([silent, forced]), samples(0.99), start + 2000);
  expect(look.observation.kind).toBe("healthy");
});

test("P5: the report counts rightly, wrongly and missed from the ledgers alone", () => {
  const patch = patchOf({ rules: [trial, forced] });
  const looked = (value: number): PatchEvent => {
    const { observation } = observe(begin([trial, forced]), samples(value), start + 2000);
    return { type: "StagePassed", stage: "canary", observation };
  };
  const cause = { kind: "request", actor: "ann", reason: "worse" } as const;
  const reverted: PatchEvent = { type: "RevertStarted", cause, effectId: "e", at: start };
  const history = (...events: PatchEvent[]) =>
    [{ type: "PatchSubmitted", patch } as const, ...events].map((event, at) => ({
      sequence: at + 1,
      at,
      event,
    }));
  const report = shadowReport([
    history(looked(0.8), { type: "Settled" }),
    history(looked(0.8), { type: "Settled" }, reverted),
    history(looked(0.99), reverted),
    history(looked(0.8)),
    history(),
  ]);
  expect(report).toEqual([
    { ruleId: "trial", watched: 4, fired: 3, rightly: 1, wrongly: 1, missed: 1 },
  ]);
});
