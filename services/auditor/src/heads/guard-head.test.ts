import { findSandbox } from "@council/providers";
import type { Mirror } from "@council/git";
import { type TestFile, testRemote, type TestRemote } from "@council/git/testing";
import type { Repositories } from "@council/runtime";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { readAuditedChange } from "../audited-change.ts";
import { candidateOf, diffOf, patch } from "../example.ts";
import type { Head } from "../head.ts";
import { openRulesPool, type RulesPool } from "../rules/rules-pool.ts";
import { guardHead } from "./guard-head.ts";
import { proofHead } from "./proof-head.ts";
import { rulesHead } from "./rules-head.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const suite = (body: string) =>
  `import { test } from "node:test";\nimport assert from "node:assert";\nimport { sum } from "./sum.mjs";\n${body}`;
const adds = 'test("adds", () => assert.equal(sum(1, 2), 3));\n';
const addsMore = 'test("adds more", () => assert.equal(sum(2, 2), 4));\n';
const broken = 'test("was broken before", () => assert.equal(sum(1, 1), 3));\n';
const sum = "export const sum = (a, b) => a + b;\n";

let remote: TestRemote;
let mirror: Mirror;
let pool: RulesPool;
let proof: Head;
let guard: Head;
let runs = 0;
beforeAll(async () => {
  remote = await testRemote({ "sum.mjs": sum, "sum.test.mjs": suite(adds + addsMore) });
  mirror = await remote.mirror();
  pool = openRulesPool({ workers: 1, timeoutMs: 50_000 });
  const config = {
    id: "shop",
    remote: remote.url,
    targetBranch: "main",
    policy: {},
    testTimeoutMs: 20_000,
  };
  const repositories: Repositories = new Map([
    ["shop", { ...config, testCommand: ["node", "--test"] }],
  ]);
  const found = await findSandbox();
  // Reading the sandbox counts the runs.
  const counting = {
    get sandbox() {
      runs += 1;
      return found;
    },
    repositories,
  };
  proof = proofHead(counting);
  guard = guardHead(rulesHead(pool), proof);
});
afterAll(async () => {
  await pool.close();
  await remote.remove();
});

async function judge(head: Head, files: Record<string, TestFile>) {
  const diff = await diffOf(remote, mirror, files);
  const candidate = await candidateOf(remote, mirror, diff);
  const read = await readAuditedChange({ mirror, patch, candidate, diff });
  if (read.kind === "refused") throw new Error(read.reason);
  const { verdict, findings } = await head.judge(read.change, new AbortController().signal);
  return {
    verdict,
    ids: findings.map(({ ruleId }) => ruleId),
    messages: findings.map(({ message }) => message),
  };
}

describe("proof, with Node's own runner", () => {
  test("knows the tests by name, and the lines they run", async () => {
    const judged = await judge(proof, { "sum.mjs": "export const sum = (a, b) => b + a;\n" });
    expect(judged).toEqual({
      verdict: "approve",
      ids: ["proof-basis"],
      messages: ["2 tests by name (junit), 2 on the base, and the lines they run"],
    });
  });

  test("P10: names the tests that fail with the patch only", async () => {
    const judged = await judge(proof, { "sum.mjs": "export const sum = (a, b) => a * b;\n" });
    expect(judged).toMatchObject({ verdict: "reject", ids: ["tests-fail"] });
    expect(judged.messages[0]).toMatch(/newly failing: adds\)/);
  });

  test("tests that are gone or skipped are found, though all that run pass", async () => {
    expect(await judge(proof, { "sum.test.mjs": suite(adds) })).toMatchObject({
      verdict: "reject",
      ids: ["tests-gone", "proof-basis"],
    });
    const skipping = suite(adds + addsMore.replace("test(", "test.skip("));
    expect(await judge(proof, { "sum.test.mjs": skipping })).toMatchObject({
      verdict: "reject",
      ids: ["tests-now-skipped", "proof-basis"],
    });
    const early = { "sum.mjs": `${sum}process.exit(0);\n` };
    expect((await judge(proof, early)).verdict).toBe("reject");
  });

  test("touched lines that no test runs are shown", async () => {
    const dead = `${sum}export function never(a) {\n  const b = a + 1;\n  return b;\n}\n`;
    expect(await judge(proof, { "sum.mjs": dead })).toMatchObject({
      verdict: "approve",
      ids: ["touched-lines-not-run", "proof-basis"],
    });
  });

  test("P3: a test that failed before proves nothing; one beside it that breaks does", async () => {
    await remote.commit({ files: { "sum.test.mjs": suite(adds + addsMore + broken) } });
    const still = { "sum.mjs": "export const sum = (a, b) => b + a;\n" };
    expect(await judge(proof, still)).toMatchObject({
      verdict: "abstain",
      ids: ["tests-fail-on-base"],
    });
    const worse = { "sum.mjs": "export const sum = (a, b) => a * b + 1;\n" };
    const judged = await judge(proof, worse);
    expect(judged).toMatchObject({ verdict: "reject", ids: ["tests-fail"] });
    expect(judged.messages[0]).not.toMatch(/newly failing:[^)]*was broken before/);
    await remote.commit({ files: { "sum.test.mjs": suite(adds + addsMore) } });
  });
});

describe("guard", () => {
  test("approves when both halves do, and shows both", async () => {
    const judged = await judge(guard, { "sum.mjs": "export const sum = (a, b) => b + a;\n" });
    expect(judged.verdict).toBe("approve");
    expect(judged.messages.slice(-2)).toEqual([
      "rules: approve, 0 findings",
      "proof: approve, 0 findings",
    ]);
  });

  test("P10: what breaks a hard rule is not run", async () => {
    const before = runs;
    const judged = await judge(guard, { "a.mjs": "agent({ rejectUnauthorized: false });\n" });
    expect(judged).toMatchObject({
      verdict: "reject",
      ids: ["disabled-tls", "guard-half", "guard-half"],
    });
    expect(runs).toBe(before);
  });

  test("rejects when either half does", async () => {
    expect((await judge(guard, { "a.mjs": "eval(text);\n" })).verdict).toBe("reject");
    const failing = { "sum.mjs": "export const sum = (a, b) => a * b;\n" };
    expect(await judge(guard, failing)).toMatchObject({ verdict: "reject" });
  });

  test("P3: abstains when the tests could not be run", async () => {
    const untested = proofHead({ sandbox: await findSandbox(), repositories: new Map() });
    const judged = await judge(guardHead(rulesHead(pool), untested), {
      "sum.mjs": `${sum}// same\n`,
    });
    expect(judged).toMatchObject({
      verdict: "abstain",
      ids: ["no-test-command", "guard-half", "guard-half"],
    });
  });
});
