import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { rulesFile, sloRules } from "./write-slo.ts";

test("prometheus/rules/slo.yaml is what the objectives make of it", async () => {
  expect(await readFile(rulesFile, "utf8")).toBe(sloRules());
});
