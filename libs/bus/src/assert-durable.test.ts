import { expect, onTestFinished, test } from "vitest";
import { assertDurable } from "./assert-durable.ts";
import type { Durability } from "./assert-durable.ts";
import { connect } from "./connect.ts";
import { startPrivateRedis } from "./testing/private-redis.ts";

async function judge(config: Record<string, string>): Promise<Durability> {
  const server = await startPrivateRedis({ config });
  const redis = connect({ url: server.url, name: "test" });
  onTestFinished(async () => {
    redis.disconnect();
    await server.stop();
  });
  return assertDurable(redis);
}

test("P8: a server that syncs its file and never evicts is durable", async () => {
  expect(await judge({})).toEqual({ kind: "durable", appendfsync: "always" });
  expect(await judge({ appendfsync: "everysec" })).toEqual({
    kind: "durable",
    appendfsync: "everysec",
  });
});

test("P8: eviction, no append-only file and no syncing are each refused with the reason", async () => {
  const found = await judge({
    "maxmemory-policy": "allkeys-lru",
    appendonly: "no",
    appendfsync: "no",
  });
  expect(found).toEqual({
    kind: "unsafe",
    reasons: [
      expect.stringContaining("allkeys-lru"),
      expect.stringContaining("appendonly"),
      expect.stringContaining("appendfsync is no"),
    ],
  });
  expect((await judge({ appendonly: "no" })).kind).toBe("unsafe");
});

test("P8: a server that hides its configuration counts as unsafe", async () => {
  const server = await startPrivateRedis();
  const admin = connect({ url: server.url, name: "admin" });
  await admin.call("ACL", "SETUSER", "limited", "on", ">secret", "~*", "+@all", "-config");
  const url = server.url.replace("redis://", "redis://limited:secret@");
  const limited = connect({ url, name: "limited" });
  onTestFinished(async () => {
    admin.disconnect();
    limited.disconnect();
    await server.stop();
  });
  expect(await assertDurable(limited)).toEqual({
    kind: "unsafe",
    reasons: [expect.stringContaining("CONFIG")],
  });
});
