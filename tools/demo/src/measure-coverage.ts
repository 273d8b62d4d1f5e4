import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { lowerPriority } from "./lower-priority.ts";

const timeoutMs = 30_000;

/**
 * Runs the tests in `dir` and returns the ratio (0–1) of lines they reach, over every source file
 * they load; undefined when they fail. Runs at low priority: what is being measured elsewhere on the
 * machine comes first.
 */
export async function measureCoverage(dir: string): Promise<number | undefined> {
  const child = spawn(
    process.execPath,
    ["--test", "--experimental-test-coverage", "--test-reporter=lcov"],
    {
      cwd: dir,
      env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin" },
      stdio: ["ignore", "pipe", "ignore"],
      timeout: timeoutMs,
    },
  );
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  lowerPriority(child.pid);
  const [report, exitCode] = await Promise.all([text(child.stdout), exited]);
  return exitCode === 0 ? lineRatio(report) : undefined;
}

/** The lines hit over the lines found, summed over a report in lcov's format; undefined without lines. */
export function lineRatio(report: string): number | undefined {
  const sum = (field: "LF" | "LH") =>
    report
      .split("\n")
      .filter((line) => line.startsWith(`${field}:`))
      .reduce((total, line) => total + Number(line.slice(field.length + 1)), 0);
  const found = sum("LF");
  return found > 0 ? sum("LH") / found : undefined;
}
