/**
 * What the anytime-valid tests do beside the rules of other rollout controllers. Needs no server. Seeded:
 * apart from samples per second every run prints the same numbers. What was stopped goes on where it was.
 */
import { availableParallelism } from "node:os";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { cellsOf, makePools, type Part, type Sizes } from "./canary/cells.ts";
import { readRealData } from "./canary/real-data.ts";
import { runCells } from "./canary/run-cells.ts";
import { speed } from "./canary/speed.ts";
import { detection, falseReverts, type Measured, realTraces, rowCosts } from "./canary/tables.ts";
import { writeTables } from "./canary/write-tables.ts";
import { digits, printTable, type Table } from "./report.ts";

const full: Sizes = { healthyRuns: 1000, rivalRuns: 100, detectRuns: 400, splits: 1000 };
const short: Sizes = { healthyRuns: 12, rivalRuns: 2, detectRuns: 40, splits: 100 };
const parts = ["speed", "detection", "row", "real", "false"] as const;
const usage = `Usage: npm run bench:canary [-- OPTIONS]
  --short            few runs, in half a minute
  --only PART        one of ${parts.join(", ")}; may be given more than once
  --workers NUMBER   threads (default: all processors)
  --write            put the tables of the whole into docs/statistics.md`;

const root = join(import.meta.dirname, "..", "..");
const options = readOptions();
const sizes = options.isShort ? short : full;
const real = readRealData();
console.log(
  real
    ? "Costs are those of the Azure LLM trace."
    : "The real data are not there (COUNCIL_BENCH_DATA): costs are drawn from a log-normal distribution.",
);
const folder = join(root, ".council", "bench");
mkdirSync(folder, { recursive: true });
const isWanted = (part: (typeof parts)[number]) => options.only.includes(part);
// Before the threads begin: it is the one number that other work on the machine disturbs.
const measured = new Map<string, Measured>();
if (isWanted("speed")) measured.set("speed", speed(makePools(real), 1500));
const cells = cellsOf(sizes, real).filter(({ part }) => isNeeded(part));
const outcomes = await runCells({
  cells,
  sizes,
  workers: options.workers,
  folder: join(folder, "canary"),
  isReal: real !== undefined,
  say: (text) => console.log(text),
});
if (isWanted("detection")) measured.set("detection", detection(outcomes, sizes));
if (isWanted("row")) measured.set("row", rowCosts(outcomes));
if (isWanted("real") && real) measured.set("real", realTraces(outcomes, real));
if (isWanted("false")) measured.set("false", falseReverts(outcomes));
for (const { table } of measured.values()) printTable(table);
const goals = [...measured.values()].flatMap((one) => one.goals);
const goalTable: Table = {
  title: "goals",
  columns: ["goal", "measured", "at most", ""],
  rows: goals.map(({ name, measured: value, most }) => {
    return [name, digits(value), digits(most), value <= most ? "met" : "MISSED"];
  }),
  notes: [`Processor time ${digits(process.cpuUsage().user / 1e6)} s.`],
};
printTable(goalTable);
writeFileSync(
  join(folder, "canary.json"),
  `${JSON.stringify([...measured.values()], undefined, 2)}\n`,
);
if (options.isWriting) {
  const tables = [...measured].filter(([name]) => name !== "speed");
  writeTables(
    join(root, "docs", "statistics.md"),
    Object.fromEntries(tables.map(([name, { table }]) => [`bench:canary ${name}`, table])),
  );
  console.log("The tables are in docs/statistics.md.");
}
process.exitCode = goals.every(({ measured: value, most }) => value <= most) ? 0 : 1;

/** The table of costs over a row stands beside the requests of the first. */
function isNeeded(part: Part): boolean {
  return isWanted(part) || (part === "detection" && isWanted("row"));
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        short: { type: "boolean", default: false },
        only: { type: "string", multiple: true, default: [...parts] },
        workers: { type: "string", default: String(availableParallelism()) },
        write: { type: "boolean", default: false },
      },
    });
    const workers = Number(values.workers);
    const unknown = values.only.find((name) => !parts.some((part) => part === name));
    if (unknown !== undefined) throw new Error(`--only: there is no part ${unknown}`);
    if (!(Number.isInteger(workers) && workers >= 1)) throw new Error("--workers: use 1 or more");
    if (values.write && values.short) throw new Error("--write: not from a short run");
    return { isShort: values.short, only: values.only, workers, isWriting: values.write };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    process.exit(2);
  }
}
