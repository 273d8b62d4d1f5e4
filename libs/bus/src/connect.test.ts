import { once } from "node:events";
import { createServer } from "node:net";
import type { Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { BusError } from "./bus-error.ts";
import { closeConnection, connect, isTransient } from "./connect.ts";
import { until } from "./testing/test-message.ts";

test("P8: a server that goes silent is left and looked for again", async () => {
  const sockets: Socket[] = [];
  const mute = createServer((socket) => sockets.push(socket)).listen(0, "127.0.0.1");
  await once(mute, "listening");
  const address = mute.address() as { port: number };
  const redis = connect({
    url: `redis://127.0.0.1:${address.port}`,
    name: "test",
    socketTimeoutMs: 100,
  });
  onTestFinished(() => {
    redis.disconnect();
    for (const socket of sockets) socket.destroy();
    mute.close();
  });
  await expect(until(() => sockets.length >= 2)).resolves.toBeUndefined();
});

test("closing while the link is down fails the commands that wait", async () => {
  const redis = connect({ url: "redis://127.0.0.1:1", name: "test" });
  const waiting = redis.ping();
  await until(() => redis.status === "reconnecting");
  closeConnection(redis);
  await expect(waiting).rejects.toThrow("Connection is closed.");
  await expect(redis.ping()).rejects.toThrow("Connection is closed.");
});

test("P8: every connection has a limit on silence, longer than its reads may block", () => {
  const options = { url: "redis://127.0.0.1:1", name: "test" };
  const redis = connect(options);
  const reader = connect({ ...options, blocking: true });
  onTestFinished(() => {
    redis.disconnect();
    reader.disconnect();
  });
  expect(redis.options.socketTimeout).toBeLessThanOrEqual(5000);
  expect(reader.options.socketTimeout).toBeGreaterThan(2000);
  expect(redis.options).toMatchObject({
    autoResendUnfulfilledCommands: true,
    enableAutoPipelining: false,
    maxRetriesPerRequest: null,
  });
});

test("only what waiting can cure counts as transient", () => {
  const reply = (text: string): Error => Object.assign(new Error(text), { name: "ReplyError" });
  for (const text of ["OOM command not allowed", "LOADING Redis", "READONLY You", "NOGROUP No"]) {
    expect(isTransient(reply(text))).toBe(true);
  }
  expect(isTransient(Object.assign(new Error("refused"), { code: "ECONNREFUSED" }))).toBe(true);
  expect(isTransient(reply("WRONGTYPE Operation"))).toBe(false);
  expect(isTransient(new BusError("closed", "closed"))).toBe(false);
  expect(isTransient(new TypeError("bug"))).toBe(false);
});
