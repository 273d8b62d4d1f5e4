import { defaultPolicy } from "@council/domain";
import { expect, test } from "vitest";
import { checkPolicy } from "./check-policy.ts";

const rule = {
  id: "errors",
  kind: "absolute",
  metric: "errors",
  statistic: "mean",
  worse: "higher",
  minSamples: 50,
  windowSamples: 400,
  confirmations: 2,
  isRequired: true,
  limit: 0.02,
};

test("nothing written is the default policy", () => {
  for (const written of [{}, null, undefined])
    expect(checkPolicy(written)).toEqual({ kind: "usable", changes: {}, policy: defaultPolicy });
});

test("what is written takes the place of the default, field by field", () => {
  const stages = [
    { name: "five", branch: "canary", weightPercent: 5, watchMinMs: 1, watchMaxMs: 2 },
    { name: "all", weightPercent: 100, minSamples: 500, watchMinMs: 1, watchMaxMs: 2 },
  ];
  const checked = checkPolicy({ rules: [rule], stages, onInconclusive: "ask" });
  expect(checked).toMatchObject({
    kind: "usable",
    policy: { ...defaultPolicy, rules: [rule], stages, onInconclusive: "ask" },
  });
});

test("every fault comes at once, with its field and a remedy", () => {
  const checked = checkPolicy({
    autonomy: "sometimes",
    varianceLimit: "much",
    rulez: [],
    maxRebases: -1,
    approvalsNeeded: 9,
    rules: [rule, { ...rule, limit: 0.5, unit: 3 }],
    stages: [
      { name: "a", weightPercent: 50, watchMinMs: 0, watchMaxMs: 5 },
      { name: "b", weightPercent: 20, watchMinMs: 9, watchMaxMs: 5 },
    ],
  });
  if (checked.kind !== "faulty") throw new Error("was taken");
  const fields = checked.faults.map(({ field }) => field);
  for (const field of ["autonomy", "varianceLimit", "rulez", "maxRebases", "rules.1.unit"])
    expect(fields).toContain(field);
  expect(fields).toContain("approvalsNeeded");
  expect(fields.filter((field) => field === "stages")).toHaveLength(2);
  for (const fault of checked.faults) {
    expect(fault.problem).not.toBe("");
    expect(fault.remedy).not.toBe("");
  }
  const autonomy = checked.faults.find(({ field }) => field === "autonomy");
  expect(autonomy?.remedy).toBe("use one of observe, recommend, auto-safe, auto-all");
});

test.each([["text"], [7], [[]]])("%j is no policy", (written) => {
  expect(checkPolicy(written).kind).toBe("faulty");
});
