import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { cliPage, withCommands } from "./write-cli.ts";

test("docs/cli.md says what the program does (if not: node tools/scripts/write-cli.ts)", async () => {
  const page = await readFile(cliPage, "utf8");
  expect(page).toBe(await withCommands(page));
});

test("a page without its marks is refused", async () => {
  await expect(withCommands("# Command line\n")).rejects.toThrow("marks");
});
