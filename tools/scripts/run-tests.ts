/**
 * The whole test run: makes ready what the tests need, then checks, unit tests and system tests, each
 * named as it starts. Goes on after a failure, so one run shows all there is. The last line is
 * "N passed, N failed"; the exit code is not zero when anything failed.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { ensureChromium } from "./find-chromium.ts";
import { ensureConsole } from "./build-console.ts";
import {
  ensureBubblewrap,
  ensureRedisProgram,
  ensureRedisServer,
  startPrivateRedis,
} from "./private-tools.ts";
import type { Unavailable } from "./private-tools.ts";
import { parseTestArguments, usage } from "./test-arguments.ts";
import type { TestArguments } from "./test-arguments.ts";
import { createNxReader, countsOf, hasPassed, totalOf } from "./test-summary.ts";
import type { ProjectOutput, TestCounts } from "./test-summary.ts";

type Run = Extract<TestArguments, { kind: "run" }>;

interface Step {
  readonly title: string;
  readonly run: (env: NodeJS.ProcessEnv) => Promise<StepResult>;
}

interface StepResult {
  readonly ok: boolean;
  readonly counts: readonly TestCounts[];
}

interface FinishedStep {
  readonly title: string;
  readonly result: StepResult;
  readonly took: string;
}

interface Prepared {
  readonly env: NodeJS.ProcessEnv;
  readonly stop: () => Promise<void>;
}

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const checks = ["format:check", "lint", "typecheck", "knip"];
const systemProject = "@council/test";
const children = new Set<ChildProcess>();

const say = (line: string) => console.log(`  ${line}`);
const seconds = (startedAt: number) => `${((Date.now() - startedAt) / 1000).toFixed(1)} s`;

async function main(): Promise<number> {
  const args = parseTestArguments(process.argv.slice(2));
  if (args.kind === "help") {
    console.log(usage);
    return 0;
  }
  if (args.kind === "refused") {
    console.error(`${args.reason}\n\n${usage}`);
    return 2;
  }
  const startedAt = Date.now();
  console.log(`Council tests, Node.js ${process.version}`);
  const prepared = await prepare(args);
  if (prepared === undefined) return 1;
  const interrupted = interruption();
  try {
    const finished = await Promise.race([runSteps(stepsOf(args), prepared.env), interrupted]);
    return typeof finished === "number" ? finished : report(finished, startedAt);
  } finally {
    await prepared.stop();
  }
}

/** Redis and the sandbox for the tests. Without a Redis there is no run; without a sandbox, a notice. */
async function prepare(args: Run): Promise<Prepared | undefined> {
  // nx forces colours on the programs it runs, and what they print is read here.
  const quiet = { FORCE_COLOR: "0", NX_TUI: "false", npm_config_update_notifier: "false" };
  const env: NodeJS.ProcessEnv = { ...process.env, ...quiet, HOME: writableHome() };
  delete env["NO_COLOR"];
  if (args.only === "checks" || args.only === "architecture") return { env, stop: async () => {} };
  console.log("\nPreparing the console, a browser, Redis and the sandbox");
  const page = await ensureConsole({ say });
  if (page.kind === "failed") console.error(`  the console cannot be built: ${page.reason}`);
  const sandbox = await ensureBubblewrap({ say });
  if (sandbox.kind === "binary") env["COUNCIL_BWRAP"] = sandbox.path;
  else sayUnavailable("bubblewrap", sandbox);
  const browser = await ensureChromium({ say });
  if (browser.kind === "binary") env["COUNCIL_CHROMIUM"] = browser.path;
  else sayUnavailable("Chromium", browser);
  const program = await ensureRedisProgram({ say });
  if (program.kind === "binary") env["COUNCIL_REDIS_SERVER"] = program.path;
  const stop =
    !process.env["REDIS_URL"] && program.kind === "binary"
      ? await startOwnRedis(program, env)
      : await useOtherRedis(env);
  if (stop === undefined) return undefined;
  const bubblewrap = sandbox.kind === "binary" ? `bubblewrap ${sandbox.version}` : "no sandbox";
  say(`ready: Redis at ${env["REDIS_URL"]?.replace(/\/\/.*@/, "//…@")}, ${bubblewrap}`);
  return { env, stop };
}

/** npm, nx and vitest all write below HOME; a user without one gets one inside the checkout. */
function writableHome(): string {
  try {
    accessSync(homedir(), constants.W_OK);
    return homedir();
  } catch {
    const home = join(root, ".council", "home");
    mkdirSync(home, { recursive: true });
    return home;
  }
}

async function startOwnRedis(
  server: { readonly path: string },
  env: NodeJS.ProcessEnv,
): Promise<() => Promise<void>> {
  const dir = mkdtempSync(join(tmpdir(), "council-test-redis-"));
  const redis = await startPrivateRedis({ server, dir });
  env["REDIS_URL"] = redis.url;
  return async () => {
    await redis.stop();
    rmSync(dir, { recursive: true, force: true });
  };
}

async function useOtherRedis(env: NodeJS.ProcessEnv): Promise<(() => Promise<void>) | undefined> {
  const redis = await ensureRedisServer({ say });
  if (redis.kind === "url") {
    env["REDIS_URL"] = redis.url;
    return redis.stop ?? (async () => {});
  }
  if (redis.kind === "unavailable") sayUnavailable("Redis", redis);
  return undefined;
}

function sayUnavailable(name: string, { reason, remedies }: Unavailable): void {
  console.error(`  ${name} is not available: ${reason}`);
  for (const remedy of remedies) console.error(`    ${remedy}`);
}

