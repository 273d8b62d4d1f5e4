// What the bus promises while processes and servers die under it. Everything here is real: servers are killed,
// processes are stopped and killed.
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdir, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import type { Bus, ConsumerEvent } from "./bus.ts";
import { connect } from "./connect.ts";
import { GROUP, makeKeys } from "./keys.ts";
import { openBus } from "./open-bus.ts";
import { RedisStore } from "./redis-store.ts";
import { startPrivateRedis, testRedis } from "./testing/private-redis.ts";
import type { PrivateRedis } from "./testing/private-redis.ts";
import { randomPrefix, testMessage, until } from "./testing/test-message.ts";

async function privateServer(): Promise<PrivateRedis> {
  const server = await startPrivateRedis();
  onTestFinished(() => server.stop());
  return server;
}

async function serverUrl(): Promise<string> {
  const server = await testRedis();
  onTestFinished(() => server.stop());
  return server.url;
}

function open(url: string, prefix: string): Bus {
  const bus = openBus({ url, prefix });
  onTestFinished(() => bus.close());
  return bus;
}

/** Runs a consumer whose every outcome is one ledger entry, and collects its events. */
function consumeIn(bus: Bus, tag: string): ConsumerEvent[] {
  const events: ConsumerEvent[] = [];
  const consumer = bus.consume({
    inbox: "in",
    claimIdleMs: 300,
    handler: async ({ message }) => ({ ledger: [`${tag} ${message.id}`] }),
    onOutcome: (event) => events.push(event),
  });
  onTestFinished(() => consumer.stop());
  return events;
}

