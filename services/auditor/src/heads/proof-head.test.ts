import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Mirror } from "@council/git";
import { findSandbox } from "@council/providers";
import type { Repositories } from "@council/runtime";
import { testRemote, type TestRemote } from "@council/git/testing";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { readAuditedChange } from "../audited-change.ts";
import { candidateOf, diffOf, patch } from "../example.ts";
import { proofHead } from "./proof-head.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const testFile = "import { sum } from './sum.mjs';\nprocess.exit(sum(1, 2) === 3 ? 0 : 1);\n";
let remote: TestRemote;
let mirror: Mirror;
beforeAll(async () => {
  remote = await testRemote({
    "sum.mjs": "export const sum = (a, b) => a + b;\n",
    "check.mjs": testFile,
  });
  mirror = await remote.mirror();
});
afterAll(() => remote.remove());

async function judge(
  files: Record<string, string | null>,
  command: string[] | undefined = ["node", "check.mjs"],
  testTimeoutMs = 20_000,
  isExpected = false,
) {
  const diff = await diffOf(remote, mirror, files);
  const candidate = await candidateOf(remote, mirror, diff);
  const read = await readAuditedChange({ mirror, patch, candidate, diff });
  if (read.kind === "refused") throw new Error(read.reason);
  const { policy, ...rest } = { policy: {}, id: "shop", remote: remote.url, targetBranch: "main" };
  const config = {
    ...rest,
    policy,
    testTimeoutMs,
    ...(command.length > 0 ? { testCommand: command } : {}),
  };
  const repositories: Repositories = new Map([["shop", config]]);
  const head = proofHead({ sandbox: await findSandbox(), repositories });
  const { signal } = new AbortController();
  const { tree } = read.change;
  if (isExpected) await head.lookAhead?.({ repository: "shop", mirror, tree }, signal);
  return await head.judge(read.change, signal);
}
const broken = { "sum.mjs": "export const sum = (a, b) => a - b;\n" };

describe("running the tests", () => {
  test("that pass on the candidate is an approval", async () => {
    const files = { "sum.mjs": "export const sum = (a, b) => b + a;\n" };
    expect(await judge(files)).toMatchObject({
      verdict: "approve",
      findings: [
        { ruleId: "proof-basis", message: expect.stringMatching(/^exit codes only/) as string },
      ],
    });
  });

  test("P5: that ran ahead on that very tree says so", async () => {
    const files = { "sum.mjs": "export const sum = (a, b) => b + a;\n" };
    expect(await judge(files, undefined, undefined, true)).toMatchObject({
      verdict: "approve",
      findings: [{ message: expect.stringMatching(/before it was asked for$/) as string }],
    });
  });

  test("P10: that fail with the patch only is a veto, with the end of what they said", async () => {
    const say = `${testFile}`.replace(
      "process.exit",
      "console.log('x'.repeat(5000) + 'END');process.exit",
    );
    const { verdict, findings } = await judge({ ...broken, "check.mjs": say });
    expect(verdict).toBe("reject");
    expect(findings[0]).toMatchObject({ ruleId: "tests-fail", isHard: true });
    expect(findings[0]?.message).toMatch(/^in two runs, the tests exit with 1: x+END\s*$/);
  });

  test("that fail once and pass when run again are a warning, which says so", async () => {
    // Who starts before this time fails at it: the first run does, the second begins later.
    const check = `const at = ${Date.now() + 4000};\nif (Date.now() < at) setTimeout(() => { console.log("too early"); process.exit(1); }, at - Date.now());\n`;
    const { verdict, findings } = await judge({ "check.mjs": check });
    expect(verdict).toBe("approve");
    expect(findings).toContainEqual(
      expect.objectContaining({
        ruleId: "flaky-tests",
        severity: "warning",
        message: expect.stringMatching(/did not come again.*exit with 1: too early/s) as string,
      }),
    );
  });

  test("P3: that fail without the patch too proves nothing", async () => {
    const judgement = await judge(broken, ["node", "absent.mjs"]);
    expect(judgement).toMatchObject({
      verdict: "abstain",
      findings: [{ ruleId: "tests-fail-on-base" }],
    });
  });

  test("P3: that cannot be run on the base proves nothing", async () => {
    // On the base the check waits for ever; the patch makes it fail.
    const wait = [
      "node",
      "-e",
      "import('./new.mjs').then(() => process.exit(1), () => setTimeout(() => {}, 60000))",
    ];
    const judgement = await judge({ "new.mjs": "\n" }, wait, 2500);
    expect(judgement).toMatchObject({
      verdict: "abstain",
      findings: [{ ruleId: "tests-not-run-on-base" }],
    });
  });

  test("P3: that cannot be run on the candidate, or are not configured, proves nothing", async () => {
    expect(await judge(broken, ["absent-program"])).toMatchObject({
      findings: [{ ruleId: "tests-not-run" }],
    });
    expect(await judge(broken, [])).toMatchObject({ findings: [{ ruleId: "no-test-command" }] });
  });

  test("leaves no folder behind, whatever the tests leave in it", async () => {
    const own = await mkdtemp(join(tmpdir(), "council-proof-test-"));
    vi.stubEnv("TMPDIR", own);
    const hide =
      "import fs from 'node:fs';fs.mkdirSync('a/b',{recursive:true});fs.chmodSync('a/b',0);fs.chmodSync('a',0);\n";
    const { verdict } = await judge({ ...broken, "check.mjs": hide + testFile });
    vi.unstubAllEnvs();
    expect([verdict, await readdir(own)]).toEqual(["reject", []]);
    await rm(own, { recursive: true });
  });
});
