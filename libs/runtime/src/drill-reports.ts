import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type DrillReport, drillReportSchema } from "@council/contracts";
import { verifyChain } from "@council/evidence";

export type DrillReports =
  | { readonly kind: "intact"; readonly reports: readonly DrillReport[] }
  | { readonly kind: "broken"; readonly file: string; readonly reason: string };

const fileName = /^drill-\d{8}T\d{9}Z\.json$/;

/**
 * Reads every drill report in `dir`, oldest first, and checks that none was changed, or taken out between
 * others. A folder that is not there holds none.
 */
export async function readDrillReports(dir: string): Promise<DrillReports> {
  const names = await readdir(dir).catch(() => []);
  const reports: DrillReport[] = [];
  const files = names.filter((name) => fileName.test(name)).sort();
  for (const file of files) {
    const parsed = drillReportSchema.safeParse(jsonOf(await readFile(join(dir, file), "utf8")));
    if (!parsed.success) return { kind: "broken", file, reason: "not a drill report" };
    reports.push(parsed.data);
  }
  const chain = verifyChain(reports);
  if (chain.kind === "intact") return { kind: "intact", reports };
  const reason =
    chain.reason === "prev-differs"
      ? "the report before it is missing or another one"
      : "it was changed";
  return { kind: "broken", file: files[chain.index] ?? "", reason };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
