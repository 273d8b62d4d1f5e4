/**
 * The cases of git that decide whether a rollback can be trusted, each on a real bare remote. What plain
 * git does in a case is said in the title, then what Council does.
 */
import { execFile } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createCommit, findTrailers } from "./commit.ts";
import { lostLandings } from "./lost-landings.ts";
import { fetchBranches, fetchHead, type Mirror, resolveBranch } from "./mirror.ts";
import { pushCommit } from "./push.ts";
import { firstFiles, land as landOn, revert as revertOn, ten, text } from "./revert-example.ts";
import type { RevertLanding } from "./revert-landing.ts";
import { testRemote, type TestFile, type TestRemote } from "./testing.ts";
import { gitOutput } from "./run-git.ts";
import { readFile as readTreeFile, treeOf } from "./tree-reading.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const run = promisify(execFile);
let remote: TestRemote;
let mirror: Mirror;

beforeEach(async () => {
  remote = await testRemote(firstFiles);
  mirror = await remote.mirror();
});

afterEach(async () => {
  await remote.remove();
});

const land = (files: Record<string, TestFile>, effectId?: string) =>
  landOn(mirror, files, effectId);
const revert = (commit: string, over?: Partial<RevertLanding>, on = mirror) =>
  revertOn(on, commit, over);

describe("later work", () => {
  test("a later commit elsewhere in the file: clean → reverted, the later work kept", async () => {
    const commit = await land({ "a.txt": ten({ 2: "changed" }) });
    await remote.commit({ files: { "a.txt": ten({ 2: "changed", 9: "later" }) } });
    expect(await revert(commit)).toMatchObject({ kind: "reverted", restored: "merged" });
    expect(await remote.text("a.txt")).toBe(ten({ 9: "later" }));
  });

  test("the file renamed since: clean → reverted under its new name", async () => {
    const commit = await land({ "a.txt": ten({ 2: "changed" }) });
    await remote.commit({ files: { "a.txt": null, "lib/z.txt": ten({ 2: "changed" }) } });
    expect(await revert(commit)).toMatchObject({ kind: "reverted", paths: ["lib/z.txt"] });
    expect(await remote.text("lib/z.txt")).toBe(ten({}));
    expect(await remote.text("a.txt")).toBeUndefined();
  });

  test("renamed and edited by the landing, edited again since: clean → back at its name, with the edit", async () => {
    const commit = await land({ "a.txt": null, "z.txt": ten({ 2: "changed" }) });
    await remote.commit({ files: { "z.txt": ten({ 2: "changed", 9: "later" }) } });
    expect(await revert(commit)).toMatchObject({ kind: "reverted", paths: ["a.txt", "z.txt"] });
    expect(await remote.text("a.txt")).toBe(ten({ 9: "later" }));
    expect(await remote.text("z.txt")).toBeUndefined();
  });

  test("the mode changed by the landing, the content since: clean → both as they should be", async () => {
    const commit = await land({ "run.sh": { content: "#!/bin/sh\n", mode: "100644" } });
    await remote.commit({ files: { "run.sh": "#!/bin/sh\necho later\n" } });
    expect(await revert(commit)).toMatchObject({ kind: "reverted", restored: "merged" });
    const { stdout } = await run("git", ["ls-tree", "main", "run.sh"], {
      cwd: remote.repository.gitDir,
    });
    expect(stdout).toMatch(/^100755 /);
    expect(await remote.text("run.sh")).toBe("#!/bin/sh\necho later\n");
  });

  test("a later commit on the same lines: exit 1 → both hunks, the branch untouched", async () => {
    const commit = await land({ "a.txt": ten({ 3: "changed" }) });
    const head = await remote.commit({ files: { "a.txt": ten({ 3: "changed more" }) } });
    expect(await revert(commit)).toEqual({
      kind: "conflict",
      hunks: [{ path: "a.txt", why: "content", ours: "changed more\n", theirs: "line 3\n" }],
    });
    expect(await remote.head()).toBe(head);
  });

  test("a later commit on the same lines, that one reverted first: clean, newest first", async () => {
    const first = await land({ "a.txt": ten({ 3: "changed" }) }, "land-1");
    const second = await land({ "a.txt": ten({ 3: "changed more" }) }, "land-2");
    expect(await revert(first)).toMatchObject({ kind: "conflict" });
    expect(await revert(second)).toMatchObject({ kind: "reverted" });
    expect(await revert(first)).toMatchObject({ kind: "reverted" });
    expect(await remote.text("a.txt")).toBe(ten({}));
  });

  test("a binary file: exact when nobody changed it since, otherwise exit 1 → conflict", async () => {
    const commit = await land({ "b.txt": Buffer.from([0, 1, 2]) });
    const later = await remote.commit({ files: { "b.txt": Buffer.from([0, 3]) } });
    expect(await revert(commit)).toMatchObject({ kind: "conflict", hunks: [{ why: "binary" }] });
    expect(await remote.head()).toBe(later);
    await remote.commit({ files: { "b.txt": Buffer.from([0, 1, 2]) } });
    expect(await revert(commit)).toMatchObject({ kind: "reverted", restored: "exact" });
    expect(await remote.text("b.txt")).toBe("b\n");
  });

  test("an importer left behind: exit 0 and a broken program → seen before the push, and stopped", async () => {
    const commit = await land({ "lib.js": "export const f = 1;\n" });
    const head = await remote.commit({ files: { "main.js": 'import { f } from "./lib.js";\n' } });
    const outcome = await revert(commit, {
      verify: async (tree) => {
        const lib = await readTreeFile(mirror, tree, "lib.js");
        const main = await readTreeFile(mirror, tree, "main.js");
        return lib.kind === "missing" && main.kind === "blob"
          ? { kind: "veto", reason: "main.js imports lib.js" }
          : { kind: "ok" };
      },
    });
    expect(outcome).toEqual({ kind: "refused", reason: "main.js imports lib.js" });
    expect(await remote.head()).toBe(head);
  });
});

