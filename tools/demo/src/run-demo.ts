/**
 * The main job of Council from end to end on this machine: a product with users, one good patch that
 * stays, four bad ones that pass the audit and are taken back for what they do in use.
 */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureConsole } from "@council/scripts/build-console.ts";
import {
  ensureBubblewrap,
  ensureRedisServer,
  startPrivateRedis,
} from "@council/scripts/private-tools.ts";
import { startDrillRunner } from "./drill-runner.ts";
import { submissionOf } from "./demo-setup.ts";
import type { World } from "./demo-world.ts";
import { startWorld } from "./demo-world.ts";
import { followEvents } from "./follow.ts";
import type { PatchFollower } from "./patch-follower.ts";
import { patchFollower } from "./patch-follower.ts";
import { demoPatches } from "./patches/demo-patches.ts";
import type { DemoPatch } from "./patches/demo-patch.ts";
import { runGit } from "./run-git.ts";
import type { Check, DemoRow } from "./summary.ts";
import { demoChecks, summaryRecord, summaryTable } from "./summary.ts";
import type { Timeline } from "./timeline.ts";
import { timeline } from "./timeline.ts";

export interface DemoOptions {
  /** End when all is shown, instead of staying up. */
  readonly exit: boolean;
  /** Port of the gateway and the console on loopback; default: a free one. */
  readonly port?: number;
  /** One JSON value per line. */
  readonly json?: boolean;
  /** Keep the folder with logs, repository and data. */
  readonly keep?: boolean;
}

/** 130 after a Ctrl-C, as shells have it. */
export type DemoExit = 0 | 1 | 130;

const patchTimeoutMs = 120_000;
const quietMs = 3000;

/**
 * Runs the demo and resolves to the exit code: 0 only if every patch ended as it should and the
 * branches hold exactly the good one. Prints to standard output; ends what it started.
 */
export async function runDemo(options: DemoOptions): Promise<DemoExit> {
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.once("SIGINT", interrupt);
  process.once("SIGTERM", interrupt);
  const isColoured = process.stdout.isTTY && !process.env["NO_COLOR"] && options.json !== true;
  const write = (line: string) => void process.stdout.write(`${line}\n`);
  const show = timeline({ write, json: options.json ?? false, isColoured });
  try {
    await using resources = new AsyncDisposableStack();
    return await live({ options, show, write, resources, signal: interrupted.signal });
  } catch (error) {
    if (interrupted.signal.aborted) return 130;
    show.note(
      `the demo could not go on: ${error instanceof Error ? error.message : String(error)}`,
    );
    return 1;
  } finally {
    process.removeListener("SIGINT", interrupt);
    process.removeListener("SIGTERM", interrupt);
  }
}

interface Run {
  readonly options: DemoOptions;
  readonly show: Timeline;
  readonly write: (line: string) => void;
  readonly resources: AsyncDisposableStack;
  readonly signal: AbortSignal;
}

async function live(run: Run): Promise<DemoExit> {
  const { options, show, resources, signal } = run;
  const dir = await mkdtemp(join(tmpdir(), "council-demo-"));
  resources.defer(async () => {
    if (options.keep === true) show.note(`kept: ${dir}`);
    else await rm(dir, { recursive: true, force: true, maxRetries: 5 });
  });
  const tools = await prepareTools(run, dir);
  if (tools === undefined) return 1;
  // Not raced with the interrupt: what has been half started must first be there to be ended.
  const keyPrefix = `demo-${randomBytes(4).toString("hex")}`;
  const world = await startWorld({
    dir,
    resources,
    say: show.note,
    keyPrefix,
    ...tools,
    ...(options.port === undefined ? {} : { httpPort: options.port }),
  });
  signal.throwIfAborted();
  const follower = await startFollowing(run, world);
  show.note(`watch it in a browser: ${world.stack.url}/`);
  show.note(
    `operator token of this demo, for rolling back there: ${world.stack.secrets.operatorToken}`,
  );
  const rows = await playPatches(run, world, follower);
  const isGood = await finish(run, world, rows);
  if (!options.exit) {
    const reportsDir = join(dir, "council", "data", "gateway", "drills");
    const runner = startDrillRunner({ redisUrl: tools.redisUrl, keyPrefix, reportsDir });
    resources.defer(() => runner.stop());
    show.note("drills can be run from the console now");
    show.note(`the console stays at ${world.stack.url}/ until Ctrl-C`);
    await untilAborted(new Promise<never>(() => {}), signal).catch(() => {});
  }
  return isGood ? 0 : 1;
}

