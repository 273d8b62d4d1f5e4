import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { measured, scoreText } from "./accuracy-command.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const answering = (from: number) =>
  `import { createInterface } from "node:readline";
for await (const line of createInterface({ input: process.stdin })) {
  const { id, input } = JSON.parse(line);
  console.log(JSON.stringify({ id, output: input < ${from} ? 0 : input }));
}
`;
let dir: string;
const git = (...words: readonly string[]) =>
  execFileSync("git", ["-C", join(dir, "shop"), ...words], { encoding: "utf8" });

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "council-accuracy-test-"));
  await mkdir(join(dir, "shop"));
  git("init", "--quiet", "--initial-branch", "main");
  git("config", "user.email", "a@example.com");
  git("config", "user.name", "a");
  for (const [branch, from] of [
    ["main", 1],
    ["worse", 9],
  ] as const) {
    if (branch !== "main") git("checkout", "--quiet", "-b", branch);
    await writeFile(join(dir, "shop", "answer.mjs"), answering(from));
    git("add", "-A");
    git("commit", "--quiet", "-m", branch);
  }
  const cases = Array.from({ length: 20 }, (_, at) => ({ id: `n${at}`, input: at, expected: at }));
  await writeFile(join(dir, "set.jsonl"), cases.map((each) => JSON.stringify(each)).join("\n"));
  const benchmark = { set: "set.jsonl", command: ["node", "answer.mjs"] };
  const shop = { id: "shop", remote: join(dir, "shop"), benchmark };
  const plain = { id: "plain", remote: join(dir, "shop") };
  await writeFile(join(dir, "repositories.yaml"), JSON.stringify({ repositories: [shop, plain] }));
});
afterAll(() => rm(dir, { recursive: true }));

const measuring = (repository: string, more: object = {}) =>
  measured(repository, { repositories: join(dir, "repositories.yaml"), ...more });

test("a branch is measured in the sandbox, with an interval, and the score can be kept", async () => {
  const out = join(dir, "score.json");
  const { isWorse, text } = await measuring("shop", { out });
  expect([isWorse, text]).toEqual([
    false,
    expect.stringMatching(/^20 of 20 right \(100 %, 95 %: 83.16 % to 100 %\)/),
  ]);
  expect(JSON.parse(await readFile(out, "utf8"))).toMatchObject({ total: 20, wrong: [] });
});

test("a branch that answers worse than another ends with 1 and says by how much", async () => {
  const worse = await measuring("shop", { branch: "worse", against: "main" });
  expect([worse.isWorse, worse.text]).toEqual([true, expect.stringContaining("8 newly wrong")]);
  expect((await measuring("shop", { branch: "main", against: "worse" })).isWorse).toBe(false);
});

test.for([
  ["plain", {}, "plain: no benchmark"],
  ["nobody", {}, "nobody: no benchmark"],
  ["shop", { branch: "gone" }, "no branch gone"],
  ["shop", { repositories: undefined }, "--repositories"],
] as const)("what is missing is named: %s %o", async ([repository, more, message]) => {
  await expect(measuring(repository, more)).rejects.toMatchObject({
    exit: "usage",
    message: expect.stringContaining(message) as string,
  });
});

test("wrong cases are named, twenty at most", () => {
  const wrong = Array.from({ length: 25 }, (_, at) => `c${at}`);
  const text = scoreText({ set: "5".repeat(64), total: 100, wrong });
  expect(text).toContain("75 of 100 right (75 %");
  expect(text).toMatch(/c19$/);
});
