import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import {
  type CarryOut,
  type DrillOrder,
  openDrillQueue,
  scheduleDrills,
  serveDrills,
  unscheduleDrills,
} from "./drill-queue.ts";
import { memoryDrillQueue } from "./memory-drill-queue.ts";
import { testRedis } from "./testing/private-redis.ts";
import { randomPrefix } from "./testing/test-message.ts";

let server: Awaited<ReturnType<typeof testRedis>>;
beforeAll(async () => {
  server = await testRedis();
});
afterAll(() => server.stop());

const passed = { exit: 0, digest: "d" } as const;
const order: DrillOrder = { scope: "short", actor: "ada", reason: "before the release" };

function setUp() {
  const onError = (error: Error) => {
    throw error;
  };
  const where = { redisUrl: server.url, prefix: randomPrefix(), onError };
  const queue = openDrillQueue(where);
  onTestFinished(() => queue.close());
  const serve = async (carryOut: CarryOut) => {
    const serving = await serveDrills(where, carryOut);
    onTestFinished(() => serving.stop());
  };
  return { where, queue, serve };
}

describe.each(["redis", "memory"])("a line of drills (%s)", (kind) => {
  const open = () => (kind === "redis" ? setUp().queue : memoryDrillQueue());

  test("keeps what is asked for, in order, and takes no more than five", async () => {
    const queue = open();
    for (let at = 1; at <= 5; at += 1)
      expect(await queue.ask({ ...order, reason: `no. ${at}` })).toMatchObject({ kind: "asked" });
    expect(await queue.ask(order)).toEqual({ kind: "full" });
    const { waiting, runners, running } = await queue.look();
    const reasons = waiting.map((each) => each.order.reason).toSorted();
    expect(reasons).toEqual(["no. 1", "no. 2", "no. 3", "no. 4", "no. 5"]);
    expect([runners, running]).toEqual([0, undefined]);
  });

  test("P1: takes one drill for each key", async () => {
    const queue = open();
    const first = await queue.ask(order, "k");
    expect(await queue.ask(order, "k")).toEqual(first);
    expect((await queue.look()).waiting).toHaveLength(1);
  });
});

test("whoever serves carries out what is asked for, and what it says is seen meanwhile", async () => {
  const { queue, serve } = setUp();
  const seen = Promise.withResolvers<DrillOrder>();
  const end = Promise.withResolvers<void>();
  await serve(async (asked, say) => {
    say("ok  the kill switch holds");
    seen.resolve(asked);
    await end.promise;
    return passed;
  });
  await queue.ask(order);
  expect(await seen.promise).toEqual(order);
  const running = { order, said: ["ok  the kill switch holds"] };
  await expect.poll(() => queue.look()).toMatchObject({ runners: 1, waiting: [], running });
  end.resolve();
  await expect.poll(async () => (await queue.look()).running).toBeUndefined();
});

test("drills come when they are due, one at a time, until the schedule is taken out", async () => {
  const { where, queue, serve } = setUp();
  let [running, most, done] = [0, 0, 0];
  const third = Promise.withResolvers<void>();
  const carryOut: CarryOut = async (asked) => {
    expect(asked).toMatchObject({ scope: "usual", actor: "calendar" });
    running += 1;
    most = Math.max(most, running);
    // Until another waits, which this one must not let begin.
    await queue.ask(order);
    running -= 1;
    done += 1;
    if (done === 3) third.resolve();
    return passed;
  };
  const due: CarryOut = async (asked, say) =>
    asked.scope === "usual" ? await carryOut(asked, say) : passed;
  await serve(due);
  await serve(due);
  await scheduleDrills(where, "* * * * * *");
  await third.promise;
  expect(most).toBe(1);
  expect((await queue.look()).schedule).toMatchObject({ cron: "* * * * * *" });
  expect(await unscheduleDrills(where)).toBe(true);
  expect(await unscheduleDrills(where)).toBe(false);
}, 60_000);

test("a new schedule replaces the old one, and what is no schedule is refused", async () => {
  const { where, queue } = setUp();
  await scheduleDrills(where, "0 4 * * *");
  const nextAt = await scheduleDrills(where, "0 3 1 1 *");
  expect(new Date(nextAt).toISOString()).toMatch(/-01-01T03:00:00/);
  expect((await queue.look()).schedule).toEqual({ cron: "0 3 1 1 *", nextAt });
  await expect(scheduleDrills(where, "now and then")).rejects.toThrow("not taken");
}, 60_000);
