import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ensureRedisProgram,
  type PrivateRedis,
  startPrivateRedis,
} from "@council/scripts/private-tools.ts";
import { Queue } from "bullmq";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { scheduleDrills, unscheduleDrills } from "./schedule-drills.ts";

let dir: string;
let redis: PrivateRedis;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "council-schedule-"));
  const server = await ensureRedisProgram({ say: () => {} });
  if (server.kind === "unavailable") throw new Error(server.reason);
  redis = await startPrivateRedis({ server, dir });
}, 120_000);
afterAll(async () => {
  await redis?.stop();
  await rm(dir, { recursive: true, force: true });
});

const passed = { exit: 0, report: { digest: "d" } } as const;
const where = () => ({ redisUrl: redis.url, prefix: "t" });
const unexpected = (error: Error) => {
  throw error;
};

/** Tells whether a drill that nobody has begun should have been by now. */
function dueDrills(): () => Promise<boolean> {
  const queue = new Queue("drills", { connection: { url: redis.url }, prefix: "{tdrills}" });
  onTestFinished(() => queue.close());
  return async () => {
    const jobs = await queue.getJobs(["waiting", "prioritized", "delayed"]);
    return jobs.some((job) => job.timestamp + job.delay <= Date.now());
  };
}

test("drills come when they are due, one at a time, until the schedule is taken out", async () => {
  const isOneDue = dueDrills();
  let [running, most, done] = [0, 0, 0];
  const third = Promise.withResolvers<void>();
  const drill = async () => {
    running += 1;
    most = Math.max(most, running);
    // Until another is due, which must wait for this one.
    await expect.poll(isOneDue, { timeout: 10_000 }).toBe(true);
    running -= 1;
    done += 1;
    if (done === 3) third.resolve();
    return passed;
  };
  const schedule = { ...where(), cron: "* * * * * *", drill, onError: unexpected };
  const first = await scheduleDrills(schedule);
  const second = await scheduleDrills(schedule);
  await third.promise;
  await Promise.all([first.stop(), second.stop()]);
  expect(most).toBe(1);
  expect(await unscheduleDrills(where())).toBe(true);
  expect(await unscheduleDrills(where())).toBe(false);
}, 60_000);

test("a new schedule replaces the old one, and what is no schedule is refused", async () => {
  const drill = async () => passed;
  const yearly = { ...where(), cron: "0 3 1 1 *", drill, onError: unexpected };
  const scheduled = await scheduleDrills(yearly);
  expect(new Date(scheduled.nextAt).toISOString()).toMatch(/-01-01T03:00:00/);
  await scheduled.stop();
  await expect(scheduleDrills({ ...yearly, cron: "now and then" })).rejects.toThrow("not taken");
  expect(await unscheduleDrills(where())).toBe(true);
}, 60_000);
