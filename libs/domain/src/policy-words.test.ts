import { expect, test } from "vitest";
import { defaultPolicy } from "./default-policy.ts";
import type { Rule } from "./observation/rule.ts";
import { explainPolicy } from "./policy-words.ts";

test("names every seat, stage and rule, and what happens without evidence", () => {
  const text = explainPolicy(defaultPolicy).join("\n");
  for (const { head } of defaultPolicy.seats) expect(text).toContain(head);
  for (const { name } of defaultPolicy.stages) expect(text).toContain(`"${name}"`);
  for (const { id } of defaultPolicy.rules) expect(text).toContain(`"${id}"`);
  expect(text).toContain("2 of 3 must approve");
  expect(text).toContain("concluded after 10 min");
  expect(text).toContain("extended up to 3 times");
  expect(text).toContain("at most 5 % of those taken back by tests are harmless");
  expect(text).not.toContain("live on the target branch");
  expect(explainPolicy({ ...defaultPolicy, maxLive: 4 }).join("\n")).toContain(
    "Up to 4 patches may be live on the target branch at once",
  );
  expect(text).not.toContain("ahead");
  expect(explainPolicy({ ...defaultPolicy, testAhead: 2 }).join("\n")).toContain(
    "For the first 2 that wait for the branch the tests run ahead",
  );
});

test("says the traffic and the evidence of a stage, and that nothing is measured", () => {
  const stages = [
    {
      name: "five",
      branch: "c",
      weightPercent: 5,
      minSamples: 90,
      watchMinMs: 1500,
      watchMaxMs: 7000,
    },
  ];
  const text = explainPolicy({ ...defaultPolicy, stages, rules: [], onInconclusive: "ask" }).join(
    "\n",
  );
  const share: Rule = {
    id: "split",
    kind: "share",
    metric: "latency",
    worse: "higher",
    alpha: 0.001,
    minSamples: 1,
    isRequired: true,
  };
  const checked = explainPolicy({ ...defaultPolicy, stages, rules: [share] }).join("\n");
  expect(checked).toContain("another share of latency samples than the weight of its stage");
  expect(checked).not.toMatch(/is not checked|checks nothing/);
  const unsplit = explainPolicy({ ...defaultPolicy, rules: [share] }).join("\n");
  expect(unsplit).toContain('"split" checks nothing without canaryRatio or weightPercent');
  const noisy = (armNoise: number) =>
    explainPolicy({
      ...defaultPolicy,
      rules: defaultPolicy.rules.map((rule) =>
        rule.id === "latency-p95" && rule.kind === "sequential" ? { ...rule, armNoise } : rule,
      ),
    }).join("\n");
  expect(noisy(0.1)).toContain(
    'Rule "latency-p95" tolerates too little: two equal arms were measured to need 22.14 %, and it has 10 %',
  );
  expect(noisy(0.04)).not.toContain("tolerates too little");
  expect(text).toContain("on the branch c with 5 % of the traffic");
  expect(text).toContain(
    "no earlier than 1500 ms, after 90 samples of each rule, concluded after 7 s",
  );
  expect(text).toContain("a person is called at once");
  expect(text).toContain("No rule");
  expect(text).toContain("is not checked: no rule is a share");
});
