import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { DrillContent, DrillRun } from "@council/contracts";
import { readDrillReports } from "@council/runtime";
import { writeReport } from "./report.ts";
import { spread, summarizeRuns } from "./summarize-runs.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "council-report-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const run = (more: Partial<DrillRun>): DrillRun => ({
  id: "drill-latency-2-1",
  fault: "latency-2",
  repeat: 1,
  patchId: "p00-abcdefgh",
  stage: "canary",
  submittedAt: 1,
  ending: "reverted",
  isClean: true,
  deviations: [],
  ...more,
});

function content(endedAt: number, runs: readonly DrillRun[] = []): DrillContent {
  return {
    v: 1,
    startedAt: 1,
    endedAt,
    seed: 3,
    rulesDigest: "a".repeat(64),
    faults: ["latency-2"],
    isComprehensive: false,
    versions: { node: "24" },
    target: { title: "a <b>title</b>", base: "b", tree: "t" },
    preflight: [{ name: "steady state", holds: true, detail: "fine" }],
    runs: [...runs],
    summary: summarizeRuns(runs),
    outcome: "passed",
  };
}

test("reports are chained: what is changed or taken out is noticed", async () => {
  const first = await writeReport(dir, content(1000));
  const second = await writeReport(dir, content(2000));
  expect(second.report.prev).toBe(first.report.digest);
  expect(await readDrillReports(dir)).toMatchObject({ kind: "intact", reports: { length: 2 } });
  const text = await readFile(first.jsonFile, "utf8");
  await writeFile(first.jsonFile, text.replace('"seed": 3', '"seed": 4'));
  expect(await readDrillReports(dir)).toMatchObject({ kind: "broken", reason: "it was changed" });
  await expect(writeReport(dir, content(3000))).rejects.toThrow("it was changed");
  await rm(first.jsonFile);
  expect(await readDrillReports(dir)).toMatchObject({ kind: "broken" });
});

test("a report is its own page: plots inside, nothing fetched, no markup from outside", async () => {
  const trail: [number, number][] = [
    [0, 0],
    [900, 3.5],
  ];
  const why = "<script>alert(1)</script>";
  const runs = [run({ detectionMs: 900, revertMs: 400, why, trail })];
  const { pageFile } = await writeReport(dir, content(1000, runs));
  const page = await readFile(pageFile, "utf8");
  expect(page).toContain("<circle");
  expect(page).toContain("<polyline");
  expect(page).toContain("a &lt;b&gt;title&lt;/b&gt;");
  expect(page).not.toMatch(/<script|https?:|<link|<img/);
});

test("quantiles are by nearest rank, and there are none of nothing", () => {
  expect(spread([])).toBeUndefined();
  expect(spread([5])).toEqual({ count: 1, p50: 5, p95: 5, max: 5 });
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(spread(hundred)).toEqual({ count: 100, p50: 50, p95: 95, max: 100 });
});

test("only harmless patches count as taken back wrongly", () => {
  const placebos = [1, 2, 3].map((repeat) => run({ fault: "placebo", repeat, ending: "settled" }));
  const wrong = run({ fault: "placebo", ending: "reverted", revertStartedAt: 5 });
  const summary = summarizeRuns([...placebos, wrong, run({ revertStartedAt: 9 })]);
  expect(summary.harmless).toMatchObject({ runs: 4, takenBack: 1 });
});
