import { chmod, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readTree } from "./read-tree.ts";

let dir = "";
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "council-tree-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const entriesOf = async () => {
  const reading = await readTree(dir);
  if (reading.kind === "refused") throw new Error(reading.reason);
  return reading.entries;
};

it("tells files by content and executable bit, and links by target, without following", async () => {
  await mkdir(join(dir, "d/e"), { recursive: true });
  await writeFile(join(dir, "d/e/a"), "same");
  await writeFile(join(dir, "b"), "same");
  await writeFile(join(dir, "c"), "same");
  await chmod(join(dir, "c"), 0o755);
  await symlink("/", join(dir, "root"));
  const entries = await entriesOf();
  expect([...entries.keys()].toSorted()).toEqual(["b", "c", "d/e/a", "root"]);
  expect(entries.get("b")?.digest).toBe(entries.get("d/e/a")?.digest);
  expect(entries.get("b")?.digest).not.toBe(entries.get("c")?.digest);
  expect(entries.get("root")).toEqual({ kind: "link", digest: "link /", target: "/" });
});

it("refuses a tree that is too large without reading it", async () => {
  await writeFile(join(dir, "sparse"), "");
  await truncate(join(dir, "sparse"), 2 ** 40);
  expect(await readTree(dir)).toMatchObject({ kind: "refused" });
});

it("refuses a tree that is not there", async () => {
  expect(await readTree(join(dir, "nonesuch"))).toMatchObject({ kind: "refused" });
});
