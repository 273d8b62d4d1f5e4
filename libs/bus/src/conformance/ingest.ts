import { expect, test } from "vitest";
import type { Bus, Delivery } from "../bus.ts";
import { testBlob, testMessage, until } from "../testing/test-message.ts";
import { consume } from "./consume.ts";
import type { OpenTestBus } from "./consume.ts";

export function describeIngest(open: OpenTestBus): void {
  test("P8: an accepted submission is stored with its blobs, keys and aliases", async () => {
    const bus = await open();
    const blob = testBlob("diff");
    const message = testMessage({ body: { text: "ünïcode \u0000 'quoted'" } });
    const reply = await bus.ingest(3, {
      id: "patch-1",
      keys: [{ key: "k1", digest: "d1" }],
      aliases: ["pr:17"],
      messages: [{ inbox: "in", message }],
      blobs: [blob],
    });
    expect(reply).toEqual({ kind: "accepted", id: "patch-1" });
    expect(await bus.readKey(3, "k1")).toBe("patch-1");
    expect(await bus.readKey(3, "pr:17")).toBe("patch-1");
    expect(await bus.readKey(4, "k1")).toBeUndefined();
    expect(await bus.readBlob(3, blob.digest)).toEqual(Buffer.from("diff"));
    const seen: Delivery[] = [];
    consume(bus, {
      inbox: "in",
      handler: async (delivery) => {
        seen.push(delivery);
        return {};
      },
    });
    await until(() => seen.length === 1);
    expect(seen[0]).toMatchObject({ inbox: "in", partition: 3, deliveryCount: 1, message });
  });

  test("P8: the same submission a hundred times at once is taken in once", async () => {
    const bus = await open();
    const replies = await Promise.all(
      Array.from({ length: 100 }, (_, at) =>
        bus.ingest(0, {
          id: `patch-${at}`,
          keys: [{ key: "same", digest: "d" }],
          messages: [{ inbox: "in", message: testMessage() }],
        }),
      ),
    );
    const accepted = replies.filter(({ kind }) => kind === "accepted");
    expect(accepted).toHaveLength(1);
    const id = (accepted[0] as { id: string }).id;
    expect(replies.filter((reply) => reply.kind === "duplicate" && reply.id === id)).toHaveLength(
      99,
    );
    expect((await bus.depth()).map(({ length }) => length).reduce((a, b) => a + b)).toBe(1);
  });

  test("a second key of a known submission is learnt, and points at the first id", async () => {
    const bus = await open();
    const messages = [{ inbox: "in", message: testMessage() }];
    await bus.ingest(0, { id: "one", keys: [{ key: "a" }], messages });
    const again = await bus.ingest(0, { id: "two", keys: [{ key: "b" }, { key: "a" }], messages });
    expect(again).toEqual({ kind: "duplicate", id: "one" });
    expect(await bus.readKey(0, "b")).toBe("one");
    const third = await bus.ingest(0, { id: "three", keys: [{ key: "b" }], messages });
    expect(third).toEqual({ kind: "duplicate", id: "one" });
  });

  test("the same key with another body is a conflict and changes nothing", async () => {
    const bus = await open();
    const ingest = { messages: [{ inbox: "in", message: testMessage() }] };
    await bus.ingest(0, { ...ingest, id: "one", keys: [{ key: "a", digest: "d1" }] });
    const keys = [{ key: "b" }, { key: "a", digest: "d2" }];
    expect(await bus.ingest(0, { ...ingest, id: "two", keys })).toEqual({
      kind: "conflict",
      id: "one",
    });
    expect(await bus.readKey(0, "b")).toBeUndefined();
  });

  test("keys expire after their time, not before", async () => {
    const bus = await open();
    const ingest = { id: "one", keys: [{ key: "a" }], messages: [] };
    await bus.ingest(0, { ...ingest, ttlMs: 60 });
    expect((await bus.ingest(0, ingest)).kind).toBe("duplicate");
    await until(async () => (await bus.readKey(0, "a")) === undefined);
    expect((await bus.ingest(0, ingest)).kind).toBe("accepted");
  });

  test("a full inbox refuses submissions and nothing of them is stored, timers get through", async () => {
    const bus = await open({ backpressureLimit: 2 });
    const ingest = (key: string): ReturnType<Bus["ingest"]> =>
      bus.ingest(0, {
        id: key,
        keys: [{ key }],
        messages: [{ inbox: "in", message: testMessage() }],
      });
    for (const key of ["a", "b", "c"]) expect((await ingest(key)).kind).toBe("accepted");
    expect(await ingest("d")).toEqual({ kind: "backpressure", inbox: "in" });
    expect(await bus.readKey(0, "d")).toBeUndefined();
    expect((await ingest("a")).kind).toBe("duplicate");
    expect(await bus.send(0, testMessage(), "in", "timer")).toEqual({ kind: "accepted" });
    expect(await bus.send(0, testMessage(), "in", "timer")).toEqual({ kind: "duplicate" });
  });

  test("an out-of-range partition, a bad digest and an empty key list are refused as bugs", async () => {
    const bus = await open();
    await expect(bus.readState(16, "s")).rejects.toMatchObject({ code: "bad-input" });
    const keys = [{ key: "k" }];
    const blobs = [{ digest: "../x", bytes: new Uint8Array() }];
    await expect(bus.ingest(0, { id: "i", keys, messages: [], blobs })).rejects.toMatchObject({
      code: "bad-input",
    });
    await expect(bus.ingest(0, { id: "i", keys: [], messages: [] })).rejects.toMatchObject({
      code: "bad-input",
    });
  });
}
