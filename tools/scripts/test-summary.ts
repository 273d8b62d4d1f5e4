import { stripVTControlCharacters } from "node:util";

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const noTests: TestCounts = { passed: 0, failed: 0, skipped: 0 };

/** What one project printed while its tests ran, or when nx replayed it from its cache. */
export interface ProjectOutput {
  readonly project: string;
  readonly isCached: boolean;
  readonly lines: readonly string[];
  /** Undefined when the run ended without vitest's summary. */
  readonly counts?: TestCounts;
  readonly durationText?: string;
}

/** The counts of vitest's line "Tests  1 failed | 11 passed | 2 skipped (14)"; undefined for any other. */
export function parseTestsLine(line: string): TestCounts | undefined {
  const body = /^\s*Tests\s{2,}(.+)$/.exec(stripVTControlCharacters(line))?.[1];
  if (body === undefined) return undefined;
  const count = (word: string) => Number(new RegExp(`(\\d+) ${word}`).exec(body)?.[1] ?? 0);
  return {
    passed: count("passed"),
    failed: count("failed"),
    skipped: count("skipped") + count("todo"),
  };
}

/**
 * Reads the output of `nx run-many --output-style=static` line by line and reports each project once:
 * its block starts at nx's "> nx run <project>:<target>" and ends where the next one starts.
 */
export function createNxReader(onProject: (output: ProjectOutput) => void): {
  readonly read: (line: string) => void;
  readonly end: () => void;
} {
  let current: ProjectOutput | undefined;
  const end = () => {
    if (current !== undefined) onProject(current);
    current = undefined;
  };
  const read = (raw: string) => {
    const line = stripVTControlCharacters(raw);
    const started = /^> nx run (\S+):[\w-]+(.*)$/.exec(line);
    if (started !== null) {
      end();
      const isCached = /cache/.test(started[2] ?? "");
      current = { project: started[1] ?? "", isCached, lines: [] };
    } else if (/^ NX {2}/.test(line)) end();
    else if (current !== undefined) current = withLine(current, line);
  };
  return { read, end };
}

function withLine(output: ProjectOutput, line: string): ProjectOutput {
  const counts = isEmptyRun(line) ? noTests : parseTestsLine(line);
  const durationText = /^\s*Duration\s+(\S+)/.exec(line)?.[1];
  return {
    ...output,
    lines: [...output.lines, line],
    ...(counts === undefined ? {} : { counts }),
    ...(durationText === undefined ? {} : { durationText }),
  };
}

/** Whether vitest summed the project up without a failure and its npm script ended well. */
export function hasPassed({ counts, lines }: ProjectOutput): boolean {
  return counts?.failed === 0 && !lines.some((line) => line.startsWith("npm error code"));
}

/** A project's counts; one that failed without a failing test counts as one failure. */
export function countsOf(output: ProjectOutput): TestCounts {
  const counts = output.counts ?? noTests;
  return hasPassed(output) || counts.failed > 0 ? counts : { ...counts, failed: 1 };
}

/** What vitest prints, and succeeds, when a filter leaves a project without test files. */
function isEmptyRun(line: string): boolean {
  return line.startsWith("No test files found, exiting with code 0");
}

/**
 * The total over all projects and steps. `otherFailures` is the number of steps that failed without
 * a failing test, so that a red run never ends with "0 failed".
 */
export function totalOf(counts: readonly TestCounts[], otherFailures: number): TestCounts {
  const sum = (key: keyof TestCounts) => counts.reduce((total, each) => total + each[key], 0);
  return { passed: sum("passed"), failed: sum("failed") + otherFailures, skipped: sum("skipped") };
}
