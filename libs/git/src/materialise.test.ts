import { execFile } from "node:child_process";
import {
  chmod,
  lstat,
  mkdir,
  readFile,
  readdir,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { applyDiff } from "./apply-diff.ts";
import { captureTree, type CaptureTree } from "./capture-tree.ts";
import { materialise } from "./materialise.ts";
import { resolveBranch, type Mirror } from "./mirror.ts";
import { testRemote, type TestRemote } from "./testing.ts";
import { readFile as readTreeFile, treeOf } from "./tree-reading.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const run = promisify(execFile);

let remote: TestRemote;
let mirror: Mirror;
let base: string;
let dir: string;

beforeEach(async () => {
  remote = await testRemote({
    ".gitattributes":
      "*.txt eol=crlf ident\n*.u16 working-tree-encoding=UTF-16\nskip export-ignore\n",
    "a.txt": "one $Id$\n",
    "crlf.txt": "one\r\n",
    "x.u16": "text\n",
    skip: "here\n",
    "dir/bytes.bin": Buffer.from([0, 255, 10, 13, 0]),
    "run.sh": { content: "#!/bin/sh\n", mode: "100755" },
    link: { content: "../../etc/passwd", mode: "120000" },
    sub: { content: "1".repeat(40), mode: "160000" },
    empty: "",
  });
  mirror = await remote.mirror();
  base = (await resolveBranch(mirror, "main"))!;
  dir = join(remote.dir, "out");
});

afterEach(async () => {
  await remote.remove();
});

async function capture(over: Partial<CaptureTree> = {}) {
  return await captureTree(mirror, { base, dir, ...over });
}

describe("materialise", () => {
  test("writes bytes as they are: no attribute, encoding or line-end rule applies", async () => {
    const outcome = await materialise(mirror, base, dir);
    expect(outcome).toEqual({ kind: "materialised", files: 9, skipped: ["sub"] });
    expect(await readFile(join(dir, "a.txt"), "utf8")).toBe("one $Id$\n");
    expect(await readFile(join(dir, "crlf.txt"), "utf8")).toBe("one\r\n");
    expect(await readFile(join(dir, "x.u16"), "utf8")).toBe("text\n");
    expect(await readFile(join(dir, "skip"), "utf8")).toBe("here\n");
    expect(await readFile(join(dir, "dir/bytes.bin"))).toEqual(Buffer.from([0, 255, 10, 13, 0]));
    expect((await lstat(join(dir, "run.sh"))).mode & 0o777).toBe(0o755);
    expect((await readdir(dir)).includes(".git")).toBe(false);
  });

  test("a symbolic link becomes a plain file", async () => {
    await materialise(mirror, base, dir);
    expect((await lstat(join(dir, "link"))).isFile()).toBe(true);
    expect(await readFile(join(dir, "link"), "utf8")).toBe("../../etc/passwd");
  });

  test("a directory with something in it is left alone", async () => {
    await mkdir(dir);
    await writeFile(join(dir, "mine"), "x");
    const call = materialise(mirror, base, dir);
    await expect(call).rejects.toMatchObject({ code: "unsafe-directory" });
    expect(await readdir(dir)).toEqual(["mine"]);
  });

  test("limits on files and bytes", async () => {
    expect(await materialise(mirror, base, dir, { maxFiles: 3 })).toMatchObject({
      code: "too-many-files",
    });
    expect(await materialise(mirror, base, dir, { maxBytes: 10 })).toMatchObject({
      code: "too-large",
    });
  });
});

describe("captureTree", () => {
  beforeEach(async () => {
    await materialise(mirror, base, dir);
  });

  test("P9: nothing changed gives the base's own tree, links and submodules included", async () => {
    expect(await capture()).toEqual({
      kind: "captured",
      tree: await treeOf(mirror, base),
      diff: "",
      changes: [],
    });
  });

  test("P9: changed, added, deleted files and modes; the diff applies to the same tree", async () => {
    await writeFile(join(dir, "a.txt"), "two\r\n");
    await rm(join(dir, "crlf.txt"));
    await mkdir(join(dir, "new/deep"), { recursive: true });
    await writeFile(join(dir, 'new/deep/é "q".txt'), "new");
    await chmod(join(dir, "run.sh"), 0o644);
    const outcome = await capture();
    expect(outcome).toMatchObject({
      kind: "captured",
      changes: [
        { path: "a.txt", status: "modified" },
        { path: "crlf.txt", status: "deleted" },
        { path: 'new/deep/é "q".txt', status: "added" },
        { path: "run.sh", status: "mode" },
      ],
    });
    if (outcome.kind !== "captured") return;
    const applied = await applyDiff(mirror, { base, diff: outcome.diff });
    expect(applied).toMatchObject({ kind: "applied", tree: outcome.tree });
    const file = await readTreeFile(mirror, outcome.tree, "a.txt");
    expect(file).toEqual({ kind: "blob", bytes: Buffer.from("two\r\n") });
  });

  test("a file that became a directory", async () => {
    await rename(join(dir, "skip"), join(dir, "tmp"));
    await mkdir(join(dir, "skip"));
    await rename(join(dir, "tmp"), join(dir, "skip/inner"));
    expect(await capture()).toMatchObject({
      kind: "captured",
      changes: [{ path: "skip" }, { path: "skip/inner" }],
    });
  });

  test(".git at the top is not looked at; what the caller ignores stays as in the base", async () => {
    await mkdir(join(dir, ".git/hooks"), { recursive: true });
    await symlink("/", join(dir, ".git/root"));
    await mkdir(join(dir, "node_modules"));
    await symlink("/", join(dir, "node_modules/x"));
    await rm(join(dir, "dir"), { recursive: true });
    const isIgnored = (path: string) => path === "node_modules" || path === "dir";
    expect(await capture({ isIgnored })).toMatchObject({ kind: "captured", changes: [] });
  });

  test.each<[string, string, () => Promise<unknown>]>([
    ["a symbolic link", "symlink", () => symlink("/etc/passwd", join(dir, "l"))],
    ["a link to a directory", "symlink", () => symlink("/etc", join(dir, "l"))],
    ["a pipe", "special-file", () => run("mkfifo", [join(dir, "p")])],
    ["a rewritten link", "symlink", () => writeFile(join(dir, "link"), "/etc/shadow")],
    ["a git directory below", "reserved-path", () => mkdir(join(dir, "dir/.git"))],
    ["a git directory in capitals", "reserved-path", () => mkdir(join(dir, ".GIT"))],
    ["an invisible name", "path", () => writeFile(join(dir, "a\u200b.txt"), "")],
    ["a name that differs by case", "case-collision", () => writeFile(join(dir, "A.txt"), "")],
  ])("%s is refused", async (_, code, prepare) => {
    await prepare();
    expect(await capture()).toMatchObject({ kind: "refused", code });
  });

  test("limits on files and bytes", async () => {
    expect(await capture({ limits: { maxFiles: 3 } })).toMatchObject({ code: "too-many-files" });
    expect(await capture({ limits: { maxBytes: 5 } })).toMatchObject({ code: "too-large" });
    await writeFile(join(dir, "big.txt"), "x\n".repeat(1000));
    expect(await capture({ maxDiffBytes: 500 })).toMatchObject({ code: "too-large" });
  });
});
