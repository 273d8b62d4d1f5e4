import { describe, expect, test } from "vitest";
import { verdictOf, type Finding, type Vote } from "../quorum.ts";
import { isWaived, waive, type Waiver, waiversOf } from "./waiver.ts";

const waiver: Waiver = {
  id: "w-1",
  repository: "shop",
  ruleId: "child-process",
  path: "tools/**",
  until: 10,
  by: { name: "root", roles: ["admin"] },
  actor: "root",
  reason: "build scripts",
  since: 1,
};
const finding: Finding = {
  ruleId: "child-process",
  severity: "error",
  isHard: false,
  path: "tools/build.ts",
  message: "starts a program",
};
const waivedBy = (changes: Partial<Finding>) =>
  waive([{ ...finding, ...changes }], [waiver])[0]?.waivedBy;

describe("a waiver", () => {
  test.each([
    ["shop", ["src/a.ts", "tools/b.ts"], 9, ["w-1"]],
    ["shop", ["tools/b.ts"], 10, []],
    ["shop", ["src/a.ts"], 9, []],
    ["other", ["tools/b.ts"], 9, []],
  ])(
    "counts in its repository for a change of its paths until its end: %s %j at %d",
    (repository, paths, now, ids) => {
      const counting = waiversOf([waiver], { repository, paths }, now);
      expect(counting.map(({ id }) => id)).toEqual(ids);
    },
  );

  test.each([
    ["what it names", {}, "w-1"],
    ["another rule", { ruleId: "dynamic-code" }, undefined],
    ["another path", { path: "src/build.ts" }, undefined],
    ["another case of its path", { path: "Tools/build.ts" }, undefined],
    ["a hard finding of its rule (P10)", { isHard: true }, undefined],
  ])("covers %s: %j", (_, changes, id) => {
    expect(waivedBy(changes)).toBe(id);
  });

  test("covers nothing that is found in no file", () => {
    const { path: _, ...nowhere } = finding;
    expect(waive([nowhere], [waiver])).toEqual([nowhere]);
  });

  test("P10, P11: what a head calls waived is waived only if it is", () => {
    const claimed = { ...finding, waivedBy: "w-1" };
    expect(isWaived(claimed, [waiver])).toBe(true);
    expect(isWaived(claimed, [])).toBe(false);
    expect(isWaived({ ...claimed, waivedBy: "w-2" }, [waiver])).toBe(false);
    expect(isWaived({ ...claimed, path: "src/a.ts" }, [waiver])).toBe(false);
    expect(isWaived({ ...claimed, isHard: true }, [waiver])).toBe(false);
    expect(isWaived(finding, [waiver])).toBe(false);
  });

  test("P10: a hard finding that says it is waived is a veto like any", () => {
    const vote = {
      head: "rules",
      digest: "d",
      verdict: "approve",
      findings: [{ ...finding, isHard: true, waivedBy: "w-1" }],
    } as unknown as Vote;
    const seats = [{ head: "rules", family: "rules" }];
    const requirement = { approvals: 1, reasons: [] };
    expect(verdictOf({ seats, votes: [vote], requirement, digest: "d" }).kind).toBe("rejected");
  });
});
