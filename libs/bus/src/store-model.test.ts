// A model of what an inbox entry may go through, against both stores: entries come in, are read, taken over and
// tried again, and anyone who ever held one may try to commit at any time.
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Claim } from "./bus.ts";
import { MemoryStore } from "./memory-store.ts";
import { RedisStore } from "./redis-store.ts";
import type { Entry, InboxPort, Store } from "./store.ts";
import { testRedis } from "./testing/private-redis.ts";
import { randomPrefix, testMessage } from "./testing/test-message.ts";

interface Model {
  fresh: number;
  /** Held entries in id order: who holds them by which delivery, and the payload's message id. */
  readonly held: Map<string, { consumer: string; deliveryCount: number }>;
  version: number;
  ledger: number;
  readonly keys: Set<string>;
}

interface World {
  readonly store: Store;
  readonly ports: readonly InboxPort[];
  readonly past: Entry[];
}

type Command = fc.AsyncCommand<Model, World>;

const command = (name: string, run: (model: Model, world: World) => Promise<void>): Command => ({
  check: () => true,
  run,
  toString: () => name,
});

const ingest = (key: string): Command =>
  command(`ingest(${key})`, async (model, { store }) => {
    const reply = await store.send(0, testMessage({ id: key }), "in", key);
    expect(reply.kind).toBe(model.keys.has(key) ? "duplicate" : "accepted");
    if (reply.kind === "accepted") model.fresh += 1;
    model.keys.add(key);
  });

const read = (who: number): Command =>
  command(`read(${who})`, async (model, { ports, past }) => {
    const entries = model.fresh === 0 ? [] : await portOf(ports, who).read(1, 1);
    expect(entries).toHaveLength(Math.min(1, model.fresh));
    for (const entry of entries) {
      expect(entry.deliveryCount).toBe(1);
      model.held.set(entry.entryId, { consumer: entry.consumer, deliveryCount: 1 });
      model.fresh -= 1;
      past.push(entry);
    }
  });

const takeOver = (who: number): Command =>
  command(`takeOver(${who})`, async (model, { ports, past }) => {
    const { entry, lostIds } = await portOf(ports, who).takeOver(0, 0);
    expect(lostIds).toEqual([]);
    const [oldest] = model.held;
    expect(entry?.entryId).toBe(oldest?.[0]);
    if (entry === undefined || oldest === undefined) return;
    expect(entry.deliveryCount).toBe(oldest[1].deliveryCount + 1);
    model.held.set(entry.entryId, entry);
    past.push(entry);
  });

const onPast = (
  name: string,
  pick: number,
  act: (model: Model, world: World, claim: Entry, isHolder: boolean) => Promise<void>,
): Command =>
  command(`${name}(${pick})`, async (model, world) => {
    const claim = world.past[pick % Math.max(1, world.past.length)];
    if (claim === undefined) return;
    const held = model.held.get(claim.entryId);
    const isHolder =
      held?.consumer === claim.consumer && held.deliveryCount === claim.deliveryCount;
    await act(model, world, claim, isHolder);
  });

const commit = (pick: number, offset: number): Command =>
  onPast(`commit+${offset}`, pick, async (model, { store }, claim, isHolder) => {
    const expectedVersion = Math.max(0, model.version + offset);
    const reply = await store.commit(claim, {
      state: { subject: "s", expectedVersion, value: claim.entryId },
      ledger: [claim.entryId],
    });
    if (!isHolder) return expect(reply).toEqual({ kind: "fenced" });
    if (expectedVersion !== model.version) {
      return expect(reply).toEqual({ kind: "stale", version: model.version });
    }
    expect(reply.kind).toBe("applied");
    model.held.delete(claim.entryId);
    model.version += 1;
    model.ledger += 1;
  });

const retry = (pick: number): Command =>
  onPast("retry", pick, async (model, { ports, past }, claim, isHolder) => {
    const next = await portNamed(ports, claim).retry(claim);
    expect(next?.deliveryCount).toBe(isHolder ? claim.deliveryCount + 1 : undefined);
    if (next === undefined) return;
    model.held.set(claim.entryId, next);
    past.push({ ...claim, ...next });
  });

const hold = (pick: number): Command =>
  onPast("hold", pick, async (_, { ports }, claim, isHolder) => {
    expect(await portNamed(ports, claim).hold([claim])).toEqual([isHolder]);
  });

const bury = (pick: number): Command =>
  onPast("bury", pick, async (model, { ports }, claim, isHolder) => {
    expect(await portNamed(ports, claim).deadLetter(claim, "why")).toBe(isHolder);
    if (isHolder) model.held.delete(claim.entryId);
  });

const release = (pick: number): Command =>
  onPast("release", pick, async (model, { ports }, claim, isHolder) => {
    await portNamed(ports, claim).release([claim]);
    const { consumer, deliveryCount } = claim;
    if (isHolder) model.held.set(claim.entryId, { consumer, deliveryCount: deliveryCount - 1 });
  });

function portOf(ports: readonly InboxPort[], who: number): InboxPort {
  return ports[who]!;
}

function portNamed(ports: readonly InboxPort[], claim: Claim): InboxPort {
  return portOf(ports, Number(claim.consumer.slice(1)));
}

const CONSUMERS = [0, 1, 2];
const who = fc.constantFrom(...CONSUMERS);
const pick = fc.nat(30);
const commands = fc.commands(
  [
    fc.constantFrom("a", "b", "c", "d", "e", "f").map(ingest),
    who.map(read),
    who.map(takeOver),
    fc.tuple(pick, fc.constantFrom(0, 0, 0, 1, -1)).map(([at, offset]) => commit(at, offset)),
    pick.map(retry),
    pick.map(hold),
    pick.map(bury),
    pick.map(release),
  ],
  { maxCommands: 40, size: "max" },
);

async function checkModel(open: () => Store, numRuns: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(commands, async (sequence) => {
      const store = open();
      const ports = await Promise.all(CONSUMERS.map((at) => store.openInbox("in", `c${at}`)));
      const model: Model = { fresh: 0, held: new Map(), version: 0, ledger: 0, keys: new Set() };
      try {
        await fc.asyncModelRun(() => ({ model, real: { store, ports, past: [] } }), sequence);
        expect((await store.readState(0, "s"))?.version ?? 0).toBe(model.version);
        expect(await store.readLedger(0, { count: 1000 })).toHaveLength(model.ledger);
        const [depth] = await store.depth();
        expect(depth?.pending ?? 0).toBe(model.held.size);
        expect(depth?.length ?? 0).toBe(model.held.size + model.fresh);
      } finally {
        await store.close();
      }
    }),
    { numRuns },
  );
}

let server: Awaited<ReturnType<typeof testRedis>>;
beforeAll(async () => {
  server = await testRedis();
});
afterAll(() => server.stop());

test("P1: on Redis no past holder ever commits, whatever the order of events", async () => {
  const { url } = server;
  const open = (): Store =>
    new RedisStore({
      url,
      name: "test",
      prefix: randomPrefix(),
      partitions: 1,
      backpressureLimit: 0,
    });
  await expect(checkModel(open, 250)).resolves.toBeUndefined();
}, 30_000);

test("P1: in memory no past holder ever commits, whatever the order of events", async () => {
  const open = (): Store => new MemoryStore({ partitions: 1 });
  await expect(checkModel(open, 1000)).resolves.toBeUndefined();
}, 30_000);
