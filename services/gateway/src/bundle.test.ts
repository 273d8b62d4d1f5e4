import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { consoleFolder } from "@council/console";
import { ensureConsole } from "@council/scripts/build-console.ts";
import { expect, test } from "vitest";

const limitBytes = 250_000;

test("the whole console is below 250 kB as it travels, fonts and all", async () => {
  const built = await ensureConsole({ say: () => {} });
  expect(built.kind).not.toBe("failed");
  const names = await readdir(consoleFolder, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile());
  expect(files.map(({ name }) => name)).toContain("index.html");
  const sizes = await Promise.all(
    files.map(
      async ({ parentPath, name }) => gzipSync(await readFile(join(parentPath, name))).length,
    ),
  );
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(limitBytes);
}, 60_000);

test("nothing of it is inline or from elsewhere, as the security policy asks", async () => {
  const page = await readFile(join(consoleFolder, "index.html"), "utf8");
  expect(page).not.toMatch(/<script(?![^>]*src=)|<style|\sstyle=|\son\w+=|https?:/);
});
