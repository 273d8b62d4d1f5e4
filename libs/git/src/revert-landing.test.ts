import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { resolveBranch, type Mirror } from "./mirror.ts";
import { firstFiles, land as landOn, revert as revertOn, ten } from "./revert-example.ts";
import type { RevertLanding } from "./revert-landing.ts";
import { treeOf } from "./tree-reading.ts";
import { testRemote, type TestFile, type TestRemote } from "./testing.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

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

describe("a revert nobody is in the way of", () => {
  test("P9: restores every touched path: content, mode, added, deleted and moved files", async () => {
    const before = (await remote.head())!;
    const commit = await land({
      "a.txt": ten({ 3: "changed" }),
      "b.txt": null,
      "moved/b.txt": "b\n",
      "run.sh": { content: "#!/bin/sh\n", mode: "100644" },
      "new.txt": "new\n",
    });
    const outcome = await revert(commit);
    expect(outcome).toMatchObject({
      kind: "reverted",
      restored: "exact",
      attempts: 1,
      paths: ["a.txt", "b.txt", "moved/b.txt", "new.txt", "run.sh"],
    });
    const head = (await remote.head())!;
    expect(outcome).toMatchObject({ commit: head });
    expect(await treeOf(remote.repository, head)).toBe(await treeOf(remote.repository, before));
    // A new commit on top, never a reset.
    expect((await remote.log()).slice(0, 2)).toEqual([head, commit]);
  });

  test("P9: later work elsewhere stays", async () => {
    const commit = await land({ "a.txt": ten({ 3: "changed" }) });
    await remote.commit({ files: { "b.txt": "later\n", "c.txt": "c\n" } });
    expect(await revert(commit)).toMatchObject({ kind: "reverted", restored: "exact" });
    expect(await remote.text("a.txt")).toBe(ten({}));
    expect(await remote.text("b.txt")).toBe("later\n");
    expect(await remote.text("c.txt")).toBe("c\n");
  });

  test("a file renamed and edited since keeps the edit", async () => {
    const commit = await land({ "a.txt": ten({ 2: "changed" }) });
    await remote.commit({ files: { "a.txt": null, "z.txt": ten({ 2: "changed", 9: "later" }) } });
    expect(await revert(commit)).toMatchObject({ kind: "reverted", restored: "merged" });
    expect(await remote.text("z.txt")).toBe(ten({ 9: "later" }));
  });

  test("an added file that was renamed since is removed", async () => {
    const commit = await land({ "new.txt": ten({}).repeat(2) });
    await remote.commit({ files: { "new.txt": null, "renamed.txt": ten({}).repeat(2) } });
    expect(await revert(commit)).toMatchObject({ kind: "reverted", paths: ["renamed.txt"] });
    expect(await remote.text("renamed.txt")).toBeUndefined();
  });

  test("a file the landing renamed and someone edited since goes back with the edit", async () => {
    const commit = await land({ "a.txt": null, "z.txt": ten({ 2: "changed" }) });
    await remote.commit({ files: { "z.txt": ten({ 2: "changed", 9: "later" }) } });
    expect(await revert(commit)).toMatchObject({ kind: "reverted", restored: "merged" });
    expect(await remote.text("a.txt")).toBe(ten({ 9: "later" }));
    expect(await remote.text("z.txt")).toBeUndefined();
  });

  test("the first commit of a branch can be taken back", async () => {
    const [first] = (await remote.log()).toReversed();
    await remote.commit({ files: { "c.txt": "c\n" } });
    expect(await revert(first!)).toMatchObject({ kind: "reverted", restored: "exact" });
    expect(await remote.text("a.txt")).toBeUndefined();
    expect(await remote.text("c.txt")).toBe("c\n");
  });
});

describe("a revert someone's later work is in the way of", () => {
  test.each<[string, Record<string, TestFile>, Record<string, TestFile>, string]>([
    ["a changed file was deleted", { "b.txt": "B\n" }, { "b.txt": null }, "deleted-later"],
    ["an added file was edited", { "n.txt": "n\n" }, { "n.txt": "n2\n" }, "changed-later"],
    ["a deleted file came back", { "b.txt": null }, { "b.txt": "other\n" }, "changed-later"],
    [
      "a binary file was changed again",
      { "b.txt": Buffer.from([0, 1, 2]) },
      { "b.txt": Buffer.from([0, 3]) },
      "binary",
    ],
    ["a directory took the place", { "b.txt": null }, { "b.txt/x": "x\n" }, "path-taken"],
    [
      "a file became a link",
      { "b.txt": "B\n" },
      { "b.txt": { content: "a.txt", mode: "120000" } },
      "changed-later",
    ],
    [
      "a new file took the old name",
      { "a.txt": null, "z.txt": ten({ 1: "x" }) },
      { "a.txt": "someone else's\n" },
      "path-taken",
    ],
  ])("%s", async (_, landed, later, why) => {
    const commit = await land(landed);
    const head = await remote.commit({ files: later });
    const outcome = await revert(commit);
    expect(outcome).toMatchObject({ kind: "conflict", hunks: [{ why }] });
    expect(await remote.head()).toBe(head);
  });
});

