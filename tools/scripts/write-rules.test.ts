import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { page, withTables } from "./write-rules.ts";

test("P10: docs/rules.md lists exactly the rules there are", async () => {
  const text = await readFile(page, "utf8");
  expect(text).toBe(withTables(text));
});
