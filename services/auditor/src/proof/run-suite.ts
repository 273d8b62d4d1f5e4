import { mkdir, mkdtemp, open } from "node:fs/promises";
import { constants } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { materialise, type Mirror } from "@council/git";
import {
  removeTree,
  runTestCommand,
  type SandboxSearch,
  type TestRunResult,
} from "@council/providers";
import { type Coverage, readCoverage } from "./coverage.ts";
import { readTestReport, type TestReport } from "./test-report.ts";

/** How a suite is run: nothing of it touches this machine outside the sandbox. */
export interface SuiteRun {
  readonly mirror: Mirror;
  readonly sandbox: SandboxSearch;
  readonly command: readonly string[];
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What the suite said: its exit code, and each test's outcome where a report was to be had. */
export interface SuiteResult {
  readonly result: TestRunResult;
  readonly report?: TestReport;
  readonly coverage?: Coverage;
}

const maxReportBytes = 16 * 1024 * 1024;
const reportFile = "report.xml";
const coverageFile = "lcov.info";

/**
 * Runs the suite on a tree, in a folder of its own. Reports are read from `/out/report.xml` (JUnit or
 * TAP), from the output if that is TAP, and `/out/lcov.info`; Node's own runner is told to write them.
 * A report is the word of the code under test, as its exit code is.
 */
export async function runSuite(run: SuiteRun, tree: string): Promise<SuiteResult> {
  const root = await mkdtemp(join(tmpdir(), "council-proof-"));
  try {
    const [dir, out] = [join(root, "tree"), join(root, "out")];
    await mkdir(dir);
    await mkdir(out);
    const written = await materialise(run.mirror, tree, dir);
    if (written.kind === "refused")
      return { result: { kind: "inconclusive", reason: written.reason } };
    const { sandbox, timeoutMs, signal } = run;
    const result = await runTestCommand({
      sandbox,
      timeoutMs,
      signal,
      dir,
      command: reporting(run.command),
      writablePaths: [{ from: out, to: "/out" }],
    });
    if (result.kind === "inconclusive") return { result };
    const reported = await readWritten(join(out, reportFile));
    const report = readTestReport(reported ?? result.output);
    const coverage = await readWritten(join(out, coverageFile));
    return {
      result,
      ...(report ? { report } : {}),
      ...(coverage === undefined ? {} : { coverage: readCoverage(coverage) }),
    };
  } finally {
    await removeTree(root);
  }
}

/** Node's own runner reports each test and the lines it ran, unless the operator chose its reporters. */
export function reporting(command: readonly string[]): readonly string[] {
  const at = command.indexOf("--test");
  const isPlain = /(^|\/)node$/.test(command[0] ?? "") && at > 0;
  if (!isPlain || command.some((word) => word.startsWith("--test-reporter"))) return command;
  const to = (reporter: string, place: string) => [
    `--test-reporter=${reporter}`,
    `--test-reporter-destination=${place}`,
  ];
  return [
    ...command.slice(0, at + 1),
    ...to("spec", "stdout"),
    ...to("junit", `/out/${reportFile}`),
    "--experimental-test-coverage",
    ...to("lcov", `/out/${coverageFile}`),
    ...command.slice(at + 1),
  ];
}

/** Neither a link out of the folder nor a pipe without a writer may hold the reader up. */
async function readWritten(path: string): Promise<string | undefined> {
  try {
    await using file = await open(
      path,
      constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    );
    const found = await file.stat();
    if (!found.isFile() || found.size > maxReportBytes) return undefined;
    return await file.readFile("utf8");
  } catch {
    return undefined;
  }
}
