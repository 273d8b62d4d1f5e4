import { expect, onTestFinished, test } from "vitest";
import type { Delivery, Outcome } from "../bus.ts";
import { testBlob, testMessage, until } from "../testing/test-message.ts";
import { consume, heldDelivery } from "./consume.ts";
import type { OpenTestBus } from "./consume.ts";

export function describeCommit(open: OpenTestBus): void {
  test("P1: one commit writes state, ledger, messages and blobs, and takes its input away", async () => {
    const bus = await open();
    const { delivery, watched } = await heldDelivery(bus);
    const blob = testBlob("report");
    const outcome: Outcome = {
      state: { subject: "patch-1", expectedVersion: 0, value: "landed", indexScore: 5 },
      ledger: ["first", "second"],
      messages: [{ inbox: "next", message: testMessage({ id: "told" }) }],
      blobs: [blob],
    };
    const reply = await bus.commit(delivery, outcome);
    expect(reply).toMatchObject({ kind: "applied" });
    expect(await bus.readState(1, "patch-1")).toEqual({ version: 1, value: "landed" });
    const ledger = await bus.readLedger(1, { count: 10 });
    expect(ledger.map(({ entry }) => entry)).toEqual(["first", "second"]);
    expect(ledger.map(({ id }) => id)).toEqual(reply.kind === "applied" && reply.ledgerIds);
    expect(await bus.readBlob(1, blob.digest)).toEqual(Buffer.from("report"));
    expect(await bus.listSubjects("all", { limit: 9 })).toEqual([
      { partition: 1, subject: "patch-1", score: 5 },
    ]);
    const depths = await bus.depth();
    expect(depths.find(({ inbox, partition }) => inbox === "in" && partition === 1)?.length).toBe(
      0,
    );
    expect(depths.find(({ inbox, partition }) => inbox === "next" && partition === 1)?.length).toBe(
      1,
    );
    // P1: offering the same outcome again changes nothing, and the consumer's own commit is refused too.
    expect(await bus.commit(delivery, outcome)).toEqual({ kind: "fenced" });
    expect((await bus.readState(1, "patch-1"))?.version).toBe(1);
    expect(watched.count("applied")).toBe(0);
  });

  test("a stale outcome changes nothing and its input stays", async () => {
    const bus = await open();
    const { delivery } = await heldDelivery(bus);
    const state = { subject: "patch-1", expectedVersion: 3, value: "x" };
    const ledger = ["never"];
    expect(await bus.commit(delivery, { state, ledger })).toEqual({ kind: "stale", version: 0 });
    expect(await bus.readState(1, "patch-1")).toBeUndefined();
    expect(await bus.readLedger(1, { count: 9 })).toEqual([]);
    expect((await bus.commit(delivery, {})).kind).toBe("applied");
  });

  test("P1: a claim of another consumer or another delivery is fenced", async () => {
    const bus = await open();
    const { delivery } = await heldDelivery(bus);
    const outcome: Outcome = { ledger: ["x"] };
    for (const forged of [{ consumer: "other" }, { deliveryCount: 2 }, { entryId: "1-1" }]) {
      expect(await bus.commit({ ...delivery, ...forged }, outcome)).toEqual({ kind: "fenced" });
    }
    expect(await bus.readLedger(1, { count: 9 })).toEqual([]);
  });

  test("outcomes committed at once are judged one by one, each seeing the one before", async () => {
    const bus = await open();
    const deliveries: Delivery[] = [];
    const hold = Promise.withResolvers<Outcome>();
    consume(bus, {
      inbox: "in",
      handler: (delivery) => {
        deliveries.push(delivery);
        return hold.promise;
      },
    });
    onTestFinished(() => hold.resolve({})); // runs before the consumer stops
    for (const key of ["a", "b", "c"]) {
      await bus.send(2, testMessage({ subject: key }), "in", key);
    }
    await until(() => deliveries.length === 3);
    const [a, b, c] = deliveries as [Delivery, Delivery, Delivery];
    const step = (expectedVersion: number): Outcome => ({
      state: { subject: "shared", expectedVersion, value: `v${expectedVersion + 1}` },
    });
    const replies = await Promise.all([
      bus.commit(a, step(0)),
      bus.commit(b, step(0)),
      bus.commit({ ...c, consumer: "zombie" }, step(1)),
      bus.commit(c, step(1)),
      bus.commit(a, step(2)),
    ]);
    expect(replies.map(({ kind }) => kind)).toEqual([
      "applied",
      "stale",
      "fenced",
      "applied",
      "fenced",
    ]);
    expect(await bus.readState(2, "shared")).toEqual({ version: 2, value: "v2" });
  });

  test("a full target inbox refuses the outcome, but a ring of full inboxes cannot block itself", async () => {
    const bus = await open({ backpressureLimit: 1 });
    const { delivery } = await heldDelivery(bus);
    const next = (inbox: string): Outcome => ({
      ledger: ["x"],
      messages: [{ inbox, message: testMessage() }],
    });
    for (const key of ["a", "b", "c"]) await bus.send(1, testMessage(), "full", key);
    expect(await bus.commit(delivery, next("full"))).toEqual({
      kind: "backpressure",
      inbox: "full",
    });
    expect(await bus.readLedger(1, { count: 9 })).toEqual([]);
    // The input's own inbox is now as long as the full one: working it off has to stay possible.
    for (const key of ["d", "e"]) await bus.send(1, testMessage(), "in", key);
    expect((await bus.commit(delivery, next("full"))).kind).toBe("applied");
  });

  test("a state with a lifetime vanishes after it", async () => {
    const bus = await open();
    const { delivery } = await heldDelivery(bus);
    const state = { subject: "patch-1", expectedVersion: 0, value: "x", ttlMs: 60 };
    await bus.commit(delivery, { state });
    expect(await bus.readStates(1, ["patch-1", "nobody"])).toEqual([
      { version: 1, value: "x" },
      undefined,
    ]);
    await until(async () => (await bus.readState(1, "patch-1")) === undefined);
  });
}
