/** All of Council on this machine around a small repository, for the benchmarks that need it running. */
import { noLimits } from "../e2e/council-world.ts";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { devNull, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gatewayClient, startStack } from "@council/demo/stack";
import type { BuilderPlan, GatewayClient, Stack } from "@council/demo/stack";
import { startBenchRedis } from "./bench-redis.ts";
import type { BenchRedis } from "./bench-redis.ts";

export interface BenchStack {
  readonly stack: Stack;
  readonly client: GatewayClient;
  readonly redis: BenchRedis;
  /** Path of the bare repository that Council guards. */
  readonly bare: string;
  /** A patch to the head of main that no other has been: one line of one file. */
  readonly submission: (at: number) => Submission;
}

export type Submission = Parameters<GatewayClient["submit"]>[0];

const execute = promisify(execFile);
const source = (value: number) => `export const value = ${value};\n`;
const sourceTest = `import assert from "node:assert/strict";
import test from "node:test";
import { value } from "../src/value.js";

test("the value is a number", () => assert.equal(typeof value, "number"));
`;

/** Runs `act` on a fresh stack with the default policy, without its limits, and ends everything afterwards. */
export async function withStack<Result>(
  options: { readonly builders?: readonly BuilderPlan[] },
  act: (bench: BenchStack) => Promise<Result>,
): Promise<Result> {
  await using resources = new AsyncDisposableStack();
  const dir = mkdtempSync(join(tmpdir(), "council-bench-"));
  resources.defer(() => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }));
  const { bare, base } = await makeRepository(dir);
  const redis = await startBenchRedis();
  resources.defer(() => redis.stop());
  const stack = await startStack({
    dir: join(dir, "council"),
    redisUrl: redis.url,
    repositoriesYaml: JSON.stringify({
      repositories: [
        {
          id: "bench",
          remote: bare,
          testCommand: ["node", "--test"],
          policy: { limits: noLimits },
        },
      ],
    }),
    ...(options.builders === undefined ? {} : { builders: options.builders }),
    env: { COUNCIL_BWRAP: process.env["COUNCIL_BWRAP"] ?? "" },
    // One sender sends here what many would.
    processEnv: { gateway: { COUNCIL_SENDER_RATE: "1000", COUNCIL_SENDER_BURST: "5000" } },
  });
  resources.defer(() => stack.stop());
  const client = gatewayClient({ url: stack.url, ...stack.secrets });
  return await act({ stack, client, redis, bare, submission: (at) => submissionOf(base, at) });
}

/** Submits patch number `at`; resolves to its id. */
export async function submitPatch({ client, submission }: BenchStack, at: number): Promise<string> {
  const { status, body } = await client.submit(submission(at));
  if (status === 202 && typeof body === "object" && body !== null && "id" in body)
    return String(body.id);
  throw new Error(`the gateway answers ${status}: ${JSON.stringify(body)}`);
}

/** Runs git without the configuration of whoever runs the benchmark. */
export async function git(cwd: string, ...words: readonly string[]): Promise<string> {
  const { stdout } = await execute("git", words, {
    cwd,
    env: {
      PATH: process.env["PATH"],
      HOME: cwd,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: devNull,
      GIT_AUTHOR_NAME: "Bench",
      GIT_AUTHOR_EMAIL: "bench@localhost",
      GIT_COMMITTER_NAME: "Bench",
      GIT_COMMITTER_EMAIL: "bench@localhost",
    },
  });
  return stdout.trim();
}

async function makeRepository(dir: string): Promise<{ bare: string; base: string }> {
  const bare = join(dir, "product.git");
  const work = join(dir, "author");
  for (const folder of ["src", "test"]) mkdirSync(join(work, folder), { recursive: true });
  writeFileSync(join(work, "package.json"), '{ "type": "module" }\n');
  writeFileSync(join(work, "src", "value.js"), source(0));
  writeFileSync(join(work, "test", "value.test.js"), sourceTest);
  await git(dir, "init", "--quiet", "--bare", "--initial-branch=main", bare);
  await git(work, "init", "--quiet", "--initial-branch=main");
  await git(work, "add", "--all");
  await git(work, "commit", "--quiet", "--message", "A value");
  await git(work, "push", "--quiet", bare, "main");
  return { bare, base: await git(work, "rev-parse", "HEAD") };
}

function submissionOf(base: string, at: number): Submission {
  const path = "src/value.js";
  const lines = [
    `diff --git a/${path} b/${path}`,
    `--- a/${path}`,
    `+++ b/${path}`,
    "@@ -1 +1 @@",
    `-${source(0).trimEnd()}`,
    `+${source(at + 1).trimEnd()}`,
  ];
  return {
    repository: "bench",
    base,
    diff: `${lines.join("\n")}\n`,
    sheet: { paths: [path] },
    title: `Value ${at + 1}`,
    author: "bench",
  };
}
