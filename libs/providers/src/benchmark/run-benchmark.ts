/**
 * Runs a benchmark set through a command in the sandbox. The command reads one JSON line `{"id", "input"}`
 * per case from its input and writes one `{"id", "output"}` per answer; other lines are its own business.
 * What is expected never enters the sandbox. An answer is right when it is the expected JSON value.
 */
import { isDeepStrictEqual } from "node:util";
import type { BenchmarkScore } from "@council/domain";
import { z } from "zod";
import { runSandboxed, type SandboxOutcome, type SandboxSearch } from "../sandbox.ts";
import type { BenchmarkSet } from "./read-benchmark-set.ts";

export interface BenchmarkRun {
  readonly sandbox: SandboxSearch;
  readonly set: BenchmarkSet;
  readonly command: readonly string[];
  /** Absolute folder with the code under test; the command starts there and may write to it. */
  readonly dir: string;
  /** For the whole set. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export type BenchmarkOutcome =
  | { readonly kind: "scored"; readonly score: BenchmarkScore; readonly durationMs: number }
  /** P3: what kept the command from answering says nothing of its answers. */
  | { readonly kind: "inconclusive"; readonly reason: string };

const maxOutputBytes = 16 * 1024 * 1024;
const answerSchema = z.object({ id: z.string(), output: z.json() });

/** Cases without an answer, or with two different ones, are wrong; so are those after a crash. */
export async function runBenchmark(run: BenchmarkRun): Promise<BenchmarkOutcome> {
  const { set, ...where } = run;
  const stdin = set.cases.map(({ id, input }) => `${JSON.stringify({ id, input })}\n`).join("");
  const outcome = await runSandboxed({ ...where, stdin, writable: true, maxOutputBytes });
  const kept = hindrance(outcome, run);
  if (kept !== undefined) return { kind: "inconclusive", reason: kept };
  const { stdout, durationMs } = outcome as Exclude<SandboxOutcome, { kind: "unavailable" }>;
  const answers = answersIn(stdout);
  const wrong = set.cases
    .filter(({ id, expected }) => !isDeepStrictEqual(answers.get(id), expected))
    .map(({ id }) => id)
    .toSorted();
  const score = { set: set.digest, total: set.cases.length, wrong };
  return { kind: "scored", score, durationMs };
}

function hindrance(outcome: SandboxOutcome, run: BenchmarkRun): string | undefined {
  switch (outcome.kind) {
    case "unavailable":
      return outcome.reason;
    case "timed-out":
      return `the benchmark took longer than ${run.timeoutMs} ms`;
    case "killed":
      if (outcome.cause !== "signal") return `the benchmark was ended: ${outcome.cause}`;
      break;
    case "exited":
      if (outcome.exitCode === 126 || outcome.exitCode === 127)
        return `the benchmark's command could not be started: ${outcome.stderr.slice(0, 500)}`;
  }
  return outcome.truncated ? `it wrote more than ${maxOutputBytes} bytes` : undefined;
}

/** The answer to each case; two that differ are none. */
function answersIn(output: string): Map<string, unknown> {
  const answers = new Map<string, unknown>();
  for (const line of output.split("\n")) {
    const answer = answerSchema.safeParse(parsed(line));
    if (!answer.success) continue;
    const { id, output: said } = answer.data;
    const isSame = !answers.has(id) || isDeepStrictEqual(answers.get(id), said);
    answers.set(id, isSame ? said : undefined);
  }
  return answers;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