describe("twice", () => {
  test("P1: the same revert twice: exit 1, nothing to commit → already reverted, by whom it names", async () => {
    const commit = await land({ "a.txt": ten({ 3: "changed" }) });
    const first = await revert(commit);
    await remote.commit({ files: { "c.txt": "c\n" } });
    const again = await revert(commit, { effectId: "revert-again" }, await remote.mirror());
    expect(again).toMatchObject({ kind: "already-reverted" });
    expect(again).toMatchObject({ commit: first.kind === "reverted" && first.commit });
    expect(await remote.log()).toHaveLength(4);
  });

  test("P1: an empty revert, everything put back by hand: nothing to commit → no empty commit", async () => {
    const commit = await land({ "a.txt": ten({ 3: "changed" }), "n.txt": "n\n" });
    const head = await remote.commit({ files: { "a.txt": ten({}), "n.txt": null } });
    expect(await revert(commit)).toMatchObject({ kind: "already-reverted", commit: head });
    expect(await remote.head()).toBe(head);
  });
});

describe("merge commits", () => {
  /** `main` and `side` with a file each, merged into main; the parents are [main, side]. */
  async function merged(): Promise<{ merge: string; side: string; main: string }> {
    await remote.setBranch("side", (await remote.head())!);
    const side = await remote.commit({ branch: "side", files: { "s.txt": "side\n" } });
    const main = await remote.commit({ files: { "m.txt": "main\n" } });
    const merge = await remote.commit({ files: { "s.txt": "side\n" }, mergeOf: [side] });
    return { merge, side, main };
  }

  test("a merge commit: exit 128 without -m → along the parent that was stored when it landed", async () => {
    const { merge, side, main } = await merged();
    expect(await revert(merge, { parent: main })).toMatchObject({ paths: ["s.txt"] });
    expect([await remote.text("m.txt"), await remote.text("s.txt")]).toEqual(["main\n", undefined]);
    // A merge made on the other branch is taken back along the other parent.
    await remote.setBranch("other", merge);
    const onSide = { parent: side, branch: "other", effectId: "on-side" };
    expect(await revert(merge, onSide)).toMatchObject({ paths: ["m.txt"] });
    expect(await remote.text("s.txt", "other")).toBe("side\n");
  });

  test("a merge commit whose stored parent is none of its own → refused, the branch untouched", async () => {
    const { merge } = await merged();
    const first = (await remote.log()).at(-1)!;
    const outcome = await revert(merge, { parent: first });
    expect(outcome).toMatchObject({
      kind: "refused",
      reason: expect.stringContaining("no parent"),
    });
    expect(await remote.head()).toBe(merge);
  });

  test("re-merge of the reverted branch: succeeds without the old change → what it lacks is named", async () => {
    const { merge, main } = await merged();
    const taken = await revert(merge, { parent: main });
    const fix = await remote.commit({ branch: "side", files: { "fix.txt": "fix\n" } });
    for (const branch of ["main", "side"]) await resolveBranch(mirror, branch);
    const lost = async () =>
      await lostLandings(mirror, { head: fix, target: (await resolveBranch(mirror, "main"))! });
    const back = taken.kind === "reverted" ? taken.commit : "";
    expect(await lost()).toEqual([{ landing: merge, revert: back }]);
    // The way back is to revert the revert; then the branch holds everything again.
    expect(await revert(back)).toMatchObject({ kind: "reverted" });
    expect(await lost()).toEqual([]);
    expect(await remote.text("s.txt")).toBe("side\n");
  });
});

