import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { materialise } from "@council/git";
import {
  removeTree,
  runTestCommand,
  type SandboxSearch,
  type TestRunResult,
} from "@council/providers";
import type { Repositories } from "@council/runtime";
import type { AuditedChange } from "../audited-change.ts";
import { abstain, type Head, judgementOf } from "../head.ts";

/** How much of a failing run's output goes into the finding, in characters, from its end. */
const outputTail = 1500;

/**
 * Runs the repository's own tests on the candidate tree, in the sandbox. Tests that fail only with
 * the patch are a veto: this is the one head that can show a change wrong. A suite that already fails
 * on the base, or cannot be run, proves nothing either way (P3).
 */
export function proofHead(input: { sandbox: SandboxSearch; repositories: Repositories }): Head {
  return {
    name: "proof",
    judge: async (change, signal) => {
      const config = input.repositories.get(change.patch.repository);
      if (!config?.testCommand) return abstain("no-test-command", "no test command is configured");
      const { testCommand: command, testTimeoutMs: timeoutMs } = config;
      const run = (tree: string) =>
        runOn(change, tree, { sandbox: input.sandbox, command, timeoutMs, signal });
      const candidate = await run(change.tree);
      if (candidate.kind === "passed") return judgementOf([]);
      if (candidate.kind === "inconclusive") return abstain("tests-not-run", candidate.reason);
      const base = await run(change.base);
      if (base.kind === "failed")
        return abstain("tests-fail-on-base", "the tests fail without the patch too");
      // P3: without a passing base nobody knows whether it is the patch that breaks them.
      if (base.kind === "inconclusive") return abstain("tests-not-run-on-base", base.reason);
      return judgementOf([
        {
          ruleId: "tests-fail",
          severity: "error",
          isHard: true,
          message: `the tests exit with ${candidate.exitCode}: ${candidate.output.slice(-outputTail)}`,
          remedy: "make the tests pass",
        },
      ]);
    },
  };
}

async function runOn(
  { mirror }: AuditedChange,
  tree: string,
  how: {
    sandbox: SandboxSearch;
    command: readonly string[];
    timeoutMs: number;
    signal: AbortSignal;
  },
): Promise<TestRunResult> {
  const dir = await mkdtemp(join(tmpdir(), "council-proof-"));
  try {
    const written = await materialise(mirror, tree, dir);
    if (written.kind === "refused") return { kind: "inconclusive", reason: written.reason };
    return await runTestCommand({ ...how, dir });
  } finally {
    await removeTree(dir);
  }
}
