import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repositorySchema, type StoredBaseline } from "@council/contracts";
import { sha256Hex } from "@council/evidence";
import type { Mirror } from "@council/git";
import { testRemote, type TestRemote } from "@council/git/testing";
import { findSandbox } from "@council/providers";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { readAuditedChange } from "../audited-change.ts";
import { candidateOf, diffOf, patch } from "../example.ts";
import { judgementOf } from "../head.ts";
import { benchmarkHead } from "./benchmark-head.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** Answers with the square of each number, but for those it is told to get wrong. */
const answering = (...wrong: readonly number[]) =>
  `import { createInterface } from "node:readline";
for await (const line of createInterface({ input: process.stdin })) {
  const { id, input } = JSON.parse(line);
  console.log(JSON.stringify({ id, output: ${JSON.stringify(wrong)}.includes(input) ? -1 : input * input }));
}
`;
const cases = Array.from({ length: 40 }, (_, at) => ({
  id: `n${at}`,
  input: at,
  expected: at * at,
}));
const setBytes = Buffer.from(cases.map((each) => `${JSON.stringify(each)}\n`).join(""));

let dir: string;
let remote: TestRemote;
let mirror: Mirror;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "council-benchmarks-"));
  await writeFile(join(dir, "set.jsonl"), setBytes);
  remote = await testRemote({ "answer.mjs": answering(3) });
  mirror = await remote.mirror();
});
afterAll(async () => {
  await remote.remove();
  await rm(dir, { recursive: true });
});

const approved = (wrong: readonly string[], set = sha256Hex(setBytes)): StoredBaseline => ({
  score: { set, total: cases.length, wrong },
  actor: "ann",
  reason: "measured",
  at: 1,
  sequence: 1,
  chainHead: "c".repeat(64),
});

interface Given {
  readonly baseline?: StoredBaseline;
  readonly onDrop?: "reject" | "ask" | "report";
  readonly set?: string;
}

async function judged(program: string, { baseline, onDrop, set = "set.jsonl" }: Given = {}) {
  const diff = await diffOf(remote, mirror, { "answer.mjs": program });
  const candidate = await candidateOf(remote, mirror, diff);
  const read = await readAuditedChange({ mirror, patch, candidate, diff });
  if (read.kind === "refused") throw new Error(read.reason);
  const benchmark = {
    set: join(dir, set),
    command: ["node", "answer.mjs"],
    timeoutMs: 20_000,
    ...(onDrop ? { onDrop } : {}),
  };
  const config = repositorySchema.parse({ id: "shop", remote: remote.url, benchmark });
  const told: StoredBaseline[] = [];
  const head = benchmarkHead(
    { name: "proof", judge: () => Promise.resolve(judgementOf([])) },
    {
      sandbox: await findSandbox(),
      repositories: new Map([["shop", config]]),
      baselineOf: () => Promise.resolve(baseline),
      floor: 0.8,
      onBaseline: (one) => told.push(one),
    },
  );
  const { verdict, findings } = await head.judge(read.change, new AbortController().signal);
  return { verdict, finding: findings[0], told };
}

describe("a candidate that answers a benchmark", () => {
  test("as before is approved, and the finding names set, baseline and who approved it", async () => {
    const { verdict, finding, told } = await judged(answering(5), { baseline: approved(["n3"]) });
    expect(verdict).toBe("approve");
    expect(finding).toMatchObject({ ruleId: "accuracy-kept", severity: "info" });
    expect(finding?.message).toMatch(/39 of 40 right.*approved by ann \(cccccccccccc\)/);
    expect(told).toHaveLength(1);
  });

  test("worse than the approved baseline is rejected, a question or a warning, as its owner says", async () => {
    const worse = answering(1, 2, 4, 5, 6);
    const baseline = approved([]);
    const rejected = await judged(worse, { baseline });
    expect(rejected).toMatchObject({ verdict: "reject", finding: { severity: "error" } });
    expect(rejected.finding?.message).toContain("newly wrong: n1, n2, n4, n5, n6");
    expect(await judged(worse, { baseline, onDrop: "ask" })).toMatchObject({
      verdict: "approve",
      finding: { severity: "question", isHard: false },
    });
    expect(await judged(worse, { baseline, onDrop: "report" })).toMatchObject({
      verdict: "approve",
      finding: { severity: "warning" },
    });
  });

  test("is compared with its base while nobody has approved a baseline", async () => {
    const { verdict, finding } = await judged(answering(...cases.map(({ input }) => input)));
    expect(verdict).toBe("reject");
    expect(finding?.message).toMatch(/0 of 40 right.*below the floor.*measured on the base/);
  });

  test("P3: by another set than the approved one, or by none, a person is asked", async () => {
    const other = await judged(answering(), { baseline: approved([], "a".repeat(64)) });
    const none = await judged(answering(), { set: "absent.jsonl" });
    for (const { verdict, finding } of [other, none]) {
      expect(verdict).toBe("approve");
      expect(finding).toMatchObject({ ruleId: "accuracy-unmeasured", severity: "question" });
    }
  });
});
