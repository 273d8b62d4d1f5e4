import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeTables } from "./write-tables.ts";

test("a table goes between its two comments, and writing it again changes nothing", async () => {
  const dir = await mkdtemp(join(tmpdir(), "council-tables-"));
  try {
    const file = join(dir, "page.md");
    await writeFile(file, "before\n\n<!-- a -->\n\nold\n\n<!-- /a -->\n\nafter\n");
    const rows = [["×2", "100 / 200"]];
    const table = { title: "t", columns: ["harm", "requests"], rows, notes: [] };
    writeTables(file, { a: table });
    const written = await readFile(file, "utf8");
    expect(written).toBe(
      "before\n\n<!-- a -->\n\n| harm | requests  |\n| ---- | --------- |\n| ×2   | 100 / 200 |\n\n<!-- /a -->\n\nafter\n",
    );
    writeTables(file, { a: table });
    expect(await readFile(file, "utf8")).toBe(written);
    expect(() => writeTables(file, { b: table })).toThrow("no place <!-- b -->");
  } finally {
    await rm(dir, { recursive: true });
  }
});
