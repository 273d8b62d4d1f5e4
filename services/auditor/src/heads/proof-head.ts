import type { Finding } from "@council/domain";
import { type Mirror, treeOf } from "@council/git";
import type { SandboxSearch } from "@council/providers";
import type { Repositories } from "@council/runtime";
import type { AuditedChange } from "../audited-change.ts";
import { abstain, type Head, type Judgement, judgementOf } from "../head.ts";
import { lostProof, newFailure } from "../proof/compare-suites.ts";
import { type KeptResult, openKeptSuites } from "../proof/kept-suites.ts";
import { runSuite, type SuiteResult } from "../proof/run-suite.ts";

/**
 * Runs the repository's own tests on the candidate tree and on the base, in the sandbox. Tests that
 * fail only with the patch are a veto: this is the one head that can show a change wrong. A suite that
 * already fails on the base, or cannot be run, proves nothing either way (P3). Where the suite reports
 * its tests by name, tests that are gone or skipped are found as well; each judgement says what it rests on.
 * A new failure counts when a second run fails as well. What passed on a tree is not run there again, be it
 * the base that was the candidate before, or a tree that was looked ahead for.
 */
export function proofHead(input: { sandbox: SandboxSearch; repositories: Repositories }): Head {
  const suites = openKeptSuites();
  const suiteOf = (repository: string, mirror: Mirror, signal: AbortSignal) => {
    const { testCommand: command, testTimeoutMs: timeoutMs } =
      input.repositories.get(repository) ?? {};
    if (!command || timeoutMs === undefined) return undefined;
    return { mirror, sandbox: input.sandbox, command, timeoutMs, signal };
  };
  return {
    name: "proof",
    lookAhead: async ({ repository, mirror, tree }, signal) => {
      const run = suiteOf(repository, mirror, signal);
      if (run) await suites.ofCandidate(repository, run, tree);
    },
    judge: async (change, signal) => {
      const { repository } = change.patch;
      const run = suiteOf(repository, change.mirror, signal);
      if (!run) return abstain("no-test-command", "no test command is configured");
      const candidate = await suites.ofCandidate(repository, run, change.tree);
      if (candidate.result.kind === "inconclusive")
        return abstain("tests-not-run", candidate.result.reason);
      const base = await suites.ofBase(repository, run, await treeOf(change.mirror, change.base));
      const failure = base.result.kind === "inconclusive" ? undefined : newFailure(candidate, base);
      if (!failure) return judge(change, candidate, base);
      const again = await runSuite(run, change.tree);
      // A second run that does not come about takes nothing back.
      if (again.result.kind === "inconclusive") return judgementOf([failure]);
      return judgeAgain(failure, judge(change, { ...again, isKept: false }, base));
    },
  };
}

/** Tests that fail only sometimes are no fault of the patch: a failure counts when it comes twice. */
function judgeAgain(first: Finding, { verdict, findings }: Judgement): Judgement {
  const twice = findings.find(({ ruleId }) => ruleId === first.ruleId);
  if (twice) return judgementOf([{ ...twice, message: `in two runs, ${twice.message}` }]);
  const flaky: Finding = {
    ruleId: "flaky-tests",
    severity: "warning",
    isHard: false,
    message: `a failure did not come again in a second run, which counts; in the first, ${first.message}`,
    remedy: "make the tests say the same each time",
  };
  return { verdict, findings: [...findings, flaky] };
}

function judge(change: AuditedChange, candidate: KeptResult, base: SuiteResult): Judgement {
  const hasFailed = candidate.result.kind === "failed";
  // P3: without a base that ran nobody knows whether it is the patch that breaks the tests.
  if (hasFailed && base.result.kind === "inconclusive")
    return abstain("tests-not-run-on-base", base.result.reason);
  const failure = newFailure(candidate, base);
  if (failure) return judgementOf([failure]);
  const lost = lostProof(candidate, base, change.files);
  if (hasFailed && !lost.some(({ severity }) => severity === "error"))
    return abstain("tests-fail-on-base", "the tests fail without the patch too");
  return judgementOf([...lost, basis(candidate, base)]);
}

/** What an approval rests on, so that nobody takes it for more. */
function basis(candidate: KeptResult, base: SuiteResult) {
  const message =
    base.result.kind === "inconclusive"
      ? `the exit code of the candidate alone: on the base the tests were not run (${base.result.reason.slice(0, 200)})`
      : candidate.report && base.report
        ? `${candidate.report.outcomes.size} tests by name (${candidate.report.form}), ${base.report.outcomes.size} on the base${candidate.coverage ? ", and the lines they run" : ""}`
        : "exit codes only: the suite reports no tests by name";
  const when = candidate.isKept ? "; the suite ran on this very tree before it was asked for" : "";
  return {
    ruleId: "proof-basis",
    severity: "info",
    isHard: false,
    message: message + when,
  } as const;
}
