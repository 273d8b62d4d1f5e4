import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { findSandbox } from "../find-sandbox.ts";
import type { SandboxSearch } from "../sandbox.ts";
import { readBenchmarkSet } from "./read-benchmark-set.ts";
import { runBenchmark } from "./run-benchmark.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const lines = (...cases: readonly object[]) =>
  Buffer.from(cases.map((each) => `${JSON.stringify(each)}\n`).join(""));
const doubling = lines(
  { id: "one", input: 1, expected: 2 },
  { id: "two", input: 2, expected: 4 },
  { id: "text", input: "a", expected: { said: ["a", "a"] } },
);

let dir: string;
let sandbox: SandboxSearch;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "council-benchmark-"));
  sandbox = await findSandbox();
});
afterAll(() => rm(dir, { recursive: true }));

/** The outcome of a program that answers each case by this expression of `input`. */
async function outcomeOf(program: string, timeoutMs = 20_000) {
  await writeFile(
    join(dir, "answer.mjs"),
    `import { createInterface } from "node:readline";\n` +
      `const answer = (id, output) => console.log(JSON.stringify({ id, output }));\n` +
      `for await (const line of createInterface({ input: process.stdin })) {\n` +
      `  const { id, input, ...more } = JSON.parse(line);\n${program}\n}\n`,
  );
  const read = readBenchmarkSet(doubling);
  if (read.kind === "faulty") throw new Error(read.reason);
  const command = ["node", "answer.mjs"];
  return await runBenchmark({ sandbox, set: read.set, command, dir, timeoutMs });
}
const wrongOf = async (program: string) => {
  const outcome = await outcomeOf(program);
  return outcome.kind === "scored" ? outcome.score.wrong : outcome.reason;
};
const right = `answer(id, typeof input === "number" ? 2 * input : { said: [input, input] });`;

describe("a benchmark in the sandbox", () => {
  test("is scored case by case; only inputs go in, and other output is let through", async () => {
    expect(await wrongOf(`console.log("thinking", Object.keys(more)); ${right}`)).toEqual([]);
    expect(await wrongOf(`answer(id, more.expected ?? 2);`)).toEqual(["text", "two"]);
    const outcome = await outcomeOf(right);
    expect(outcome).toMatchObject({ kind: "scored", score: { total: 3, wrong: [] } });
  });

  test("no answer, two different ones, and one after a crash are wrong", async () => {
    expect(await wrongOf(`if (id !== "two") { ${right} }`)).toEqual(["two"]);
    expect(await wrongOf(`${right} if (id === "one") answer(id, 3); else { ${right} }`)).toEqual([
      "one",
    ]);
    expect(await wrongOf(`if (id === "two") process.abort(); ${right}`)).toContain("two");
  });

  test("P3: a timeout, a missing program or no sandbox says nothing", async () => {
    expect(await outcomeOf("await new Promise(() => setInterval(() => {}, 1000));", 1000)).toEqual({
      kind: "inconclusive",
      reason: "the benchmark took longer than 1000 ms",
    });
    const read = readBenchmarkSet(doubling);
    if (read.kind === "faulty") throw new Error(read.reason);
    const run = { sandbox, set: read.set, command: ["no-such-program"], dir, timeoutMs: 9000 };
    expect(await runBenchmark(run)).toMatchObject({ kind: "inconclusive" });
    const none = { kind: "unavailable", reason: "no bwrap", remedy: "install it" } as const;
    expect(await runBenchmark({ ...run, sandbox: none })).toEqual({
      kind: "inconclusive",
      reason: "no bwrap",
    });
  });
});

describe("a benchmark set", () => {
  test("is known by the digest of its bytes", () => {
    const digestOf = (bytes: Uint8Array) => {
      const read = readBenchmarkSet(bytes);
      return read.kind === "read" ? read.set.digest : read.reason;
    };
    expect(digestOf(doubling)).toMatch(/^[0-9a-f]{64}$/);
    expect(digestOf(Buffer.concat([doubling, Buffer.from("\n")]))).not.toBe(digestOf(doubling));
  });

  test.for([
    ["nothing in it", "", "there is no case"],
    ["no JSON", "{", "line 1 is no case"],
    ["a missing answer", '{"id":"a","input":1}', "line 1 is no case"],
    ["an unknown field", '{"id":"a","input":1,"expected":1,"x":1}', "line 1 is no case"],
    [
      "an id twice",
      '{"id":"a","input":1,"expected":1}\n{"id":"a","input":2,"expected":2}',
      "line 2 has the id",
    ],
  ] as const)("with %s is refused, with the line", ([, text, reason]) => {
    expect(readBenchmarkSet(Buffer.from(text))).toMatchObject({
      kind: "faulty",
      reason: expect.stringContaining(reason) as string,
    });
  });
});