function spawnZombie(
  url: string,
  prefix: string,
  manner: "wait" | "die",
): { child: ChildProcess; lines: string[] } {
  const script = fileURLToPath(new URL("./testing/zombie-process.ts", import.meta.url));
  const child = spawn(process.execPath, [script, url, prefix, manner], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const lines: string[] = [];
  createInterface({ input: child.stdout! }).on("line", (line) => lines.push(line));
  return { child, lines };
}

async function ledgerOf(bus: Bus): Promise<string[]> {
  const all: string[] = [];
  for (let partition = 0; partition < bus.partitions; partition += 1) {
    for (const { entry } of await bus.readLedger(partition, { count: 10_000 })) all.push(entry);
  }
  return all;
}

test("P1: a process stopped and woken after losing its entry cannot commit", async () => {
  const url = await serverUrl();
  const prefix = randomPrefix();
  const bus = open(url, prefix);
  const { child, lines } = spawnZombie(url, prefix, "wait");
  await bus.send(0, testMessage({ id: "a" }), "in", "a");
  await until(() => lines.includes("holding 1"));
  child.kill("SIGSTOP");
  const events = consumeIn(bus, "twin");
  await until(() => events.some(({ kind }) => kind === "applied"));
  child.kill("SIGCONT");
  child.stdin?.write("go\n");
  await until(() => lines.includes("fenced"));
  expect(lines).not.toContain("applied");
  expect(await ledgerOf(bus)).toEqual(["twin a"]);
}, 20_000);

test("an entry that kills its process ends as a dead letter and takes no other with it", async () => {
  const url = await serverUrl();
  const prefix = randomPrefix();
  const bus = open(url, prefix);
  const ids = Array.from({ length: 12 }, (_, at) => (at === 5 ? "poison" : `m${at}`));
  for (const id of ids) await bus.send(0, testMessage({ id, subject: id }), "in", id);
  let deaths = 0;
  for (;;) {
    const { child } = spawnZombie(url, prefix, "die");
    const died = once(child, "exit").then(() => true);
    const buried = until(async () => (await bus.deadLetters("in")).length > 0, 20_000).then(
      () => false,
    );
    if (!(await Promise.race([died, buried]))) break;
    deaths += 1;
  }
  await until(async () => (await ledgerOf(bus)).length === 11);
  expect(deaths).toBe(5);
  const letters = await bus.deadLetters();
  expect(letters.map(({ payload }) => JSON.parse(payload).id)).toEqual(["poison"]);
  expect(letters[0]?.error).toContain("abandoned");
  expect((await ledgerOf(bus)).toSorted()).toEqual(
    ids
      .filter((id) => id !== "poison")
      .map((id) => `zombie ${id}`)
      .toSorted(),
  );
}, 40_000);

test("P1 P8: a server killed three times under load loses nothing and doubles nothing", async () => {
  const server = await privateServer();
  const prefix = randomPrefix();
  const bus = open(server.url, prefix);
  const stage = (inbox: string, next: string | undefined): void => {
    const consumer = bus.consume({
      inbox,
      claimIdleMs: 300,
      handler: async ({ message, partition }) => {
        const subject = `${inbox}:${message.subject}`;
        const version = (await bus.readState(partition, subject))?.version ?? 0;
        const told = next === undefined ? [] : [{ inbox: next, message }];
        return {
          state: { subject, expectedVersion: version, value: message.id },
          ledger: [`${inbox} ${message.id}`],
          messages: told,
        };
      },
    });
    onTestFinished(() => consumer.stop());
  };
  stage("one", "two");
  stage("two", "three");
  stage("three", undefined);
  let sent = 0;
  let isSending = true;
  const producer = (async () => {
    while (isSending) {
      const burst = Array.from({ length: 20 }, async () => {
        sent += 1;
        const id = `patch-${sent}`;
        const message = testMessage({ id, subject: id });
        const keys = [{ key: id }];
        const messages = [{ inbox: "one", message }];
        const reply = await bus.ingest(bus.partitionOf(id), { id, keys, messages });
        // A command sent again after its answer was lost finds its own key: both answers mean "taken in".
        expect(["accepted", "duplicate"]).toContain(reply.kind);
      });
      await Promise.all(burst);
    }
  })();
  for (let kills = 0; kills < 3; kills += 1) {
    const before = sent;
    await until(() => sent > before + 300);
    await server.kill();
    await server.restart();
  }
  isSending = false;
  await producer;
  await until(async () => (await bus.depth()).every(({ length }) => length === 0), 20_000);
  const ledger = await ledgerOf(bus);
  expect(new Set(ledger).size).toBe(ledger.length);
  expect(ledger).toHaveLength(3 * sent);
  expect(await bus.deadLetters()).toEqual([]);
}, 40_000);

test("an entry that vanished while it was held is reported as data loss", async () => {
  const url = await serverUrl();
  const prefix = randomPrefix();
  const store = new RedisStore({ url, prefix, name: "test", partitions: 1, backpressureLimit: 0 });
  const redis = connect({ url, name: "test" });
  onTestFinished(async () => {
    redis.disconnect();
    await store.close();
  });
  const port = await store.openInbox("in", "holder");
  for (const id of ["a", "b"]) await store.send(0, testMessage({ id }), "in", id);
  const entries = await port.read(2, 100);
  await redis.xdel(makeKeys(prefix, 1).inbox(0, "in"), entries[0]!.entryId);
  const first = await port.takeOver(0, 0);
  const second = first.entry ? first : await port.takeOver(0, 0);
  expect(first.lostIds).toEqual([entries[0]?.entryId]);
  expect(second.entry?.entryId).toBe(entries[1]?.entryId);
});

test("a consumer whose groups vanished raises an alarm, makes them again and goes on", async () => {
  const server = await privateServer();
  const bus = open(server.url, randomPrefix());
  const events = consumeIn(bus, "x");
  await bus.send(0, testMessage({ id: "before" }), "in", "k1");
  await until(() => events.some(({ kind }) => kind === "applied"));
  const redis = connect({ url: server.url, name: "test" });
  await redis.flushall();
  redis.disconnect();
  await until(() => events.some(({ kind }) => kind === "data-loss"));
  await bus.send(0, testMessage({ id: "after" }), "in", "k2");
  await until(() => events.filter(({ kind }) => kind === "applied").length === 2);
  expect(await ledgerOf(bus)).toEqual(["x after"]);
});

test("an outcome the server cannot take fails alone, not the ones committed with it", async () => {
  const url = await serverUrl();
  const prefix = randomPrefix();
  const bus = open(url, prefix);
  const redis = connect({ url, name: "test" });
  onTestFinished(() => redis.disconnect());
  await redis.set(makeKeys(prefix, 16).state(0, "bad"), "not a hash");
  const events: ConsumerEvent[] = [];
  const consumer = bus.consume({
    inbox: "in",
    backoffMs: () => 1,
    onOutcome: (event) => events.push(event),
    handler: async ({ message }) => ({
      state: { subject: message.subject, expectedVersion: 0, value: "" },
    }),
  });
  onTestFinished(() => consumer.stop());
  for (const id of ["a", "bad", "c"]) await bus.send(0, testMessage({ id, subject: id }), "in", id);
  await until(() => events.some(({ kind }) => kind === "dead-lettered"));
  await until(async () => (await bus.readState(0, "a")) !== undefined);
  await until(async () => (await bus.readState(0, "c")) !== undefined);
  expect((await bus.deadLetters())[0]?.error).toContain("WRONGTYPE");
  expect(await bus.deadLetters()).toHaveLength(1);
});

test("a message that is none goes to the dead letters unread", async () => {
  const url = await serverUrl();
  const prefix = randomPrefix();
  const bus = open(url, prefix);
  const redis = connect({ url, name: "test" });
  onTestFinished(() => redis.disconnect());
  const events = consumeIn(bus, "x");
  const key = makeKeys(prefix, 16).inbox(0, "in");
  await redis.xadd(key, "*", "m", "{not json");
  await redis.xadd(key, "*", "other", "field");
  await until(() => events.filter(({ kind }) => kind === "dead-lettered").length === 2);
  const letters = await bus.deadLetters();
  expect(letters.map(({ payload }) => payload).toSorted()).toEqual(["", "{not json"]);
  expect(letters.every(({ error }) => error.startsWith("malformed message"))).toBe(true);
});

test("a consumer that leaves with nothing pending leaves no trace", async () => {
  const url = await serverUrl();
  const prefix = randomPrefix();
  const bus = open(url, prefix);
  const redis = connect({ url, name: "test" });
  onTestFinished(() => redis.disconnect());
  const consumer = bus.consume({ inbox: "in", handler: async () => ({}) });
  await bus.send(0, testMessage(), "in", "k");
  await until(async () => (await bus.depth()).every(({ length }) => length === 0));
  const key = makeKeys(prefix, 16).inbox(0, "in");
  expect(await redis.xinfo("CONSUMERS", key, GROUP)).toHaveLength(1);
  await consumer.stop();
  expect(await redis.xinfo("CONSUMERS", key, GROUP)).toEqual([]);
});

test("closing the bus ends everything while the server is away", async () => {
  const server = await privateServer();
  const bus = openBus({ url: server.url, prefix: randomPrefix() });
  const entered = Promise.withResolvers<void>();
  const consumer = bus.consume({
    inbox: "in",
    handler: async () => {
      entered.resolve();
      await bus.readState(0, "never answered");
      return {};
    },
  });
  await bus.send(0, testMessage(), "in", "k");
  await entered.promise;
  await server.kill();
  const stopped = consumer.stop();
  await bus.close();
  await stopped;
  await expect(bus.readState(0, "x")).rejects.toMatchObject({ code: "closed" });
});

test("scripts the server forgot are sent again", async () => {
  const url = await serverUrl();
  const bus = open(url, randomPrefix());
  const redis = connect({ url, name: "test" });
  onTestFinished(() => redis.disconnect());
  expect(await bus.send(0, testMessage(), "in", "a")).toEqual({ kind: "accepted" });
  await redis.script("FLUSH");
  expect(await bus.send(0, testMessage(), "in", "b")).toEqual({ kind: "accepted" });
});

test("P1 P8: half a transaction at the end of the file does not come back at a later restart", async () => {
  const server = await privateServer();
  const redis = connect({ url: server.url, name: "test" });
  onTestFinished(() => redis.disconnect());
  const twoWrites = "redis.call('SET', KEYS[1], '1') redis.call('SET', KEYS[2], '1')";
  await redis.eval(twoWrites, 2, "{t}whole", "{t}whole-too");
  await redis.eval(twoWrites, 2, "{t}torn", "{t}torn-too");
  await server.kill();
  // Cut into the second write: the transaction is open, its first write whole, its second broken.
  const [file = ""] = (await readdir(join(server.folder, "appendonlydir"))).filter((name) =>
    name.endsWith(".incr.aof"),
  );
  const path = join(server.folder, "appendonlydir", file);
  await truncate(path, (await stat(path)).size - 20);
  await server.restart();
  await redis.set("later", "1");
  await server.kill();
  await server.restart();
  expect(await redis.mget("{t}whole", "{t}whole-too", "{t}torn", "{t}torn-too", "later")).toEqual([
    "1",
    "1",
    null,
    null,
    "1",
  ]);
});

test("P8: a server that was started anew is made to rewrite its file, once", async () => {
  const server = await privateServer();
  const prefix = randomPrefix();
  const buses = [open(server.url, prefix), open(server.url, prefix)];
  const redis = connect({ url: server.url, name: "test" });
  onTestFinished(() => redis.disconnect());
  await server.kill();
  await server.restart();
  for (const bus of buses) await bus.send(0, testMessage(), "in", "k");
  await until(async () => /aof_rewrites:1\b/.test(await redis.info("persistence")));
  expect(await redis.get(makeKeys(prefix, 16).rewritten())).toMatch(/^[0-9a-f]{40}$/);
});
