import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { Bus, Delivery } from "./bus.ts";
import { openDeadlines } from "./deadlines.ts";
import type { Deadline, Deadlines } from "./deadlines.ts";
import { openBus } from "./open-bus.ts";
import { testRedis } from "./testing/private-redis.ts";
import { randomPrefix, testMessage, until } from "./testing/test-message.ts";

let server: Awaited<ReturnType<typeof testRedis>>;
beforeAll(async () => {
  server = await testRedis();
});
afterAll(() => server.stop());

function setUp(): { bus: Bus; deadlines: Deadlines; seen: Delivery[]; startWorker: () => void } {
  const prefix = randomPrefix();
  const bus = openBus({ url: server.url, prefix });
  const deadlines = openDeadlines({ url: server.url, prefix });
  const seen: Delivery[] = [];
  const consumer = bus.consume({
    inbox: "in",
    handler: async (delivery) => {
      seen.push(delivery);
      return {};
    },
  });
  onTestFinished(async () => {
    await consumer.stop();
    await deadlines.close();
    await bus.close();
  });
  const startWorker = (): void => {
    const worker = deadlines.startDeadlineWorker(bus);
    onTestFinished(() => worker.stop());
  };
  return { bus, deadlines, seen, startWorker };
}

function deadline(parts: Partial<Deadline> = {}): Deadline {
  return {
    subject: "patch:1",
    name: "audit",
    epoch: "1",
    dueAt: Date.now() + 50,
    partition: 3,
    inbox: "in",
    message: testMessage({ id: "due" }),
    ...parts,
  };
}

test("P1: a deadline armed ten times fires once, not before its time", async () => {
  const { deadlines, seen, startWorker } = setUp();
  startWorker();
  const dueAt = Date.now() + 200;
  await Promise.all(Array.from({ length: 10 }, () => deadlines.armDeadline(deadline({ dueAt }))));
  await until(() => seen.length > 0);
  expect(Date.now()).toBeGreaterThanOrEqual(dueAt);
  // Armed again after it fired: the queue has forgotten it, the bus has not.
  await deadlines.armDeadline(deadline({ dueAt: 0 }));
  await deadlines.armDeadline(
    deadline({ dueAt: 0, epoch: "2", message: testMessage({ id: "2" }) }),
  );
  await until(() => seen.some(({ message }) => message.id === "2"));
  expect(seen.filter(({ message }) => message.id === "due")).toHaveLength(1);
  expect(seen[0]).toMatchObject({ partition: 3, inbox: "in" });
});

test("a cancelled deadline does not fire", async () => {
  const { deadlines, seen, startWorker } = setUp();
  await deadlines.armDeadline(deadline({ dueAt: Date.now() + 100 }));
  expect(await deadlines.cancelDeadline(deadline())).toEqual({ kind: "cancelled" });
  expect(await deadlines.cancelDeadline(deadline())).toEqual({ kind: "absent" });
  await deadlines.armDeadline(
    deadline({ name: "watch", dueAt: Date.now() + 150, message: testMessage({ id: "later" }) }),
  );
  startWorker();
  await until(() => seen.length > 0);
  expect(seen.map(({ message }) => message.id)).toEqual(["later"]);
});
