import { constants } from "node:os";
import { runSandboxed, type SandboxOutcome, type SandboxRun } from "./sandbox.ts";

export type TestRun = Omit<SandboxRun, "writable" | "maxOutputBytes"> & {
  /** Default true: suites write caches and coverage, so `dir` should be a copy made for this run. */
  readonly writable?: boolean;
  /** Default 256 KiB per stream. */
  readonly maxOutputBytes?: number;
};

/** `failed` is the tests' own word; whatever kept them from giving it is `inconclusive` (P3). */
export type TestRunResult =
  | { readonly kind: "passed"; readonly durationMs: number; readonly output: string }
  | { readonly kind: "failed"; readonly exitCode: number; readonly output: string }
  | { readonly kind: "inconclusive"; readonly reason: string };

/** Signals that speak of a limit or of the machine, not of the code under test. */
const NOT_THE_TESTS = ["SIGKILL", "SIGTERM", "SIGXCPU", "SIGXFSZ"];

/**
 * Runs a test suite in the sandbox. A suite that crashes (SIGSEGV, SIGABRT, …) has failed, with
 * 128 + the signal's number; a timeout, a limit, an abort, a program that cannot be started or a
 * missing sandbox is inconclusive.
 */
export async function runTestCommand(run: TestRun): Promise<TestRunResult> {
  const outcome = await runSandboxed({ writable: true, maxOutputBytes: 256 * 1024, ...run });
  switch (outcome.kind) {
    case "unavailable":
      return inconclusive(outcome.reason);
    case "timed-out":
      return inconclusive(`the tests took longer than ${run.timeoutMs} ms`);
    case "killed":
      return killed(outcome);
    case "exited":
      return exited(outcome);
  }
}

function exited(outcome: Extract<SandboxOutcome, { kind: "exited" }>): TestRunResult {
  const { exitCode, durationMs } = outcome;
  const output = outputOf(outcome);
  if (exitCode === 0) return { kind: "passed", durationMs, output };
  // Shells and prlimit alike use these two for a program that is missing or not executable.
  return exitCode === 126 || exitCode === 127
    ? inconclusive(`the test command could not be started: ${output}`)
    : { kind: "failed", exitCode, output };
}

function killed(outcome: Extract<SandboxOutcome, { kind: "killed" }>): TestRunResult {
  const { cause, signal } = outcome;
  if (cause === "aborted") return inconclusive("the tests were aborted");
  if (cause !== "signal") return inconclusive(`the tests went over their limit of ${cause}`);
  const code = NOT_THE_TESTS.includes(signal) ? undefined : signalNumber(signal);
  return code === undefined
    ? inconclusive(`the tests were ended by ${signal}`)
    : { kind: "failed", exitCode: 128 + code, output: outputOf(outcome) };
}

function signalNumber(signal: string): number | undefined {
  return Object.entries(constants.signals).find(([name]) => name === signal)?.[1];
}

function outputOf({
  stdout,
  stderr,
}: {
  readonly stdout: string;
  readonly stderr: string;
}): string {
  return [stdout, stderr].filter((text) => text !== "").join("\n");
}

/** P3: what kept the tests from answering is no evidence against the code, and none for it. */
function inconclusive(reason: string): TestRunResult {
  return { kind: "inconclusive", reason };
}
