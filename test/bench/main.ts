/**
 * The benchmarks: measures, prints one table per subject, keeps the numbers in `.council/bench`.
 * Started by `npm run bench`, which provides Redis and the sandbox. Nothing here passes or fails.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { benchBus } from "./bus.ts";
import { benchCli } from "./cli.ts";
import { benchConsole } from "./console.ts";
import { benchDemo } from "./demo.ts";
import { benchGuard } from "./guard.ts";
import { benchHostile } from "./hostile.ts";
import { benchHttp } from "./http.ts";
import { benchMemory } from "./memory.ts";
import { machine, printTable } from "./report.ts";
import type { GroupResult } from "./report.ts";
import { benchQuorum } from "./quorum.ts";
import { benchRollback } from "./rollback.ts";
import { benchSpend } from "./spend.ts";

const groups: Record<string, (input: { rounds: number }) => Promise<GroupResult>> = {
  cli: benchCli,
  console: benchConsole,
  bus: benchBus,
  http: benchHttp,
  quorum: benchQuorum,
  guard: benchGuard,
  hostile: benchHostile,
  rollback: benchRollback,
  spend: benchSpend,
  memory: benchMemory,
  demo: benchDemo,
};

/** Arguments, already checked: how many rounds, then the names of the groups. */
const [rounds = "3", ...names] = process.argv.slice(2);
const startedAt = new Date();
const before = machine();
const results: Record<string, unknown> = {};
console.log(
  `Council benchmarks on ${String(before["cores"])} cores, load ${String(before["loadAverage"])}`,
);
for (const name of names) {
  console.log(`\n${name}`);
  const result = await groups[name]?.({ rounds: Number(rounds) });
  if (result === undefined) throw new Error(`no group is called ${name}`);
  for (const table of result.tables) printTable(table);
  results[name] = result;
}
const folder = join(import.meta.dirname, "..", "..", ".council", "bench");
mkdirSync(folder, { recursive: true });
const file = join(folder, `${startedAt.toISOString().replaceAll(":", "-")}.json`);
const record = {
  startedAt,
  machine: before,
  loadAfter: loadavg(),
  rounds: Number(rounds),
  results,
};
writeFileSync(file, `${JSON.stringify(record, undefined, 2)}\n`);
console.log(`\nLoad at the end ${String(loadavg())}. The numbers are in ${file}`);
// Servers are stopped by now; clients that would still reconnect must not keep this process.
process.exit(0);
