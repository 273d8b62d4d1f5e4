/** Writes grafana/dashboards from their sources: `node tools/scripts/write-dashboards.ts`. */
import { writeFile } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { buildDashboard } from "./dashboards/build-dashboard.ts";
import { bus } from "./dashboards/bus.ts";
import { canary } from "./dashboards/canary.ts";
import { drills } from "./dashboards/drills.ts";
import { overview } from "./dashboards/overview.ts";
import { quorum } from "./dashboards/quorum.ts";
import { rollbacks } from "./dashboards/rollbacks.ts";
import { spend } from "./dashboards/spend.ts";

export const dashboardsFolder = fileURLToPath(
  new URL("../../grafana/dashboards/", import.meta.url),
);

/** Text by file name. */
export function dashboardFiles(): Map<string, string> {
  const specs = [overview, rollbacks, quorum, spend, canary, bus, drills];
  return new Map(specs.map((spec) => [`${spec.uid}.json`, buildDashboard(spec)]));
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  for (const [name, text] of dashboardFiles()) await writeFile(`${dashboardsFolder}${name}`, text);