function stepsOf(args: Run): readonly Step[] {
  const { only, filters, isFresh } = args;
  const isWhole = only === undefined && filters.length === 0;
  const flags = isFresh ? ["--skip-nx-cache"] : [];
  const passed = ["--passWithNoTests", ...filters];
  const steps: Step[] = [];
  if (isWhole || only === "checks") {
    for (const name of checks) steps.push({ title: name, run: (env) => runCheck(name, env) });
  }
  if (only === undefined || only === "unit") {
    const selection = [`--exclude=${systemProject}`, ...flags];
    steps.push({ title: "unit tests", run: (env) => runNx([...selection, "--", ...passed], env) });
  }
  if (only === undefined || (only !== "unit" && only !== "checks")) {
    const folders = only === undefined ? passed : ["--passWithNoTests", `${only}/`, ...filters];
    const selection = [`--projects=${systemProject}`, ...flags];
    steps.push({
      title: only ?? "system tests",
      run: (env) => runNx([...selection, "--", ...folders], env),
    });
  }
  return steps;
}

async function runSteps(
  steps: readonly Step[],
  env: NodeJS.ProcessEnv,
): Promise<readonly FinishedStep[]> {
  const finished: FinishedStep[] = [];
  for (const [index, { title, run }] of steps.entries()) {
    const startedAt = Date.now();
    console.log(`\n[${index + 1}/${steps.length}] ${title}`);
    const result = await run(env);
    finished.push({ title, result, took: seconds(startedAt) });
    say(`${result.ok ? "ok" : "FAILED"} in ${seconds(startedAt)}`);
  }
  return finished;
}

/** One npm script of package.json; its output is shown only if it fails. */
async function runCheck(name: string, env: NodeJS.ProcessEnv): Promise<StepResult> {
  const lines: string[] = [];
  const ok = await runLines("npm", ["run", "--silent", name], env, (line) => lines.push(line));
  if (!ok) for (const line of lines) say(line);
  return { ok, counts: [] };
}

async function runNx(args: readonly string[], env: NodeJS.ProcessEnv): Promise<StepResult> {
  const projects: ProjectOutput[] = [];
  const unclaimed: string[] = [];
  const reader = createNxReader((project) => {
    projects.push(project);
    showProject(project);
  });
  const nx = join(root, "node_modules", ".bin", "nx");
  const settings = ["run-many", "--target=test", "--parallel=2", "--output-style=static"];
  const isNxOk = await runLines(nx, [...settings, ...args], env, (line) => {
    unclaimed.push(line);
    reader.read(line);
  });
  reader.end();
  if (!isNxOk && projects.length === 0) for (const line of unclaimed) say(line);
  // nx can replay an interrupted task as a success, so what each project printed decides as well.
  const ok = isNxOk && projects.every(hasPassed);
  return { ok, counts: projects.map(countsOf) };
}

function showProject(output: ProjectOutput): void {
  const { project, counts, isCached, durationText, lines } = output;
  const isGood = hasPassed(output);
  if (isGood && counts !== undefined && counts.passed + counts.skipped === 0) return;
  const skipped = counts !== undefined && counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
  const numbers =
    counts === undefined
      ? "no summary"
      : `${counts.passed} passed, ${counts.failed} failed${skipped}`;
  const took = isCached ? "cached" : (durationText ?? "?");
  say(`${isGood ? "✓" : "✗"} ${project.padEnd(28)} ${numbers} (${took})`);
  if (isGood) return;
  for (const line of lines) console.log(`    ${line}`);
  if (isCached) say("this failure comes from the cache: `npm test -- --fresh` runs it again");
}

function report(results: readonly FinishedStep[], startedAt: number): number {
  const counts = results.flatMap(({ result }) => result.counts);
  const silent = results.filter(
    ({ result }) => !result.ok && result.counts.every(({ failed }) => failed === 0),
  );
  const total = totalOf(counts, silent.length);
  console.log(`\nSummary (${seconds(startedAt)})`);
  for (const { title, result, took } of results) {
    say(`${result.ok ? "ok    " : "FAILED"} ${title.padEnd(16)} ${took}`);
  }
  if (total.skipped > 0) say(`${total.skipped} skipped`);
  // A run that was to test and found nothing to test has not shown anything.
  const isEmpty = counts.length > 0 && total.passed + total.failed + total.skipped === 0;
  if (isEmpty) say("no test was found");
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
  return results.every(({ result }) => result.ok) && !isEmpty ? 0 : 1;
}

function runLines(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  onLine: (line: string) => void,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    // A group of its own, so that an interruption ends all of it at once.
    const child = spawn(program, [...args], {
      cwd: root,
      env,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    children.add(child);
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on("line", onLine);
    child.once("error", reject);
    child.once("close", (code) => {
      children.delete(child);
      resolve(code === 0);
    });
  });
}

/** Not SIGTERM: nx would live long enough to record the interrupted tests as its cached results. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has just ended by itself.
  }
}

/** Resolves to an exit code when this process is told to end, after the running step was told too. */
function interruption(): Promise<number> {
  return new Promise((resolve) => {
    for (const [signal, code] of [
      ["SIGINT", 130],
      ["SIGTERM", 143],
      ["SIGHUP", 129],
    ] as const) {
      process.once(signal, () => {
        for (const child of children) killGroup(child);
        resolve(code);
      });
    }
  });
}

if (!existsSync(join(root, "node_modules")))
  throw new Error("run this through `npm test`, which installs first");
// Not only the exit code: an interrupted run still has steps to come, which must not start.
process.exit(await main());
