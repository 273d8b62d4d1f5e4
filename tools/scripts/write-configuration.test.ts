import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { knownNames } from "@council/runtime";
import { configurationPage, knownNamesText, withSettings } from "./write-configuration.ts";

test("docs/configuration.md says what the services read (if not: node tools/scripts/write-configuration.ts)", async () => {
  const page = await readFile(configurationPage, "utf8");
  expect(page).toBe(await withSettings(page));
});

test("the names that files may use are those that the services read (if not: node tools/scripts/write-configuration.ts)", async () => {
  const listed = [...(await knownNamesText()).matchAll(/^  "(.+)",$/gm)].map(([, name]) => name);
  expect(knownNames).toEqual(listed);
  expect(listed).toContain("COUNCIL_HEAD_MODEL");
});

test("a variable that no service reads is not on the page, one that is required says so", async () => {
  const text = await withSettings(
    "<!-- settings: written by tools/scripts/write-configuration.ts -->\n<!-- settings: end -->\n",
  );
  expect(text).toMatch(/\| `COUNCIL_REPOSITORIES` +\| `--repositories` +\| required +\|/);
  expect(text).toMatch(/\| `PATCHCTL_ROLLBACK_TIMEOUT` +\|.*\| `90s` +\|.*at least 1000ms/);
  expect(text).not.toContain("COUNCIL_BUILDER_DREAM");
});

test("a page without its marks is refused", async () => {
  await expect(withSettings("# Configuration\n")).rejects.toThrow("marks");
});
