/**
 * What the anytime-valid tests do beside the rules of other rollout controllers. Needs no server. Seeded:
 * apart from samples per second every run prints the same numbers. `--short` is the form for a test run.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readRealData } from "./canary/real-data.ts";
import {
  detection,
  falseReverts,
  makePools,
  type Measured,
  realTraces,
  type Sizes,
  speed,
} from "./canary/tables.ts";
import { digits, printTable } from "./report.ts";

const full: Sizes = { healthyRuns: 300, rivalRuns: 20, detectRuns: 400, splits: 1000 };
const short: Sizes = { healthyRuns: 12, rivalRuns: 2, detectRuns: 40, splits: 100 };

const args = process.argv.slice(2);
if (args.some((arg) => arg !== "--short")) {
  console.error("Usage: npm run bench:canary [-- --short]");
  process.exit(2);
}
const sizes = args.includes("--short") ? short : full;
const real = readRealData();
const pools = makePools(real);
console.log(
  real
    ? "Costs are those of the Azure LLM trace."
    : "The real data are not there (COUNCIL_BENCH_DATA): costs are drawn from a log-normal distribution.",
);
const measured: Measured[] = [];
const show = (one: Measured) => {
  measured.push(one);
  printTable(one.table);
};
show(speed(pools, 1500));
show(detection(pools, sizes));
if (real) show(realTraces(real, sizes));
show(falseReverts(pools, sizes));
const goals = measured.flatMap((one) => one.goals);
printTable({
  title: "goals",
  columns: ["goal", "measured", "at most", ""],
  rows: goals.map(({ name, measured: value, most }) => {
    return [name, digits(value), digits(most), value <= most ? "met" : "MISSED"];
  }),
  notes: [`Processor time ${digits(process.cpuUsage().user / 1e6)} s.`],
});
const folder = join(import.meta.dirname, "..", "..", ".council", "bench");
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "canary.json"), `${JSON.stringify(measured, undefined, 2)}\n`);
process.exitCode = goals.every(({ measured: value, most }) => value <= most) ? 0 : 1;
