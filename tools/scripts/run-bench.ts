/**
 * The benchmarks, with the Redis and the sandbox they need. They measure and never fail for a number:
 * what runs beside them decides too much. Run them on an otherwise idle machine.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { benchUsage, parseBenchArguments } from "./bench-arguments.ts";
import type { BenchGroup } from "./bench-arguments.ts";
import { ensureBubblewrap, ensureRedisProgram } from "./private-tools.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const say = (line: string) => console.log(`  ${line}`);

async function main(): Promise<number> {
  const args = parseBenchArguments(process.argv.slice(2));
  if (args.kind === "help") {
    console.log(benchUsage);
    return 0;
  }
  if (args.kind === "refused") {
    console.error(`${args.reason}\n\n${benchUsage}`);
    return 2;
  }
  const env = await prepare(args.groups);
  if (env === undefined) return 1;
  const program = join(root, "test", "bench", "main.ts");
  const words = [program, String(args.rounds), ...args.groups];
  const child = spawn(process.execPath, words, { cwd: root, env, stdio: "inherit" });
  for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
  // A terminal sends this to the child as well.
  process.on("SIGINT", () => void (process.stdin.isTTY || child.kill("SIGINT")));
  const [code] = (await once(child, "exit")) as [number | null];
  return code ?? 1;
}

/** A private server is started by each measurement, so `REDIS_URL` does not matter here. */
async function prepare(groups: readonly BenchGroup[]): Promise<NodeJS.ProcessEnv | undefined> {
  const { REDIS_URL: _ignored, ...env } = process.env;
  const needs = (without: readonly BenchGroup[]) =>
    groups.some((group) => !without.includes(group));
  const redis = needs(["cli", "console"]) ? await ensureRedisProgram({ say }) : undefined;
  const sandbox = needs(["cli", "console", "bus"]) ? await ensureBubblewrap({ say }) : undefined;
  for (const tool of [redis, sandbox]) {
    if (tool?.kind !== "unavailable") continue;
    console.error([tool.reason, ...tool.remedies].join("\n  "));
    return undefined;
  }
  return {
    ...env,
    ...(redis?.kind === "binary" ? { COUNCIL_REDIS_SERVER: redis.path } : {}),
    ...(sandbox?.kind === "binary" ? { COUNCIL_BWRAP: sandbox.path } : {}),
  };
}

process.exit(await main());