async function prepareTools(
  { show, resources }: Run,
  dir: string,
): Promise<{ redisUrl: string; bwrapPath: string } | undefined> {
  show.note("looking for Redis and the sandbox");
  const [server, sandbox, page] = await Promise.all([
    ensureRedisServer({ say: show.note }),
    ensureBubblewrap({ say: show.note }),
    ensureConsole({ say: show.note }),
  ]);
  if (page.kind === "failed") show.note(`the console cannot be built: ${page.reason}`);
  for (const tool of [server, sandbox]) {
    if (tool.kind !== "unavailable") continue;
    for (const line of [tool.reason, ...tool.remedies]) show.note(line);
  }
  if (server.kind === "unavailable" || sandbox.kind !== "binary") return undefined;
  if (server.kind === "url") {
    const { stop } = server;
    if (stop) resources.defer(stop);
    return { redisUrl: server.url, bwrapPath: sandbox.path };
  }
  const redis = await startPrivateRedis({ server, dir: join(dir, "redis") });
  resources.defer(() => redis.stop());
  show.note(`a private Redis ${server.version} is up`);
  return { redisUrl: redis.url, bwrapPath: sandbox.path };
}

/** Resolves when the feed is open, so that nothing of the first patch is missed. */
async function startFollowing(run: Run, world: World): Promise<PatchFollower> {
  const follower = patchFollower(run.show.entry);
  const opened = Promise.withResolvers<void>();
  const closing = new AbortController();
  const following = followEvents({
    url: world.stack.url,
    token: world.stack.secrets.operatorToken,
    signal: closing.signal,
    onEntry: follower.take,
    onOpen: opened.resolve,
    onLost: (reason) => run.show.note(`the live feed was lost (${reason}): taking it up again`),
  });
  run.resources.defer(async () => {
    closing.abort();
    await following;
  });
  await untilAborted(Promise.race([opened.promise, following]), run.signal);
  return follower;
}

async function playPatches(run: Run, world: World, follower: PatchFollower): Promise<DemoRow[]> {
  const rows: DemoRow[] = [];
  const quiet = setInterval(() => {
    if (Date.now() - follower.lastAt() < quietMs) return;
    const { baseline, canary } = world.proxy.counts();
    const weight = Math.round((world.deployer.current()?.canary?.weight ?? 0) * 100);
    run.show.note(
      `… ${weight} % of the requests go to the patch; so far ${baseline.served} to the baseline, ` +
        `${canary.served} to patches`,
    );
  }, quietMs);
  try {
    for (const patch of demoPatches) {
      const patchId = await submit(world, patch);
      const ended = follower.ended(patchId, patchTimeoutMs);
      const record = await untilAborted(ended, run.signal);
      world.deployer.conclude(patchId);
      rows.push({ patch, record });
    }
  } finally {
    clearInterval(quiet);
  }
  return rows;
}

async function submit({ client, repository }: World, patch: DemoPatch): Promise<string> {
  const draft = await repository.draft(patch);
  const { status, body } = await client.submit(submissionOf(patch, draft));
  if (status === 202 && typeof body === "object" && body !== null && "id" in body)
    return String(body.id);
  throw new Error(`the gateway answers ${status} to "${patch.title}": ${JSON.stringify(body)}`);
}

async function finish(run: Run, world: World, rows: readonly DemoRow[]): Promise<boolean> {
  const { repository } = world;
  const hasCanary = (await repository.head("council/canary")) !== undefined;
  const checks = demoChecks(rows, {
    mainTree: await repository.treeOf("main"),
    expectedTree: world.expectedTree,
    canaryTree: hasCanary ? await repository.treeOf("council/canary") : undefined,
  });
  const isGood = checks.every(({ holds }) => holds);
  if (run.options.json === true) {
    const summary = { patches: rows.map(summaryRecord), checks, isGood, url: world.stack.url };
    run.write(JSON.stringify({ summary }));
    return isGood;
  }
  run.write(`\n${summaryTable(rows)}\n`);
  for (const branch of hasCanary ? ["main", "council/canary"] : ["main"])
    run.write(`${branch}\n${await branchLog(repository.bare, branch)}\n`);
  for (const check of checks) run.write(checkLine(check));
  return isGood;
}

const checkLine = ({ holds, text }: Check) => `${holds ? "ok  " : "FAIL"}  ${text}`;

/** One line per commit of the branch's own line, with the trailers that say what Council did. */
async function branchLog(bare: string, branch: string): Promise<string> {
  const trailer = (key: string) => `%(trailers:key=${key},valueonly,separator=%x2C)`;
  const format =
    `  %h  %s%x09${trailer("Council-Stage")}%x09${trailer("Council-Patch")}` +
    `%x09${trailer("Council-Reverts")}`;
  const log = await runGit(bare, ["log", "--first-parent", `--format=${format}`, branch]);
  return log
    .trimEnd()
    .split("\n")
    .map((line) => {
      const [subject = "", stage, patch, reverts] = line.split("\t");
      const marks = [
        stage && `stage ${stage}`,
        patch && `patch ${patch}`,
        reverts && `reverts ${reverts.slice(0, 7)}`,
      ].filter(Boolean);
      return marks.length > 0 ? `${subject}  [${marks.join(", ")}]` : subject;
    })
    .join("\n");
}

function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new Error("interrupted"));
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
