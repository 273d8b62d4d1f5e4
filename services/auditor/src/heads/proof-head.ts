import type { Finding } from "@council/domain";
import { treeOf } from "@council/git";
import type { SandboxSearch } from "@council/providers";
import type { Repositories } from "@council/runtime";
import type { AuditedChange } from "../audited-change.ts";
import { abstain, type Head, type Judgement, judgementOf } from "../head.ts";
import { lostProof, newFailure } from "../proof/compare-suites.ts";
import { runSuite, type SuiteResult, type SuiteRun } from "../proof/run-suite.ts";

/** So many bases are remembered; many patches of one repository share theirs. */
const maxBases = 32;

/**
 * Runs the repository's own tests on the candidate tree and on the base, in the sandbox. Tests that
 * fail only with the patch are a veto: this is the one head that can show a change wrong. A suite that
 * already fails on the base, or cannot be run, proves nothing either way (P3). Where the suite reports
 * its tests by name, tests that are gone or skipped are found as well; each judgement says what it rests on.
 * A new failure counts when a second run fails as well.
 */
export function proofHead(input: { sandbox: SandboxSearch; repositories: Repositories }): Head {
  const bases = new Map<string, SuiteResult>();
  const runBase = async (change: AuditedChange, run: SuiteRun): Promise<SuiteResult> => {
    const tree = await treeOf(change.mirror, change.base);
    const key = JSON.stringify([change.patch.repository, tree, run.command, run.timeoutMs]);
    const known = bases.get(key);
    if (known) return known;
    const ran = await runSuite(run, tree);
    // What kept the suite from answering may be gone next time.
    if (ran.result.kind !== "inconclusive") bases.set(key, ran);
    const [oldest] = bases.keys();
    if (bases.size > maxBases && oldest !== undefined) bases.delete(oldest);
    return ran;
  };
  return {
    name: "proof",
    judge: async (change, signal) => {
      const config = input.repositories.get(change.patch.repository);
      if (!config?.testCommand) return abstain("no-test-command", "no test command is configured");
      const { testCommand: command, testTimeoutMs: timeoutMs } = config;
      const run = { mirror: change.mirror, sandbox: input.sandbox, command, timeoutMs, signal };
      const candidate = await runSuite(run, change.tree);
      if (candidate.result.kind === "inconclusive")
        return abstain("tests-not-run", candidate.result.reason);
      const base = await runBase(change, run);
      const failure = base.result.kind === "inconclusive" ? undefined : newFailure(candidate, base);
      if (!failure) return judge(change, candidate, base);
      const again = await runSuite(run, change.tree);
      // A second run that does not come about takes nothing back.
      if (again.result.kind === "inconclusive") return judgementOf([failure]);
      return judgeAgain(failure, judge(change, again, base));
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

function judge(change: AuditedChange, candidate: SuiteResult, base: SuiteResult): Judgement {
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
function basis(candidate: SuiteResult, base: SuiteResult) {
  const message =
    base.result.kind === "inconclusive"
      ? `the exit code of the candidate alone: on the base the tests were not run (${base.result.reason.slice(0, 200)})`
      : candidate.report && base.report
        ? `${candidate.report.outcomes.size} tests by name (${candidate.report.form}), ${base.report.outcomes.size} on the base${candidate.coverage ? ", and the lines they run" : ""}`
        : "exit codes only: the suite reports no tests by name";
  return { ruleId: "proof-basis", severity: "info", isHard: false, message } as const;
}
