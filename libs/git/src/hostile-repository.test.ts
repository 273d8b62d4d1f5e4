/**
 * Nothing of the host and nothing of a patched repository runs inside git. Each trap leaves a mark
 * when it springs; the first test shows that the traps do spring for a git run without care.
 */
import { execFile } from "node:child_process";
import { chmod, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { applyDiff } from "./apply-diff.ts";
import { captureTree } from "./capture-tree.ts";
import { landTree } from "./land-tree.ts";
import { materialise } from "./materialise.ts";
import { openMirror, resolveBranch } from "./mirror.ts";
import { revertLanding } from "./revert-landing.ts";
import { runGit } from "./run-git.ts";
import { testRemote, type TestRemote } from "./testing.ts";
import { diffText } from "./tree-reading.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const run = promisify(execFile);
const HOOKS = [
  "pre-push",
  "post-checkout",
  "post-index-change",
  "reference-transaction",
  "post-merge",
];

let remote: TestRemote;
let marks: string;

beforeEach(async () => {
  remote = await testRemote({
    ".gitattributes": "* filter=evil diff=evil merge=evil\n",
    ".gitmodules": '[submodule "x"]\n\tpath = x\n\turl = https://example.test/x.git\n',
    ".gitconfig": "[core]\n\tfsmonitor = touch marker\n",
    "a.txt": "one\ntwo\nthree\n",
  });
  marks = join(remote.dir, "marks");
  await mkdir(marks);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await remote.remove();
});

function mark(name: string): string {
  return `touch ${join(marks, name)}`;
}

async function writeTraps(): Promise<string> {
  const hooks = join(remote.dir, "hooks");
  await mkdir(hooks, { recursive: true });
  for (const hook of HOOKS) {
    await writeFile(join(hooks, hook), `#!/bin/sh\n${mark(hook)}\n`);
    await chmod(join(hooks, hook), 0o755);
  }
  const config = join(remote.dir, "gitconfig");
  await writeFile(
    config,
    `[core]
	hooksPath = ${hooks}
	fsmonitor = ${mark("fsmonitor")}
	sshCommand = ${mark("ssh")}
[filter "evil"]
	clean = ${mark("clean")} && cat
	smudge = ${mark("smudge")} && cat
	required = true
[diff "evil"]
	textconv = ${mark("textconv")} && cat
	command = ${mark("diff")}
[merge "evil"]
	driver = ${mark("merge")}
[credential]
	helper = !${mark("credential")}
`,
  );
  return config;
}

test("the traps spring for a git that is run without care", async () => {
  const config = await writeTraps();
  const env = { ...process.env, GIT_CONFIG_GLOBAL: config, GIT_CONFIG_NOSYSTEM: "1" };
  const checkout = join(remote.dir, "checkout");
  await run("git", ["clone", "-q", remote.url, checkout], { env });
  await writeFile(join(checkout, "a.txt"), "changed\n");
  await run("git", ["status"], { env, cwd: checkout });
  await run("git", ["diff"], { env, cwd: checkout });
  const sprung = await readdir(marks);
  expect(sprung).toEqual(expect.arrayContaining(["smudge", "clean", "fsmonitor", "diff"]));
  expect(sprung).toEqual(expect.arrayContaining(["reference-transaction", "post-index-change"]));
});

test("P11: a whole life of a patch springs none of them", async () => {
  const config = await writeTraps();
  vi.stubEnv("GIT_CONFIG_GLOBAL", config);
  vi.stubEnv("GIT_CONFIG_SYSTEM", config);
  vi.stubEnv("GIT_CONFIG_COUNT", "1");
  vi.stubEnv("GIT_CONFIG_KEY_0", "core.hooksPath");
  vi.stubEnv("GIT_CONFIG_VALUE_0", join(remote.dir, "hooks"));
  vi.stubEnv("GIT_SSH_COMMAND", mark("ssh-env"));
  vi.stubEnv("GIT_EXTERNAL_DIFF", mark("external-diff"));
  vi.stubEnv("GIT_DIR", "/nonexistent");
  vi.stubEnv("HOME", remote.dir);
  await writeFile(join(remote.dir, ".gitconfig"), `[include]\n\tpath = ${config}\n`);

  // The mirror's own directory was tampered with before Council opened it.
  const dir = join(remote.dir, "tampered");
  await run("cp", ["-r", remote.repository.gitDir, join(remote.dir, "copy.git")]);
  await mkdir(dir);
  await run("mv", [join(remote.dir, "copy.git"), join(dir, "repo.git")]);
  await run("cp", [config, join(dir, "repo.git/config")]);
  await run("cp", ["-r", join(remote.dir, "hooks"), join(dir, "repo.git/hooks")]);
  await mkdir(join(dir, "repo.git/info"), { recursive: true });
  await writeFile(join(dir, "repo.git/info/attributes"), "* filter=evil diff=evil\n");

  const mirror = await openMirror({ remoteUrl: remote.url, dir });
  const base = (await resolveBranch(mirror, "main"))!;
  const diff =
    "diff --git a/a.txt b/a.txt\n--- a/a.txt\n+++ b/a.txt\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n";
  const applied = await applyDiff(mirror, { base, diff });
  if (applied.kind !== "applied") throw new Error(applied.reason);
  expect(await diffText(mirror, base, applied.tree)).toContain("+2");
  const out = join(remote.dir, "out");
  await materialise(mirror, applied.tree, out);
  await writeFile(join(out, "b.txt"), "b\n");
  const captured = await captureTree(mirror, { base, dir: out });
  if (captured.kind !== "captured") throw new Error(captured.reason);
  const text = {
    message: "x",
    identity: { name: "Council", email: "council@example.test" },
    at: new Date("2026-01-02T03:04:05Z"),
    branch: "main",
  };
  const landed = await landTree(mirror, { ...text, base, tree: captured.tree, effectId: "e" });
  if (landed.kind !== "landed") throw new Error(landed.kind);
  await remote.commit({ files: { "a.txt": "one\n2\nthree\nfour\n\n\n\nlater\n" } });
  await revertLanding(mirror, { ...text, commit: landed.commit, effectId: "r" });
  const ssh = { ...mirror, remoteUrl: "ssh://example.test/x" };
  await expect(resolveBranch(ssh, "main")).rejects.toMatchObject({ code: "unreachable" });
  expect(await readdir(marks)).toEqual([]);
});

test("P10: objects that git itself takes for an attack do not enter the mirror", async () => {
  const { repository } = remote;
  const blob = await runGit(repository, ["hash-object", "-w", "--stdin"], { input: "x" });
  const entry = `100644 blob ${blob.stdout.toString().trim()}\tconfig\n`;
  const inner = await runGit(repository, ["mktree"], { input: entry });
  const tree = await runGit(repository, ["mktree"], {
    input: `040000 tree ${inner.stdout.toString().trim()}\t.GIT\n`,
  });
  const who = {
    GIT_AUTHOR_NAME: "x",
    GIT_AUTHOR_EMAIL: "x@y",
    GIT_COMMITTER_NAME: "x",
    GIT_COMMITTER_EMAIL: "x@y",
  };
  const args = ["commit-tree", tree.stdout.toString().trim(), "-m", "evil"];
  const commit = await runGit(repository, args, { env: who });
  await remote.setBranch("evil", commit.stdout.toString().trim());
  const mirror = await remote.mirror();
  await expect(resolveBranch(mirror, "evil")).rejects.toThrow(/hasDotgit/);
});

test("replace refs of a repository have no say", async () => {
  const mirror = await remote.mirror();
  const first = (await resolveBranch(mirror, "main"))!;
  const second = await remote.commit({ files: { "a.txt": "other\n" } });
  await resolveBranch(mirror, "main");
  await rm(join(mirror.gitDir, "refs/replace"), { recursive: true, force: true });
  await runGit(mirror, ["update-ref", `refs/replace/${first}`, second]);
  expect(await diffText(mirror, first, second)).toContain("+other");
});
