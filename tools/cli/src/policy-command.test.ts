import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sayPolicy } from "./policy-command.ts";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "council-policy-"));
});
afterAll(() => rm(dir, { recursive: true }));

async function said(text: string, options = {}) {
  const file = join(dir, "policy.yaml");
  await writeFile(file, text);
  return sayPolicy(file, options);
}

test("a sound policy is explained", async () => {
  const { exitCode, text } = await said("autonomy: recommend\n");
  expect(exitCode).toBe(0);
  expect(text).toContain("a person approves every landing");
});

test("a faulty one is answered with every fault and remedy, exit code 2", async () => {
  const { exitCode, text } = await said("autonomy: x\nmaxRebase: 1\n");
  expect(exitCode).toBe(2);
  expect(text).toContain("2 faults");
  expect(text).toContain("→ use one of observe");
  expect(text).toContain("→ remove it, or correct its spelling");
});

test("as JSON for machines", async () => {
  const usable = await said("maxRebases: 2\n", { json: true });
  expect(JSON.parse(usable.text)).toMatchObject({ kind: "usable", policy: { maxRebases: 2 } });
  const faulty = await said("maxRebases: two\n", { json: true });
  expect(JSON.parse(faulty.text)).toMatchObject({
    kind: "faulty",
    faults: [{ field: "maxRebases" }],
  });
});

test("the list of repositories is not taken for a policy", async () => {
  const { exitCode, text } = await said("repositories:\n  - {id: a, remote: /a}\n");
  expect(exitCode).toBe(2);
  expect(text).toContain("policyFile");
});
