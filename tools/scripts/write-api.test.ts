import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { apiPage, apiText } from "./write-api.ts";

test("docs/api.md says what the gateway serves (if not: node tools/scripts/write-api.ts)", async () => {
  expect(await readFile(apiPage, "utf8")).toBe(await apiText());
});
