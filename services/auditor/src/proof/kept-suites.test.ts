import type { Mirror } from "@council/git";
import type { TestRunResult } from "@council/providers";
import { describe, expect, test } from "vitest";
import { openKeptSuites } from "./kept-suites.ts";
import type { SuiteRun } from "./run-suite.ts";

const run: SuiteRun = {
  mirror: {} as Mirror,
  sandbox: { kind: "unavailable", reason: "not looked for", remedy: "none" },
  command: ["npm", "test"],
  timeoutMs: 1000,
  signal: new AbortController().signal,
};
const passed: TestRunResult = { kind: "passed", durationMs: 1, output: "" };
const failed: TestRunResult = { kind: "failed", exitCode: 1, output: "" };
const inconclusive: TestRunResult = { kind: "inconclusive", reason: "no time" };

/** Suites that say the next of these each time they are run. */
function suitesSaying(...results: TestRunResult[]) {
  const trees: string[] = [];
  const suites = openKeptSuites((_, tree) => {
    trees.push(tree);
    const result = results[trees.length - 1];
    return result ? Promise.resolve({ result }) : Promise.reject(new Error("stopped"));
  });
  return { trees, suites };
}

describe("what a suite said", () => {
  test("of a candidate is what it says of the base that comes of it", async () => {
    const { trees, suites } = suitesSaying(passed);
    expect(await suites.ofCandidate("shop", run, "t1")).toEqual({ result: passed, isKept: false });
    expect(await suites.ofBase("shop", run, "t1")).toEqual({ result: passed, isKept: true });
    expect(trees).toEqual(["t1"]);
  });

  test("is of that tree in that repository, by that command within that time", async () => {
    const { trees, suites } = suitesSaying(passed, passed, passed, passed, passed);
    await suites.ofCandidate("shop", run, "t1");
    await suites.ofCandidate("shop", run, "t2");
    await suites.ofCandidate("other", run, "t1");
    await suites.ofCandidate("shop", { ...run, command: ["make"] }, "t1");
    await suites.ofCandidate("shop", { ...run, timeoutMs: 2000 }, "t1");
    expect(trees).toEqual(["t1", "t2", "t1", "t1", "t1"]);
  });

  test("P11: against a candidate excuses nobody as a base, and is heard anew", async () => {
    const { trees, suites } = suitesSaying(failed, passed, failed, failed, failed);
    expect((await suites.ofCandidate("shop", run, "t1")).result).toBe(failed);
    expect(await suites.ofBase("shop", run, "t1")).toEqual({ result: passed, isKept: false });
    expect(await suites.ofBase("shop", run, "t2")).toEqual({ result: failed, isKept: false });
    expect(await suites.ofBase("shop", run, "t2")).toEqual({ result: failed, isKept: true });
    expect(await suites.ofCandidate("shop", run, "t2")).toEqual({ result: failed, isKept: false });
    const both = [suites.ofCandidate("shop", run, "t3"), suites.ofBase("shop", run, "t3")];
    expect((await Promise.allSettled(both)).map(({ status }) => status)).toEqual([
      "fulfilled",
      "rejected",
    ]);
    expect(trees).toEqual(["t1", "t1", "t2", "t2", "t3", "t3"]);
  });

  test("P3: that was nothing is not kept", async () => {
    const { suites } = suitesSaying(inconclusive, inconclusive, passed);
    await suites.ofBase("shop", run, "t1");
    await suites.ofCandidate("shop", run, "t1");
    expect(await suites.ofBase("shop", run, "t1")).toEqual({ result: passed, isKept: false });
  });

  test("in a run that is going on is waited for; if that breaks off, it is run", async () => {
    const shared = suitesSaying(passed);
    const both = ["t1", "t1"].map((tree) => shared.suites.ofCandidate("shop", run, tree));
    expect((await Promise.all(both)).map(({ isKept }) => isKept)).toEqual([false, true]);
    expect(shared.trees).toHaveLength(1);
    const first = Promise.withResolvers<{ result: TestRunResult }>();
    const answers = [first.promise, Promise.resolve({ result: passed })];
    const broken = openKeptSuites(() => answers.shift() ?? Promise.reject(new Error("too often")));
    const ahead = broken.ofCandidate("shop", run, "t1");
    const due = broken.ofCandidate("shop", run, "t1");
    first.reject(new Error("stopped"));
    await expect(ahead).rejects.toThrow("stopped");
    expect(await due).toEqual({ result: passed, isKept: false });
  });

  test("64 trees ago is forgotten", async () => {
    const { trees, suites } = suitesSaying(...Array.from({ length: 70 }, () => passed));
    for (let tree = 0; tree <= 64; tree += 1) await suites.ofBase("shop", run, `t${tree}`);
    expect((await suites.ofBase("shop", run, "t1")).isKept).toBe(true);
    expect((await suites.ofBase("shop", run, "t0")).isKept).toBe(false);
    expect(trees).toHaveLength(66);
  });
});
