import { describe, expect, test } from "vitest";
import { libraryPackages, missingFromLdd } from "./debian-packages.ts";
import { publishedPort } from "./docker-redis.ts";
import { ensureRedisServer, redisRemedies, redisVersion } from "./private-tools.ts";

describe("what is missing from a fetched program", () => {
  test("the libraries ldd did not find", () => {
    const output = [
      "\tlinux-vdso.so.1 (0x00007fee333da000)",
      "\tliblzf.so.1 => not found",
      "\tlibjemalloc.so.2 => not found",
      "\tlibm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x00007fee332de000)",
      "\t/lib64/ld-linux-x86-64.so.2 (0x00007fee333dc000)",
    ].join("\n");
    expect(missingFromLdd(output)).toEqual(["liblzf.so.1", "libjemalloc.so.2"]);
    expect(missingFromLdd("\tnot a dynamic executable\n")).toEqual([]);
  });

  test("the library packages of a Depends field, never the C library", () => {
    const depends =
      "adduser, libatomic1 (>= 4.8), libc6 (>= 2.34), libc-bin, libssl3t64:any | libssl3, lua-cjson\n";
    expect(libraryPackages(depends)).toEqual(["libatomic1", "libssl3t64", "lua-cjson"]);
    expect(libraryPackages("")).toEqual([]);
  });
});

test.each([
  ["Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.2.1 bits=64 build=1", "7.0.15"],
  ["Valkey server v=8.1.1 sha=00000000:0", "8.1.1"],
  ["Redis v7", undefined],
  ["", undefined],
])("the version in %j is %s", (output, version) => {
  expect(redisVersion(output)).toBe(version);
});

test("the published port of a container is the one on loopback", () => {
  expect(publishedPort("127.0.0.1:49153\n")).toBe(49153);
  expect(publishedPort("0.0.0.0:49153\n")).toBeUndefined();
  expect(publishedPort("")).toBeUndefined();
});

test("a REDIS_URL is used as it is, without looking further", async () => {
  const said: string[] = [];
  const env = { REDIS_URL: "redis://10.0.0.1:6379" };
  const found = await ensureRedisServer({ say: (line) => said.push(line), env });
  expect(found).toEqual({ kind: "url", url: "redis://10.0.0.1:6379" });
  expect(said).toEqual([]);
});

test("a server named by the person that does not work is said so, not replaced", async () => {
  const env = { COUNCIL_REDIS_SERVER: "/no/such/redis", PATH: "" };
  const found = await ensureRedisServer({ say: () => {}, env });
  expect(found.kind).toBe("unavailable");
  expect(found).toMatchObject({ reason: expect.stringContaining("/no/such/redis") });
  expect(found).toMatchObject({ remedies: redisRemedies(process.platform) });
});
