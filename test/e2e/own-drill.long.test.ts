/** `council drill` as an operator uses it before a policy goes into force: on code and rules of their own. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { drillReportSchema } from "@council/contracts";
import { defaultRules } from "@council/domain";
import { digestOf } from "@council/evidence";
import { execa } from "execa";
import { afterAll, beforeAll, expect, it } from "vitest";

const program = fileURLToPath(new URL("../../tools/cli/src/main.ts", import.meta.url));
const source = (text: string) => `export const greet = (name) => "${text}, " + name;\n`;
const check = `import assert from "node:assert";
import { test } from "node:test";
import { greet } from "./greet.mjs";
test("greets by name", () => assert.match(greet("Ann"), /Ann/));
`;
const rules = defaultRules.map((rule) =>
  rule.id === "latency-p95" && rule.kind === "sequential" ? { ...rule, tolerance: 0.2 } : rule,
);

let dir: string;
const shop = () => join(dir, "shop");
const git = async (...words: string[]) => (await execa("git", ["-C", shop(), ...words])).stdout;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "council-own-drill-"));
  await mkdir(shop());
  await git("init", "--quiet", "--initial-branch", "trunk");
  await git("config", "user.name", "ann");
  await git("config", "user.email", "ann@example.com");
  await writeFile(join(shop(), "greet.mjs"), source("hello"));
  await writeFile(join(shop(), "greet.test.mjs"), check);
  await git("add", "-A");
  await git("commit", "--quiet", "-m", "greets");
  await writeFile(join(shop(), "greet.mjs"), source("good day"));
  await writeFile(join(dir, "change.diff"), `${await git("diff")}\n`);
  const repository = { id: "shop", remote: shop(), targetBranch: "trunk", policy: { rules } };
  await writeFile(join(dir, "repositories.yaml"), JSON.stringify({ repositories: [repository] }));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

it("drills a patch of the operator's own by the rules of a guarded repository, and writes nothing to it", async () => {
  const before = [await git("for-each-ref"), await git("status", "--porcelain")];
  const reports = join(dir, "reports");
  const what = ["--type", "placebo", "--type", "latency-2", "--seed", "7", "--reports", reports];
  const code = ["--repository", shop(), "--branch", "trunk", "--pr", join(dir, "change.diff")];
  const guard = ["--repositories", join(dir, "repositories.yaml"), "--guards", "shop"];
  const words = [...what, ...code, "--test", "node --test", ...guard];
  const done = await execa(process.execPath, [program, "drill", ...words], { reject: false });
  expect({ code: done.exitCode, said: done.stdout, err: done.stderr }).toMatchObject({ code: 0 });
  const files = await readdir(reports);
  const json = files.find((name) => name.endsWith(".json")) ?? "";
  const report = drillReportSchema.parse(JSON.parse(await readFile(join(reports, json), "utf8")));
  expect(report).toMatchObject({
    outcome: "passed",
    isComprehensive: false,
    rulesDigest: digestOf(rules),
    target: { base: await git("rev-parse", "trunk"), tree: await git("rev-parse", "trunk^{tree}") },
  });
  const endings = Object.fromEntries(report.runs.map(({ fault, ending }) => [fault, ending]));
  expect(endings).toEqual({ "latency-2": "reverted", placebo: "settled" });
  const page = files.find((name) => name.endsWith(".html")) ?? "";
  expect(await readFile(join(reports, page), "utf8")).toMatch(/<polyline[^]*latency-2/);
  expect([await git("for-each-ref"), await git("status", "--porcelain")]).toEqual(before);
}, 300_000);

it("refuses rules of a repository that is not in the list, before anything is started", async () => {
  const words = ["drill", "--repositories", join(dir, "repositories.yaml"), "--guards", "other"];
  const done = await execa(process.execPath, [program, ...words], { reject: false });
  expect(done.exitCode).toBe(2);
  expect(done.stderr).toContain('has no repository "other"');
});
