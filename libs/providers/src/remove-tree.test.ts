import { chmod, lstat, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { removeTree } from "./remove-tree.ts";

test("removes folders that were closed on leaving, and follows no link out", async () => {
  const outside = await mkdtemp(join(tmpdir(), "council-outside-"));
  const dir = await mkdtemp(join(tmpdir(), "council-tree-"));
  try {
    await writeFile(join(outside, "kept"), "x");
    await mkdir(join(dir, "a", "b"), { recursive: true });
    await writeFile(join(dir, "a", "b", "file"), "x");
    await symlink(outside, join(dir, "link"));
    await chmod(join(dir, "a", "b"), 0);
    await chmod(join(dir, "a"), 0);
    await removeTree(dir);
    await expect(lstat(dir)).rejects.toMatchObject({ code: "ENOENT" });
    expect((await lstat(join(outside, "kept"))).isFile()).toBe(true);
    await expect(removeTree(dir)).resolves.toBeUndefined();
  } finally {
    await rm(outside, { recursive: true });
    await rm(dir, { recursive: true, force: true });
  }
});
