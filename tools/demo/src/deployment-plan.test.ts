import { expect, test } from "vitest";
import type { BranchHead } from "./deployment-plan.ts";
import { planDeployment, revertedPatch } from "./deployment-plan.ts";

const head = (name: string, rest: Partial<BranchHead> = {}): BranchHead => ({
  commit: `${name}-commit`,
  tree: `${name}-tree`,
  trailers: {},
  ...rest,
});
const landing = (stage: string, patch = "p00-a") => ({
  trailers: { "Council-Stage": stage, "Council-Patch": patch },
});
const none: ReadonlySet<string> = new Set();

test("without a landing there is only main", () => {
  const main = head("main");
  const baseline = { commit: "main-commit", tree: "main-tree" };
  expect(planDeployment({ main, canary: undefined, ended: none, measured: none })).toEqual({
    baseline,
  });
  expect(planDeployment({ main, canary: head("old"), ended: none, measured: none })).toEqual({
    baseline,
  });
});

test("a landing on the canary branch gets less than half of the requests", () => {
  const canary = head("new", landing("canary"));
  const plan = planDeployment({ main: head("main"), canary, ended: none, measured: none });
  expect(plan.baseline.tree).toBe("main-tree");
  expect(plan.canary).toEqual({
    commit: "new-commit",
    tree: "new-tree",
    patchId: "p00-a",
    stage: "canary",
    weight: 0.3,
  });
});

test("a landing on main runs beside what main was before", () => {
  const parent = { commit: "before-commit", tree: "before-tree" };
  const main = head("new", { parent, ...landing("target") });
  const canary = head("new", landing("canary"));
  const plan = planDeployment({ main, canary, ended: none, measured: none });
  expect(plan.baseline).toEqual(parent);
  expect(plan.canary).toMatchObject({ stage: "target", weight: 0.5, tree: "new-tree" });
});

test("once a patch is reverted on main, its landing on the canary branch gets nothing any more", () => {
  const main = head("main", {
    trailers: { "Council-Reverts": "x", "Council-Patch": "p00-a", "Council-Stage": "target" },
  });
  const canary = head("new", landing("canary"));
  expect(revertedPatch(main)).toBe("p00-a");
  const plan = planDeployment({
    main,
    canary,
    ended: new Set(["p00-a"]),
    measured: new Set(["p00-a"]),
  });
  expect(plan.canary).toBeUndefined();
  expect(plan.baseline.tree).toBe("main-tree");
});

test("once a patch has settled, it is the baseline", () => {
  const parent = { commit: "before-commit", tree: "before-tree" };
  const main = head("new", { parent, ...landing("target") });
  const plan = planDeployment({
    main,
    canary: undefined,
    ended: new Set(["p00-a"]),
    measured: new Set(["p00-a"]),
  });
  expect(plan).toEqual({ baseline: { commit: "new-commit", tree: "new-tree" } });
});

test("what was put right is measured where the harm was, until it is known that it helped", () => {
  const reverts = (stage: string) => ({
    trailers: { "Council-Reverts": "x", "Council-Patch": "p00-a", "Council-Stage": stage },
  });
  const ended = new Set(["p00-a"]);
  const plan = (main: BranchHead, canary: BranchHead, measured = none) =>
    planDeployment({ main, canary, ended, measured }).canary;
  const main = head("main");
  const undone = head("undone", reverts("canary"));
  expect(plan(main, undone)).toMatchObject({ patchId: "p00-a", stage: "canary", weight: 0.3 });
  expect(plan(main, undone, ended)).toBeUndefined();
  expect(plan(head("back", reverts("target")), undone)).toMatchObject({ tree: "back-tree" });
  const next = head("next", landing("canary", "p00-b"));
  expect(plan(main, next)).toMatchObject({ patchId: "p00-b" });
});
