import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { openMirrors } from "./open-mirrors.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "council-access-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const headerOf = (token: string) =>
  `Authorization: Basic ${Buffer.from(`council:${token}`).toString("base64")}`;

test("a token comes from its file, travels in the environment, and a new one counts at once", async () => {
  const tokenFile = join(dir, "token");
  const access = { kind: "token", username: "council", tokenFile } as const;
  const remote = "https://forge.example.test/shop.git";
  const mirrors = openMirrors(new Map([["shop", { remote, access }]]), join(dir, "data"));
  await expect(mirrors("shop")).rejects.toMatchObject({ code: "unreachable" });
  await writeFile(tokenFile, "first\n");
  const first = await mirrors("shop");
  expect(first.remoteEnv).toEqual({
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: "http.https://forge.example.test/.extraHeader",
    GIT_CONFIG_VALUE_0: headerOf("first"),
  });
  expect(await mirrors("shop")).toBe(first);
  await writeFile(tokenFile, "second\n");
  const second = await mirrors("shop");
  expect(second.remoteEnv["GIT_CONFIG_VALUE_0"]).toBe(headerOf("second"));
  expect(second.gitDir).toBe(first.gitDir);
});

test("an ssh remote gets its key and its known hosts, and nothing else of the machine's ssh", async () => {
  const keyFile = "/keys/shop";
  const access = { kind: "ssh", keyFile, knownHostsFile: "/keys/known_hosts" } as const;
  const remote = "ssh://git@forge.example.test/shop.git";
  const mirrors = openMirrors(new Map([["shop", { remote, access }]]), join(dir, "data-ssh"));
  const { remoteEnv } = await mirrors("shop");
  expect(remoteEnv["GIT_SSH_COMMAND"]).toContain(`-F /dev/null -i ${keyFile} `);
  expect(remoteEnv["GIT_SSH_COMMAND"]).toContain("StrictHostKeyChecking=yes");
});
