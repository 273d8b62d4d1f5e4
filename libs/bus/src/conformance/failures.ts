import { expect, test } from "vitest";
import type { Outcome } from "../bus.ts";
import { testMessage, until } from "../testing/test-message.ts";
import { consume } from "./consume.ts";
import type { OpenTestBus } from "./consume.ts";

export function describeFailures(open: OpenTestBus): void {
  test("a handler that keeps failing ends as a dead letter after its last delivery, others go on", async () => {
    const bus = await open();
    const tries: number[] = [];
    const watched = consume(bus, {
      inbox: "in",
      handler: async ({ message, deliveryCount }) => {
        if (message.id !== "poison") return { ledger: [message.id] };
        tries.push(deliveryCount);
        throw new Error(`cannot ${"x".repeat(5000)}`);
      },
    });
    for (const id of ["a", "poison", "b"]) {
      await bus.send(0, testMessage({ id, subject: id }), "in", id);
    }
    await until(() => watched.count("dead-lettered") === 1 && watched.count("applied") === 2);
    expect(tries).toEqual([1, 2, 3, 4, 5]);
    const letters = await bus.deadLetters("in");
    expect(letters).toHaveLength(1);
    expect(letters[0]).toMatchObject({ inbox: "in", partition: 0, deliveryCount: 5 });
    expect(letters[0]?.error).toMatch(/^cannot x{2041}$/);
    expect(JSON.parse(letters[0]?.payload ?? "")).toMatchObject({ id: "poison" });
    expect(await bus.deadLetters("other")).toEqual([]);
    expect((await bus.deadLetters()).map(({ id }) => id)).toEqual([letters[0]?.id]);
  });

  test("redriving moves a dead letter back once, with a fresh delivery count", async () => {
    const bus = await open();
    let isBroken = true;
    const counts: number[] = [];
    const watched = consume(bus, {
      inbox: "in",
      maxDeliveries: 2,
      handler: async ({ deliveryCount }) => {
        if (isBroken) throw new Error("broken");
        counts.push(deliveryCount);
        return {};
      },
    });
    await bus.send(0, testMessage(), "in", "a");
    await until(() => watched.count("dead-lettered") === 1);
    isBroken = false;
    const [letter] = await bus.deadLetters();
    const id = letter?.id ?? "";
    expect(await bus.redrive("other", id)).toEqual({ kind: "absent" });
    const replies = await Promise.all([1, 2, 3].map(() => bus.redrive("in", id)));
    expect(replies.map(({ kind }) => kind).toSorted()).toEqual(["absent", "absent", "redriven"]);
    await until(() => watched.count("applied") === 1);
    expect(counts).toEqual([1]);
    expect(await bus.deadLetters()).toEqual([]);
    expect(await bus.redrive("in", "nonsense")).toEqual({ kind: "absent" });
  });

  test("a handler slower than the takeover time keeps its entry by its signs of life", async () => {
    const bus = await open();
    const release = Promise.withResolvers<Outcome>();
    let runs = 0;
    const handler = (): Promise<Outcome> => {
      runs += 1;
      return release.promise;
    };
    const watched = [1, 2].map(() => consume(bus, { inbox: "in", handler, claimIdleMs: 150 }));
    await bus.send(0, testMessage(), "in", "a");
    await new Promise((resolve) => setTimeout(resolve, 700));
    release.resolve({});
    await until(() => watched.some((each) => each.count("applied") === 1));
    expect(runs).toBe(1);
  });
}
