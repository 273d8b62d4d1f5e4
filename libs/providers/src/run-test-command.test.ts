import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { runTestCommand, type TestRun } from "./run-test-command.ts";
import type { Sandbox } from "./sandbox.ts";
import { testSandbox } from "./test-sandbox.ts";

let sandbox: Sandbox;
let dir = "";
beforeAll(async () => {
  sandbox = await testSandbox();
});
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "council-tests-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const run = (command: readonly string[], more: Partial<TestRun> = {}) =>
  runTestCommand({ sandbox, dir, command, timeoutMs: 20_000, ...more });

it("runs a suite with this Node's own runner", async () => {
  const suite = (sum: number) =>
    `import { test } from "node:test"; import assert from "node:assert";
     test("adds", () => { const sum: number = 1 + 1; assert.equal(sum, ${sum}); });`;
  await writeFile(join(dir, "sum.test.ts"), suite(2));
  const passed = await run(["node", "--test"]);
  expect(passed).toMatchObject({ kind: "passed", output: expect.stringContaining("pass 1") });
  await writeFile(join(dir, "sum.test.ts"), suite(3));
  const failed = await run(["node", "--test"]);
  expect(failed).toMatchObject({ kind: "failed", exitCode: 1 });
  expect(failed).toHaveProperty("output", expect.stringContaining("fail 1"));
});

it("calls a crash of the suite a failure", async () => {
  const crashed = await run(["sh", "-c", "echo before; kill -SEGV $$"]);
  expect(crashed).toMatchObject({ kind: "failed", exitCode: 139, output: "before\n" });
});

it.each([
  ["takes too long", ["sleep", "600"], { timeoutMs: 200 }],
  ["is aborted", ["sleep", "600"], { signal: AbortSignal.timeout(200) }],
  ["goes over a limit", ["node", "-e", "for(;;);"], { cpuSeconds: 1 }],
  ["cannot be started", ["nonesuch"], {}],
  ["cannot be started by its shell", ["sh", "-c", "nonesuch"], {}],
  ["has no workspace", ["true"], { dir: "/nonesuch" }],
])("P3: is inconclusive when the suite %s", async (_, command, more) => {
  expect(await run(command, more)).toMatchObject({ kind: "inconclusive" });
});

it("P3: is inconclusive without a sandbox", async () => {
  const none = { kind: "unavailable", reason: "none here", remedy: "install it" } as const;
  const result = await run(["true"], { sandbox: none });
  expect(result).toEqual({ kind: "inconclusive", reason: "none here" });
});
