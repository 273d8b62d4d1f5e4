import { expect, test } from "vitest";
import type { Delivery, Outcome } from "../bus.ts";
import { testMessage, until } from "../testing/test-message.ts";
import { consume } from "./consume.ts";
import type { OpenTestBus } from "./consume.ts";

export function describeConsumer(open: OpenTestBus): void {
  test("a chain of two inboxes carries every message through exactly once (P1)", async () => {
    const bus = await open();
    const total = 200;
    const first = consume(bus, {
      inbox: "one",
      handler: async ({ message }) => ({
        messages: [{ inbox: "two", message: { ...message, id: `${message.id}-next` } }],
      }),
    });
    const second = consume(bus, {
      inbox: "two",
      handler: async ({ message, partition }) => {
        const before = await bus.readState(partition, message.subject);
        return {
          state: {
            subject: message.subject,
            expectedVersion: before?.version ?? 0,
            value: message.id,
          },
          ledger: [message.id],
        };
      },
    });
    await Promise.all(
      Array.from({ length: total }, (_, at) => {
        const subject = `patch-${at}`;
        return bus.send(
          bus.partitionOf(subject),
          testMessage({ id: subject, subject }),
          "one",
          subject,
        );
      }),
    );
    await until(() => second.count("applied") === total);
    expect(first.count("applied")).toBe(total);
    const ledger: string[] = [];
    for (let partition = 0; partition < bus.partitions; partition += 1) {
      for (const { entry } of await bus.readLedger(partition, { count: 1000 })) ledger.push(entry);
    }
    expect(ledger.toSorted()).toEqual(
      Array.from({ length: total }, (_, at) => `patch-${at}-next`).toSorted(),
    );
  });

  test("deliveries of one subject run in order and alone, those of others meanwhile", async () => {
    const bus = await open();
    const seen: string[] = [];
    let running = 0;
    let most = 0;
    const watched = consume(bus, {
      inbox: "in",
      concurrency: 4,
      handler: async ({ message }) => {
        running += 1;
        most = Math.max(most, running);
        seen.push(`${message.subject} in`);
        await new Promise((resolve) => setTimeout(resolve, message.subject === "slow" ? 15 : 1));
        seen.push(`${message.subject} out`);
        running -= 1;
        return { ledger: [message.id] };
      },
    });
    const subjects = ["slow", "slow", "slow", "b", "c", "d", "e", "f", "g"];
    for (const [at, subject] of subjects.entries()) {
      await bus.send(5, testMessage({ id: `m${at}`, subject }), "in", `m${at}`);
    }
    await until(() => watched.count("applied") === subjects.length);
    const slow = seen.filter((each) => each.startsWith("slow"));
    expect(slow).toEqual(["slow in", "slow out", "slow in", "slow out", "slow in", "slow out"]);
    const ledger = (await bus.readLedger(5, { count: 99 })).map(({ entry }) => entry);
    expect(ledger.filter((id) => ["m0", "m1", "m2"].includes(id))).toEqual(["m0", "m1", "m2"]);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(4);
  });

  test("a handler whose state moved under it runs again on what is there now", async () => {
    const bus = await open();
    const subject = "shared";
    const add = async ({ partition, message }: Delivery): Promise<Outcome> => {
      const before = await bus.readState(partition, subject);
      const value = `${before?.value ?? ""}${message.id}`;
      return { state: { subject, expectedVersion: before?.version ?? 0, value } };
    };
    const watched = [1, 2].map(() => consume(bus, { inbox: "in", handler: add, concurrency: 8 }));
    for (const id of ["a", "b", "c", "d", "e", "f"]) {
      await bus.send(0, testMessage({ id, subject: id }), "in", id);
    }
    await until(() => watched.reduce((sum, each) => sum + each.count("applied"), 0) === 6);
    const state = await bus.readState(0, subject);
    expect(state?.version).toBe(6);
    expect(state?.value.split("").toSorted().join("")).toBe("abcdef");
  });

  test("backpressure holds an outcome back until there is room", async () => {
    const bus = await open({ backpressureLimit: 1 });
    for (const key of ["a", "b", "c"]) await bus.send(0, testMessage(), "next", key);
    const watched = consume(bus, {
      inbox: "in",
      handler: async () => ({ messages: [{ inbox: "next", message: testMessage() }] }),
    });
    await bus.send(0, testMessage(), "in", "d");
    await until(() => watched.count("backpressure") > 0);
    expect(watched.count("applied")).toBe(0);
    consume(bus, { inbox: "next", handler: async () => ({}) });
    await until(() => watched.count("applied") === 1);
  });

  test("stop waits for the running handler, commits it and leaves the rest to others", async () => {
    const bus = await open();
    const entered = Promise.withResolvers<void>();
    const leave = Promise.withResolvers<Outcome>();
    const first = consume(bus, {
      inbox: "in",
      concurrency: 1,
      claimIdleMs: 60_000,
      handler: () => {
        entered.resolve();
        return leave.promise;
      },
    });
    for (const id of ["a", "b", "c"]) await bus.send(0, testMessage({ id }), "in", id);
    await entered.promise;
    // All three are held before stopping, so that what waits has to be handed back.
    await until(async () => (await bus.depth()).some(({ pending }) => pending === 3));
    const stopped = first.stop();
    leave.resolve({ ledger: ["first"] });
    await stopped;
    expect(first.count("applied")).toBe(1);
    const counts: number[] = [];
    const second = consume(bus, {
      inbox: "in",
      handler: async (delivery) => {
        counts.push(delivery.deliveryCount);
        return {};
      },
    });
    await until(() => second.count("applied") === 2);
    // Handed back, not abandoned: never having run does not count as a delivery.
    expect(counts).toEqual([1, 1]);
  });
}