describe("at most once", () => {
  test("P1: a landing people took back by hand counts as reverted", async () => {
    const commit = await land({ "a.txt": ten({ 3: "changed" }) });
    const head = await remote.commit({ files: { "a.txt": ten({}) }, message: "Revert by hand" });
    expect(await revert(commit)).toMatchObject({ kind: "already-reverted", commit: head });
  });

  test("P4: a trailer that lies does not stop a revert", async () => {
    const commit = await land({ "a.txt": ten({ 3: "changed" }) });
    await remote.commit({ files: { "c.txt": "c\n" }, message: `x\n\nCouncil-Reverts: ${commit}` });
    expect(await revert(commit)).toMatchObject({ kind: "reverted" });
    expect(await remote.text("a.txt")).toBe(ten({}));
  });

  test("a landing brought back by reverting its revert can be taken back again", async () => {
    const commit = await land({ "a.txt": ten({ 3: "changed" }) });
    const first = await revert(commit);
    const undo = first.kind === "reverted" ? first.commit : "";
    expect(await revert(undo)).toMatchObject({ kind: "reverted" });
    expect(await remote.text("a.txt")).toBe(ten({ 3: "changed" }));
    expect(await revert(commit, { effectId: "second time" })).toMatchObject({ kind: "reverted" });
    expect(await remote.text("a.txt")).toBe(ten({}));
    // The first revert's own message, delivered again, does nothing more.
    expect(await revert(commit)).toMatchObject({ kind: "already-reverted" });
  });

  test("landing the tree again after a revert brings the whole change back", async () => {
    const commit = await land({ "a.txt": ten({ 3: "changed" }) }, "land-1");
    await revert(commit);
    const again = await land({ "a.txt": ten({ 3: "changed" }) }, "land-2");
    expect(await remote.text("a.txt")).toBe(ten({ 3: "changed" }));
    expect(await revert(again)).toMatchObject({ kind: "reverted" });
  });

  test("P1: a commit that never landed is not reverted", async () => {
    const base = (await remote.head())!;
    await remote.setBranch("side", base);
    const side = await remote.commit({ branch: "side", files: { "s.txt": "s\n" } });
    await resolveBranch(mirror, "side");
    expect(await revert(side)).toEqual({ kind: "not-landed" });
    expect(await revert("1".repeat(40))).toEqual({ kind: "not-landed" });
    expect(await revert(base, { branch: "nope" })).toEqual({ kind: "not-landed" });
  });

  test("P1: the push is cut off after the remote took it, and the revert is found", async () => {
    const commit = await land({ "a.txt": ten({ 3: "changed" }) });
    const hooks = join(remote.repository.gitDir, "hooks");
    await mkdir(hooks, { recursive: true });
    const kill = 'kill -9 "$(ps -o ppid= -p "$PPID" | tr -d " ")"; sleep 0.2';
    await writeFile(join(hooks, "post-receive"), `#!/bin/sh\n${kill}\n`);
    await chmod(join(hooks, "post-receive"), 0o755);
    const outcome = await revert(commit);
    expect(["reverted", "already-reverted"]).toContain(outcome.kind);
    expect(await remote.log()).toHaveLength(3);
  });

  test("an unreachable remote is told as such", async () => {
    const commit = await land({ "a.txt": ten({ 3: "changed" }) });
    await rm(remote.repository.gitDir, { recursive: true });
    expect(await revert(commit)).toMatchObject({ kind: "unreachable" });
  });
});

describe("races", () => {
  test("P1: a commit pushed between plan and push is kept, and the revert tried again", async () => {
    const commit = await land({ "a.txt": ten({ 3: "changed" }) });
    let calls = 0;
    const outcome = await revert(commit, {
      verify: async () => {
        calls += 1;
        if (calls === 1) await remote.commit({ files: { "c.txt": "theirs\n" } });
        return await Promise.resolve({ kind: "ok" });
      },
    });
    expect(outcome).toMatchObject({ kind: "reverted", attempts: 2 });
    expect(calls).toBe(2);
    expect(await remote.text("c.txt")).toBe("theirs\n");
    expect(await remote.text("a.txt")).toBe(ten({}));
  });

  test("P1: eight concurrent reverts of one landing make one commit", async () => {
    const commit = await land({ "a.txt": ten({ 3: "changed" }) });
    const mirrors = await Promise.all(Array.from({ length: 8 }, () => remote.mirror()));
    const outcomes = await Promise.all(mirrors.map((each) => revert(commit, {}, each)));
    const kinds = outcomes.map((outcome) => outcome.kind);
    expect(kinds.every((kind) => kind === "reverted" || kind === "already-reverted")).toBe(true);
    expect(await remote.log()).toHaveLength(3);
  }, 60_000);

  test("P1: one mirror may do several things at once", async () => {
    const commits: string[] = [];
    for (let at = 0; at < 3; at += 1)
      commits.push(await land({ [`f${at}.txt`]: "x\n" }, `l-${at}`));
    const outcomes = await Promise.all(commits.map((commit) => revert(commit)));
    expect(outcomes.every((outcome) => outcome.kind === "reverted")).toBe(true);
    expect(await remote.log()).toHaveLength(1 + 3 + 3);
  }, 30_000);
});