describe("races", () => {
  test("P1: a racing push: rejected, non-fast-forward → fetched, planned anew, pushed; eight at once all land", async () => {
    const commits: string[] = [];
    for (let at = 0; at < 8; at += 1)
      commits.push(await land({ [`f${at}.txt`]: "x\n" }, `l-${at}`));
    const mirrors = await Promise.all(commits.map(() => remote.mirror()));
    const outcomes = await Promise.all(
      commits.map((commit, at) => revert(commit, {}, mirrors[at])),
    );
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(commits.map(() => "reverted"));
    expect(await remote.log()).toHaveLength(1 + 8 + 8);
    for (let at = 0; at < 8; at += 1) expect(await remote.text(`f${at}.txt`)).toBeUndefined();
  });

  test("P1: --force-with-lease without an id, after a fetch: destroys another's commit → a push names what it expects", async () => {
    const head = (await resolveBranch(mirror, "main"))!;
    const theirs = await remote.commit({ files: { "c.txt": "theirs\n" } });
    // The mirror knows the newer head by now; what counts is what the push was planned on.
    expect(await fetchHead(mirror, "main")).toMatchObject({ sha: theirs });
    const tree = await treeOf(mirror, head);
    const mine = await createCommit(mirror, { tree, parents: [head], text: text("x"), own: {} });
    expect(await pushCommit(mirror, "main", head, mine)).toEqual({ kind: "race-lost" });
    expect(await remote.head()).toBe(theirs);
  });
});

describe("places", () => {
  test("a dirty checkout: neither needed nor touched", async () => {
    const checkout = join(remote.dir, "checkout");
    await run("git", ["clone", "-q", remote.url, checkout]);
    await writeFile(join(checkout, "a.txt"), "half done\n");
    const commit = await land({ "a.txt": ten({ 2: "changed" }) });
    expect(await revert(commit)).toMatchObject({ kind: "reverted" });
    expect(await readFile(join(checkout, "a.txt"), "utf8")).toBe("half done\n");
  });

  test("the branch deleted → not landed any more, and not made again", async () => {
    await remote.setBranch("side", (await remote.head())!);
    const commit = await remote.commit({ branch: "side", files: { "s.txt": "s\n" } });
    await resolveBranch(mirror, "side");
    await gitOutput(remote.repository, ["update-ref", "-d", "refs/heads/side"]);
    expect(await revert(commit, { branch: "side" })).toEqual({ kind: "not-landed" });
    expect(await remote.head("side")).toBeUndefined();
  });

  test("the branch forced back before the landing → not landed any more, and left alone", async () => {
    const before = (await remote.head())!;
    const commit = await land({ "a.txt": ten({ 3: "changed" }) });
    await remote.setBranch("main", before);
    expect(await revert(commit)).toEqual({ kind: "not-landed" });
    expect(await remote.head()).toBe(before);
  });

  test("P1: history rewritten by force, the change still in it → its new commit is reverted, once", async () => {
    const commit = await land({ "a.txt": ten({ 3: "changed" }) });
    const [landed] = await findTrailers(mirror, { to: commit }, [{ key: "Council-Effect" }]);
    const root = await remote.commit({ branch: "new", files: { "new.txt": "root\n" } });
    await remote.commit({ branch: "new", files: { "a.txt": ten({}) } });
    const message = `land-1\n\nCouncil-Effect: ${landed!.trailers[0]![1]}`;
    const twin = await remote.commit({
      branch: "new",
      files: { "a.txt": ten({ 3: "changed" }) },
      message,
    });
    await remote.setBranch("main", twin);
    expect(await revert(commit)).toMatchObject({ kind: "reverted", paths: ["a.txt"] });
    expect(await remote.text("a.txt")).toBe(ten({}));
    expect(await revert(commit, { effectId: "again" })).toMatchObject({ kind: "already-reverted" });
    const log = await remote.log();
    expect(log).toHaveLength(4);
    expect(log.at(-1)).toBe(root);
  });

  test("a shallow remote: a warning and exit 0 → unreachable with the remedy, never a stale head", async () => {
    const commit = await land({ "a.txt": ten({ 3: "changed" }) });
    await remote.commit({ files: { "c.txt": "c\n" } });
    const shallow = join(remote.dir, "shallow.git");
    await run("git", ["clone", "-q", "--bare", "--depth=1", remote.url, shallow]);
    const cut = { ...mirror, remoteUrl: `file://${shallow}` };
    const reason = expect.stringContaining("--unshallow");
    expect(await revert(commit, {}, cut)).toEqual({ kind: "unreachable", reason });
    const fresh = { ...(await remote.mirror()), remoteUrl: cut.remoteUrl };
    expect(await fetchBranches(fresh)).toEqual({ kind: "unreachable", reason });
    const { stdout } = await run("git", ["rev-list", "--count", "main"], { cwd: shallow });
    expect(stdout.trim()).toBe("1");
  });

  test("an unreachable remote → told as such, to be asked again", async () => {
    const commit = await land({ "a.txt": ten({ 3: "changed" }) });
    await rm(remote.repository.gitDir, { recursive: true });
    expect(await revert(commit)).toMatchObject({ kind: "unreachable" });
  });
});
