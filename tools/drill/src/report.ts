/** Keeps reports: as JSON, chained to the one before, and as a page. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type DrillContent,
  drillContentSchema,
  type DrillReport,
  drillReportSchema,
} from "@council/contracts";
import { chainEntry } from "@council/evidence";
import { readDrillReports } from "@council/runtime";
import { renderPage } from "./report-page.ts";

export interface WrittenReport {
  readonly report: DrillReport;
  readonly jsonFile: string;
  readonly pageFile: string;
}

/** Writes the report as JSON and as a page, chained to the newest in `dir`; rejects on a broken chain. */
export async function writeReport(dir: string, content: DrillContent): Promise<WrittenReport> {
  await mkdir(dir, { recursive: true });
  const chain = await readDrillReports(dir);
  if (chain.kind === "broken") throw new Error(`${join(dir, chain.file)}: ${chain.reason}`);
  const before = chain.reports.at(-1);
  const entry = drillContentSchema.parse(content);
  const report = drillReportSchema.parse(chainEntry({ prev: before?.digest ?? null, entry }));
  const stamp = new Date(content.endedAt).toISOString().replaceAll(/[-:.]/g, "");
  const stem = join(dir, `drill-${stamp}`);
  await writeFile(`${stem}.json`, `${JSON.stringify(report, undefined, 2)}\n`, { flag: "wx" });
  await writeFile(`${stem}.html`, renderPage(report, before));
  return { report, jsonFile: `${stem}.json`, pageFile: `${stem}.html` };
}
