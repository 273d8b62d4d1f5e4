import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { shortDrill } from "./fault.ts";
import { readDrillReports } from "@council/runtime";
import { runDrill } from "./run-drill.ts";

test("the short drill: a slow patch and an uncovered one are taken back, a healthy one stays (P4, P9)", async () => {
  const reportsDir = await mkdtemp(join(tmpdir(), "council-drill-test-"));
  const said: string[] = [];
  try {
    const { exit, report, pageFile } = await runDrill({
      faults: shortDrill,
      repeat: 1,
      seed: 1,
      reportsDir,
      say: (text) => said.push(text),
    });
    expect({ exit, said }).toMatchObject({ exit: 0 });
    expect(report.preflight.map(({ holds }) => holds)).toEqual([true, true, true, true]);
    const endings = Object.fromEntries(report.runs.map((run) => [run.fault, run.ending]));
    expect(endings).toEqual({ placebo: "settled", "latency-2": "reverted", coverage: "reverted" });
    expect(report.runs.every(({ isClean }) => isClean)).toBe(true);
    expect(report.summary.detectionMs?.count).toBe(2);
    expect(await readDrillReports(reportsDir)).toMatchObject({ kind: "intact" });
    expect(await readFile(pageFile, "utf8")).toContain("passed");
  } finally {
    await rm(reportsDir, { recursive: true, force: true });
  }
}, 300_000);

test("a fault that is not on the list is refused before anything is started", async () => {
  const options = { faults: ["flood"], repeat: 1, seed: 1, reportsDir: "nowhere", say: () => {} };
  await expect(runDrill(options)).rejects.toThrow("no fault is called flood");
});
