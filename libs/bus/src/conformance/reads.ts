import { expect, test } from "vitest";
import type { Bus } from "../bus.ts";
import { advanceCursor, encodeCursor, startCursor } from "../cursor.ts";
import { testMessage, until } from "../testing/test-message.ts";
import { consume, heldDelivery } from "./consume.ts";
import type { OpenTestBus } from "./consume.ts";

export function describeReads(open: OpenTestBus): void {
  async function writeLedger(bus: Bus, entries: readonly [number, string][]): Promise<void> {
    const watched = consume(bus, {
      inbox: "scribe",
      handler: async ({ message }) => ({ ledger: [message.id] }),
    });
    for (const [partition, id] of entries) {
      await bus.send(partition, testMessage({ id }), "scribe", id);
    }
    await until(() => watched.count("applied") === entries.length);
    await watched.stop();
  }

  test("the ledger reads in pages, strictly after an id", async () => {
    const bus = await open();
    await writeLedger(bus, [
      [0, "a"],
      [0, "b"],
      [0, "c"],
    ]);
    const [first] = await bus.readLedger(0, { count: 1 });
    const rest = await bus.readLedger(0, { after: first?.id ?? "", count: 9 });
    expect([first, ...rest].map((item) => item?.entry)).toEqual(["a", "b", "c"]);
  });

  test("trimming the ledger never goes beyond the watermark", async () => {
    const bus = await open();
    await writeLedger(bus, [
      [0, "a"],
      [0, "b"],
      [0, "c"],
    ]);
    const ids = (await bus.readLedger(0, { count: 9 })).map(({ id }) => id);
    const trim = { minId: ids[2] ?? "", watermark: ids[1] ?? "" };
    expect(await bus.trimLedger(0, trim)).toBe(1);
    expect((await bus.readLedger(0, { count: 9 })).map(({ entry }) => entry)).toEqual(["b", "c"]);
  });

  test("subjects are listed newest first over all partitions, page by page", async () => {
    const bus = await open();
    const watched = consume(bus, {
      inbox: "in",
      handler: async ({ message }) => ({
        state: {
          subject: message.subject,
          expectedVersion: 0,
          value: "",
          indexScore: Number(message.body),
        },
      }),
    });
    for (let at = 1; at <= 6; at += 1) {
      const message = testMessage({ subject: `patch-${at}`, body: at * 10 });
      await bus.send(at % 3, message, "in", `k${at}`);
    }
    await until(() => watched.count("applied") === 6);
    const page = await bus.listSubjects("all", { limit: 4 });
    expect(page.map(({ score }) => score)).toEqual([60, 50, 40, 30]);
    const rest = await bus.listSubjects("all", { limit: 4, before: 30 });
    expect(rest.map(({ subject }) => subject)).toEqual(["patch-2", "patch-1"]);
    expect((await bus.listSubjects(0, { limit: 9 })).map(({ score }) => score)).toEqual([60, 30]);
  });

  test("depth tells length, pending, lag and age per inbox and partition", async () => {
    const bus = await open();
    await heldDelivery(bus);
    await bus.send(1, testMessage(), "idle", "waiting");
    const depths = await bus.depth();
    const held = depths.find(({ inbox, partition }) => inbox === "in" && partition === 1);
    expect(held).toMatchObject({ length: 1, pending: 1, lag: 0 });
    const idle = depths.find(({ inbox, partition }) => inbox === "idle" && partition === 1);
    expect(idle).toMatchObject({ length: 1, pending: 0, lag: 1 });
    expect(idle?.oldestPendingAgeMs).toBeLessThan(10_000);
  });

  test("a tail gives every entry once and goes on exactly after a cursor", async () => {
    const bus = await open();
    const early = Array.from({ length: 40 }, (_, at): [number, string] => [at % 16, `early-${at}`]);
    await writeLedger(bus, early);
    const seen: string[] = [];
    let cursor = startCursor(bus.partitions);
    const tail = async (count: number): Promise<void> => {
      const controller = new AbortController();
      const { signal } = controller;
      for await (const item of bus.tailLedger({ cursor: encodeCursor(cursor), signal })) {
        seen.push(item.entry);
        cursor = advanceCursor(cursor, item);
        if (seen.length === count) controller.abort();
      }
    };
    await tail(13);
    const late = Array.from({ length: 10 }, (_, at): [number, string] => [at, `late-${at}`]);
    const rest = tail(50);
    await writeLedger(bus, late);
    await rest;
    const all = [...early, ...late].map(([, id]) => id);
    expect(seen.toSorted()).toEqual(all.toSorted());
    expect(seen.filter((id) => id === "early-0" || id === "early-16" || id === "early-32")).toEqual(
      ["early-0", "early-16", "early-32"],
    );
  });

  test("a cursor that is not one is refused", async () => {
    const bus = await open();
    const { signal } = new AbortController();
    const read = async (): Promise<void> => {
      for await (const item of bus.tailLedger({ cursor: "1-1.x", signal })) void item;
    };
    await expect(read()).rejects.toMatchObject({ code: "bad-input" });
  });
}
