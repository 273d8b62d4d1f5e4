/** A streaming auditor that is killed while it watches: a real process, a real Redis, kill -9. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openBus } from "@council/bus";
import { inboxes, patchCommandSchema, watchSubject } from "@council/contracts";
import {
  defaultRules,
  judge,
  metricUnits,
  type Observation,
  observe,
  type Rule,
  type Sample,
  startWatch,
  type WatchState,
} from "@council/domain";
import { ensureRedisProgram, startPrivateRedis } from "@council/scripts/private-tools.ts";
import { expect, it } from "vitest";
import { seededRandom } from "../bench/canary/random.ts";

const main = fileURLToPath(
  new URL("../../services/streaming-auditor/src/main.ts", import.meta.url),
);
const patchId = "p03-killedauditor";
const rules = defaultRules.filter(({ id }) => id === "latency-p95" || id === "accuracy-kept");
const perArm = 15;

/** One batch of requests; the canary is half as slow again. */
/** Without when it was looked: that is the clock's, all else the evidence's. */
function untimed(said: Observation) {
  return { ...said, at: 0, trail: said.trail?.map(([, harm]) => harm) };
}

function batchOf(seed: number, at: number): Sample[] {
  const { uniform, normal } = seededRandom(seed);
  return Array.from({ length: 2 * perArm }).flatMap((_, index) => {
    const arm = index % 2 === 0 ? ("baseline" as const) : ("canary" as const);
    const sample = (metric: "latency" | "accuracy", value: number): Sample => {
      return { metric, arm, value, unit: metricUnits[metric], at };
    };
    const latency = 100 * Math.exp(0.6 * normal()) * (arm === "canary" ? 1.5 : 1);
    return [sample("latency", latency), sample("accuracy", uniform() < 0.03 ? 0 : 1)];
  });
}

async function startDesk(stack: AsyncDisposableStack) {
  const dir = await mkdtemp(join(tmpdir(), "council-killed-"));
  stack.defer(() => rm(dir, { recursive: true, force: true }));
  const program = await ensureRedisProgram({ say: () => {} });
  if (program.kind !== "binary") throw new Error(program.reason);
  const redis = await startPrivateRedis({ server: program, dir: join(dir, "redis") });
  stack.defer(() => redis.stop());
  const bus = openBus({ url: redis.url });
  stack.defer(() => bus.close());
  let auditor: ChildProcess | undefined;
  const kill = async () => {
    if (!auditor || auditor.exitCode !== null || auditor.signalCode !== null) return;
    const ended = once(auditor, "exit");
    auditor.kill("SIGKILL");
    await ended;
  };
  stack.defer(kill);
  const start = () => {
    const env = { PATH: process.env["PATH"], REDIS_URL: redis.url };
    auditor = spawn(process.execPath, [main], { env, cwd: dir, stdio: "ignore" });
  };
  let count = 0;
  const send = async (type: string, body: unknown, at: number) => {
    const id = `m${(count += 1)}`;
    const core = { v: 1 as const, id, type, subject: patchId, correlationId: patchId, at };
    await bus.send(3, { ...core, body }, inboxes.streamingAuditor, id);
  };
  const watch = (watched: readonly Rule[], at: number) => {
    const patch = {
      id: patchId,
      repository: "shop",
      targetBranch: "main",
      title: "t",
      author: "a",
    };
    const terms = { stage: "canary", token: 1, rules: watched, watchMinMs: 600_000 };
    return send("watch", { patch, effect: { type: "watch", ...terms } }, at);
  };
  const told: Observation[] = [];
  const controller = bus.consume({
    inbox: inboxes.patchController,
    handler: async ({ message }) => {
      const command = patchCommandSchema.parse(message.body);
      if (command.type === "record-observation") told.push(command.observation);
      return {};
    },
  });
  stack.defer(() => controller.stop());
  const seen = async () => {
    const read = await bus.readState(3, watchSubject(patchId));
    const state = read && (JSON.parse(read.value) as WatchState);
    return state?.tests["latency-p95"]?.samples.canary ?? 0;
  };
  return { start, kill, send, watch, told, seen };
}

it("P5: killed between batches, it says what one that was never killed says, bit for bit", async () => {
  await using stack = new AsyncDisposableStack();
  const desk = await startDesk(stack);
  const startedAt = Date.now();
  const terms = { patchId, stage: "canary", token: 1, startedAt, watchMinMs: 600_000, rules };
  let [state, expected] = [startWatch(terms), undefined as Observation | undefined];
  const batches: Sample[][] = [];
  while (expected?.kind !== "breach") {
    const batch = batchOf(batches.length + 1, startedAt + 1);
    batches.push(batch);
    const look = observe(state, batch, startedAt + 1);
    [state, expected] = [look.state, look.observation];
  }
  expect(batches.length).toBeGreaterThan(4);
  await desk.watch(rules, startedAt);
  desk.start();
  for (const [index, samples] of batches.entries()) {
    await desk.send("samples", { samples }, startedAt);
    await expect.poll(desk.seen, { timeout: 30_000 }).toBe((index + 1) * perArm);
    if (index % 3 !== 1) continue;
    await desk.kill();
    desk.start();
  }
  await expect.poll(() => desk.told.length, { timeout: 30_000 }).toBe(1);
  const [said] = desk.told;
  expect(untimed(said!)).toEqual(untimed(expected));
  const moment = { at: said!.at, startedAt, watchMinMs: 600_000, quiet: [] };
  const { trail: _, ...judged } = said!;
  expect(judge(rules, judged.readings, moment)).toEqual(judged);
});

it("P1: killed in the middle of its work, it counts every batch once", async () => {
  await using stack = new AsyncDisposableStack();
  const desk = await startDesk(stack);
  const startedAt = Date.now();
  const patient = rules.map((rule) => ({ ...rule, minEffect: 100 }));
  await desk.watch(patient, startedAt);
  const batches = 200;
  for (let seed = 1; seed <= batches; seed += 1)
    await desk.send("samples", { samples: batchOf(seed, startedAt + 1) }, startedAt);
  for (const least of [1, 400, 900]) {
    desk.start();
    await expect.poll(desk.seen, { timeout: 30_000, interval: 2 }).toBeGreaterThanOrEqual(least);
    await desk.kill();
  }
  desk.start();
  await expect.poll(desk.seen, { timeout: 60_000 }).toBe(batches * perArm);
  expect(desk.told).toEqual([]);
}, 120_000);
