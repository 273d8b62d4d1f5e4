import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ensureBubblewrap,
  ensureRedisProgram,
  startPrivateRedis,
} from "@council/scripts/private-tools.ts";
import type { PrivateRedis } from "@council/scripts/private-tools.ts";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { repositoriesFile, repositoryId } from "./demo-setup.ts";
import { makeSampleRepository } from "./sample-repository.ts";
import type { Stack } from "./stack.ts";
import { gatewayClient, startStack } from "./stack.ts";

let dir: string;
let bare: string;
let redis: PrivateRedis;
let env: Record<string, string>;
let stack: Stack | undefined;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "council-stack-test-"));
  const say = () => {};
  const server = await ensureRedisProgram({ say });
  const sandbox = await ensureBubblewrap({ say });
  if (server.kind === "unavailable") throw new Error(server.reason);
  if (sandbox.kind === "unavailable") throw new Error(sandbox.reason);
  redis = await startPrivateRedis({ server, dir: join(dir, "redis") });
  env = { COUNCIL_BWRAP: sandbox.path, COUNCIL_PARTITIONS: "2" };
  bare = (await makeSampleRepository(join(dir, "product"))).bare;
}, 120_000);
afterEach(async () => {
  await stack?.stop();
  stack = undefined;
});
afterAll(async () => {
  await redis?.stop();
  await rm(dir, { recursive: true, force: true });
});

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
const pidsOf = (from: Stack) => from.processes().map(({ pid }) => pid ?? 0);

test("every service comes up, comes back after a kill, and ends when the stack does (P8)", async () => {
  const options = { redisUrl: redis.url, repositoriesYaml: repositoriesFile(bare), env };
  stack = await startStack({ ...options, dir: join(dir, "council") });
  const names = stack.processes().map(({ name }) => name);
  expect(names).toHaveLength(7);
  const first = pidsOf(stack);
  for (const name of names) expect(stack.kill(name)).toBe(true);
  await expect
    .poll(() => stack!.processes().map(({ restarts }) => restarts))
    .toEqual(names.map(() => 1));
  await stack.ready();
  const second = pidsOf(stack);
  expect(second.every((pid) => pid > 0 && !first.includes(pid))).toBe(true);

  const client = gatewayClient({ url: stack.url, ...stack.secrets });
  const nonsense = {
    repository: repositoryId,
    base: "0".repeat(40),
    diff: "x",
    title: "t",
    author: "a",
  };
  const forged = gatewayClient({
    ...stack.secrets,
    url: stack.url,
    webhookSecret: `whsec_${Buffer.from("another secret of some length").toString("base64")}`,
  });
  expect((await client.submit(nonsense)).status).toBe(202);
  expect((await forged.submit(nonsense)).status).toBe(401);
  expect((await client.patches()).status).toBe(200);

  await stack.stop();
  expect(second.filter(isAlive)).toEqual([]);
  expect(() => stack!.kill("nobody")).toThrow("no process is called nobody");
}, 60_000);

test("a configuration that is refused is an error with the service's own words, and nothing stays", async () => {
  const pids: number[] = [];
  const starting = startStack({
    dir: join(dir, "refused"),
    redisUrl: redis.url,
    repositoriesYaml: "repositories: []\n",
    env,
    onLog: (event) => {
      if (event.kind === "started") pids.push(event.pid);
    },
  });
  await expect(starting).rejects.toMatchObject({
    code: "configuration-refused",
    message: expect.stringContaining("COUNCIL_REPOSITORIES") as string,
  });
  expect(pids.length).toBeGreaterThan(0);
  expect(pids.filter(isAlive)).toEqual([]);
}, 60_000);
