import type { Finding } from "@council/domain";
import type { AuditedFile } from "../audited-change.ts";
import { countRun } from "./coverage.ts";
import type { SuiteResult } from "./run-suite.ts";

/** So many names, or so much output, show what is wrong. */
const maxNames = 10;
const outputTail = 1500;

const testsFail = {
  ruleId: "tests-fail",
  severity: "error",
  isHard: true,
  remedy: "make the tests pass",
} as const;

/** Tests that fail with the patch and did not without it; undefined when neither report nor exit code shows any. */
export function newFailure(candidate: SuiteResult, base: SuiteResult): Finding | undefined {
  if (candidate.result.kind !== "failed") return undefined;
  const { exitCode, output } = candidate.result;
  const failing = namesOf(candidate, "failed").filter(
    (name) => base.report?.outcomes.get(name) !== "failed",
  );
  if (base.result.kind === "failed" && (!candidate.report || !base.report || failing.length === 0))
    return undefined;
  const names = failing.length > 0 ? ` (newly failing: ${listed(failing)})` : "";
  const message = `the tests exit with ${exitCode}${names}: ${output.slice(-outputTail)}`;
  return { ...testsFail, message };
}

/** What the suite proves no longer: tests that are gone or skipped, touched lines that nothing runs. */
export function lostProof(
  candidate: SuiteResult,
  base: SuiteResult,
  files: readonly AuditedFile[],
): Finding[] {
  const now = candidate.report?.outcomes;
  const passed = namesOf(base, "passed");
  const gone = base.report ? passed.filter((name) => !now?.has(name)) : [];
  const skipped = passed.filter((name) => now?.get(name) === "skipped");
  const say = (ruleId: string, what: string, names: readonly string[]): Finding[] =>
    names.length === 0
      ? []
      : [
          {
            ruleId,
            severity: "error",
            isHard: false,
            message: `${names.length} ${what}: ${listed(names)}`,
            remedy: "keep the tests, or let a person decide that they may go",
          },
        ];
  return [
    ...say("tests-gone", "tests that passed are not run any more", gone),
    ...say("tests-now-skipped", "tests that passed are skipped", skipped),
    ...files.flatMap((file) => uncovered(file, candidate, base)),
  ];
}

/** Touched lines are to be run as much as the file was before; a new file, at all. */
function uncovered(
  { change: { path }, added }: AuditedFile,
  candidate: SuiteResult,
  base: SuiteResult,
): Finding[] {
  const touched = countRun(
    candidate.coverage?.get(path),
    added.map(({ line }) => line),
  );
  const old = base.coverage?.get(path);
  const before = countRun(old, [...(old?.keys() ?? [])]);
  const ratioBefore = before.able === 0 ? 0 : before.run / before.able;
  if (touched.able === 0 || touched.run / touched.able >= ratioBefore) return [];
  const message = `${touched.able - touched.run} of ${touched.able} touched lines are run by no test; of the file, ${Math.round(ratioBefore * 100)} % were`;
  const finding: Finding = {
    ruleId: "touched-lines-not-run",
    severity: "warning",
    isHard: false,
    path,
    message,
    remedy: "add a test that runs them",
  };
  return [finding];
}

const namesOf = ({ report }: SuiteResult, wanted: string) =>
  [...(report?.outcomes ?? [])].flatMap(([name, outcome]) => (outcome === wanted ? [name] : []));

const listed = (names: readonly string[]) =>
  names
    .slice(0, maxNames)
    .map((name) => name.slice(0, 100))
    .join("; ") + (names.length > maxNames ? "; …" : "");
