import { describe, expect, test } from "vitest";
import { defaultPolicy } from "./default-policy.ts";
import type { Rule } from "./observation/rule.ts";
import {
  isTierAbove,
  maxLiveOf,
  mayLandAlone,
  type Policy,
  policyFaults,
  type Tier,
} from "./policy.ts";

const tiers: readonly Tier[] = ["docs", "service", "destructive", "data"];
const rule: Rule = {
  id: "floor",
  kind: "absolute",
  metric: "accuracy",
  statistic: "mean",
  worse: "lower",
  limit: 0.9,
  minSamples: 5,
  windowSamples: 10,
  confirmations: 1,
  isRequired: true,
};
const withRule = (changes: object): Partial<Policy> => ({
  rules: [{ ...rule, ...changes } as Rule],
});

describe("policyFaults", () => {
  test("the default policy has none", () => {
    expect(policyFaults(defaultPolicy)).toEqual([]);
    expect(policyFaults({ ...defaultPolicy, rules: [rule] })).toEqual([]);
  });

  const [first, second, third] = defaultPolicy.seats;
  const [stage] = defaultPolicy.stages;
  const faulty: readonly [string, Partial<Policy>, RegExp][] = [
    [
      "two seats of one family (P2)",
      { seats: [first!, { ...second!, family: first!.family }, third!] },
      /family "rules"/,
    ],
    [
      "one head on two seats (P2)",
      { seats: [first!, { ...first!, family: "x" }, third!] },
      /"rules" sits twice/,
    ],
    ["one approval (P2)", { approvalsNeeded: 1 }, /no quorum/],
    ["no number of approvals (P2)", { approvalsNeeded: Number.NaN }, /no quorum/],
    ["more approvals than seats", { approvalsNeeded: 4 }, /more approvals than seats/],
    ["no stage", { stages: [] }, /nothing to land on/],
    ["a stage twice", { stages: [stage!, stage!] }, /appears twice/],
    ["a watch that ends too soon", { stages: [{ ...stage!, watchMaxMs: 1 }] }, /raise watchMaxMs/],
    [
      "several live patches and one traffic",
      { maxLive: 2, stages: [{ ...stage!, weightPercent: 5 }, defaultPolicy.stages[1]!] },
      /leave out weightPercent/,
    ],
    ["several live on a stage branch", { maxLive: 2, stages: [stage!] }, /end with a stage on it/],
    [
      "several live and a branch of two stages",
      { maxLive: 2, stages: [stage!, { ...stage!, name: "b" }, defaultPolicy.stages[1]!] },
      /two stages on "council\/canary"/,
    ],
    ["a variance that is no ratio", { varianceLimit: 3 }, /varianceLimit/],
    ["a variance that is no number", { varianceLimit: Number.NaN }, /varianceLimit/],
    ["a rule twice", { rules: [rule, rule] }, /"floor" appears twice/],
    ["a rule that needs no sample (P3)", withRule({ minSamples: 0 }), /fire on nothing/],
    ["a rule that needs no look (P3)", withRule({ confirmations: 0 }), /fire on nothing/],
    ["a window smaller than its samples", withRule({ windowSamples: 4 }), /raise windowSamples/],
    ["a limit that is no number", withRule({ limit: Number.NaN }), /has no limit/],
    [
      "noise of a metric that tolerates nothing",
      withRule({ kind: "sequential", alpha: 0.01, minEffect: 0, tolerance: 0, armNoise: 0.1 }),
      /armNoise says nothing of accuracy/,
    ],
    [
      "a tolerance that is no number",
      withRule({ kind: "relative", tolerance: Number.POSITIVE_INFINITY }),
      /has no limit/,
    ],
  ];
  test.for(faulty)("%s", ([, changes, words]) => {
    expect(policyFaults({ ...defaultPolicy, ...changes }).join("\n")).toMatch(words);
  });

  test("all faults are told at once", () => {
    const policy = { ...defaultPolicy, approvalsNeeded: 1, stages: [], varianceLimit: 2 };
    expect(policyFaults(policy)).toHaveLength(3);
  });
});

describe("tiers and autonomy", () => {
  test("tiers are ordered from docs to data", () => {
    for (const [index, tier] of tiers.entries())
      for (const [other, limit] of tiers.entries())
        expect(isTierAbove(tier, limit)).toBe(index > other);
  });

  test("only auto-all lets every tier land alone, auto-safe nothing above service", () => {
    const alone = (autonomy: Policy["autonomy"]) =>
      tiers.filter((tier) => mayLandAlone(autonomy, tier));
    expect(alone("observe")).toEqual([]);
    expect(alone("recommend")).toEqual([]);
    expect(alone("auto-safe")).toEqual(["docs", "service"]);
    expect(alone("auto-all")).toEqual(tiers);
  });
});

test("several patches are live at once only where the policy says so and they can be told apart", () => {
  expect(maxLiveOf(defaultPolicy)).toBe(1);
  expect(maxLiveOf({ ...defaultPolicy, maxLive: 3 })).toBe(3);
  const steered = defaultPolicy.stages.map((each) => ({ ...each, weightPercent: 5 }));
  expect(maxLiveOf({ ...defaultPolicy, maxLive: 3, stages: steered })).toBe(1);
});
