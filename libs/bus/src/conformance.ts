// What every implementation of the bus has to do, as tests. The in-memory twin and the Redis bus both run it,
// so whatever a service learns from the one holds for the other.
import { describe, expect, onTestFinished, test } from "vitest";
import type { Bus, ConsumerEvent, ConsumeOptions, Delivery, Outcome } from "./bus.ts";
import { advanceCursor, encodeCursor, startCursor } from "./cursor.ts";
import { testBlob, testMessage, until } from "./testing/test-message.ts";

export type OpenTestBus = (options?: { readonly backpressureLimit?: number }) => Promise<Bus>;

/** Declares the suite for one implementation; `open` gives an empty bus of 16 partitions each time. */
export function describeBus(name: string, open: OpenTestBus): void {
  const opened: OpenTestBus = async (options) => {
    const bus = await open(options);
    onTestFinished(() => bus.close());
    return bus;
  };
  describe(`bus: ${name}`, () => {
    describeIngest(opened);
    describeCommit(opened);
    describeConsumer(opened);
    describeFailures(opened);
    describeReads(opened);
  });
}

interface Watched {
  readonly events: ConsumerEvent[];
  count(kind: ConsumerEvent["kind"]): number;
  stop(): Promise<void>;
}

function consume(bus: Bus, options: ConsumeOptions): Watched {
  const events: ConsumerEvent[] = [];
  const consumer = bus.consume({
    backoffMs: () => 1,
    claimIdleMs: 300,
    onOutcome: (event) => events.push(event),
    ...options,
  });
  onTestFinished(() => consumer.stop());
  return {
    events,
    count: (kind) => events.filter((event) => event.kind === kind).length,
    stop: () => consumer.stop(),
  };
}

/** Sends one message and gives its delivery, held by a consumer whose handler waits for `finish`. */
async function heldDelivery(
  bus: Bus,
  inbox = "in",
): Promise<{ delivery: Delivery; finish: (outcome: Outcome) => void; watched: Watched }> {
  const given = Promise.withResolvers<Delivery>();
  const wanted = Promise.withResolvers<Outcome>();
  const watched = consume(bus, {
    inbox,
    handler: (delivery) => {
      given.resolve(delivery);
      return wanted.promise;
    },
  });
  const message = testMessage();
  await bus.ingest(1, { id: "x", keys: [{ key: message.id }], messages: [{ inbox, message }] });
  const delivery = await given.promise;
  onTestFinished(() => wanted.resolve({})); // lets the consumer stop, whatever the test did
  return { delivery, finish: wanted.resolve, watched };
}

function describeIngest(open: OpenTestBus): void {
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

function describeCommit(open: OpenTestBus): void {
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

function describeConsumer(open: OpenTestBus): void {
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

function describeFailures(open: OpenTestBus): void {
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

function describeReads(open: OpenTestBus): void {
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
