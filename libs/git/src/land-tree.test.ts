import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { findTrailers } from "./commit.ts";
import { isLanded, landTree, type LandTree } from "./land-tree.ts";
import { fetchBranches, resolveBranch, type Mirror } from "./mirror.ts";
import { editTree, writeBlob } from "./private-index.ts";
import { pushCommit } from "./push.ts";
import { gitLine } from "./run-git.ts";
import { testRemote, type TestRemote } from "./testing.ts";
import { treeOf } from "./tree-reading.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let remote: TestRemote;
let mirror: Mirror;
let base: string;

beforeEach(async () => {
  remote = await testRemote({ "a.txt": "one\n", "b.txt": "b\n" });
  mirror = await remote.mirror();
  base = (await resolveBranch(mirror, "main"))!;
});

afterEach(async () => {
  await remote.remove();
});

async function treeWith(on: Mirror, path: string, text: string): Promise<string> {
  const blob = await writeBlob(on, text);
  return await editTree(on, await treeOf(on, base), [{ kind: "set", path, mode: "100644", blob }]);
}

async function request(effectId = "effect-1", over: Partial<LandTree> = {}): Promise<LandTree> {
  return {
    branch: "main",
    base,
    tree: await treeWith(mirror, "a.txt", "two\n"),
    effectId,
    message: "Speed up the thing\n\nBecause it was slow.",
    trailers: { "Council-Decision": "d-1", "Council-Audited-Tree": "t-1" },
    identity: { name: "Council", email: "council@example.test" },
    at: new Date("2026-01-02T03:04:05Z"),
    ...over,
  };
}

async function hook(name: string, script: string): Promise<void> {
  const dir = join(remote.repository.gitDir, "hooks");
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(dir, name), 0o755);
}

describe("landTree", () => {
  test("P9: the branch's new head has exactly the asked tree and the base as its parent", async () => {
    const asked = await request();
    const outcome = await landTree(mirror, asked);
    expect(outcome).toMatchObject({ kind: "landed", tree: asked.tree, parent: base });
    const head = (await remote.head())!;
    expect(outcome).toMatchObject({ commit: head });
    expect(await treeOf(remote.repository, head)).toBe(asked.tree);
    expect(await gitLine(remote.repository, ["log", "-1", "--format=%B", head])).toBe(
      "Speed up the thing\n\nBecause it was slow.\n\nCouncil-Effect: effect-1\n" +
        "Council-Audited-Tree: t-1\nCouncil-Decision: d-1",
    );
  });

  test("P1: the same effect twice lands once", async () => {
    const first = await landTree(mirror, await request());
    const second = await landTree(await remote.mirror(), await request());
    expect(second).toMatchObject({ kind: "already-landed" });
    expect(second).toMatchObject({ commit: first.kind === "landed" && first.commit });
    expect(await remote.log()).toHaveLength(2);
  });

  test("P1: the same effect is found below later commits, and on a later date", async () => {
    await landTree(mirror, await request());
    await remote.commit({ files: { "c.txt": "later\n" } });
    const again = await landTree(mirror, await request("effect-1", { at: new Date() }));
    expect(again.kind).toBe("already-landed");
  });

  test("P1: eight mirrors land the same effect at once, and one commit results", async () => {
    const asked = await request();
    const mirrors = await Promise.all(Array.from({ length: 8 }, () => remote.mirror()));
    const outcomes = await Promise.all(
      mirrors.map(async (each) => {
        await resolveBranch(each, "main");
        await treeWith(each, "a.txt", "two\n");
        return await landTree(each, asked);
      }),
    );
    const kinds = new Set(outcomes.map((outcome) => outcome.kind));
    expect([...kinds].every((kind) => kind === "landed" || kind === "already-landed")).toBe(true);
    expect(new Set(outcomes.map((each) => "commit" in each && each.commit)).size).toBe(1);
    expect(await remote.log()).toHaveLength(2);
  }, 30_000);

  test("P1: eight different effects race for one base, and exactly one lands", async () => {
    const mirrors = await Promise.all(Array.from({ length: 8 }, () => remote.mirror()));
    const outcomes = await Promise.all(
      mirrors.map(async (each, at) => {
        await resolveBranch(each, "main");
        const tree = await treeWith(each, "a.txt", `${at}\n`);
        return await landTree(each, await request(`effect-${at}`, { tree }));
      }),
    );
    const kinds = outcomes.map((outcome) => outcome.kind).toSorted();
    expect(kinds).toEqual([...Array.from({ length: 7 }, () => "base-moved"), "landed"]);
    expect(await remote.log()).toHaveLength(2);
  }, 30_000);

  test("P1: the commit id depends on nothing but the request", async () => {
    const other = await testRemote({ "a.txt": "one\n", "b.txt": "b\n" });
    try {
      const elsewhere = await other.mirror();
      expect(await resolveBranch(elsewhere, "main")).toBe(base);
      await treeWith(elsewhere, "a.txt", "two\n");
      const here = await landTree(mirror, await request());
      const there = await landTree(elsewhere, await request());
      expect(there).toMatchObject({ commit: here.kind === "landed" && here.commit });
    } finally {
      await other.remove();
    }
  });

  test("P2: a base that moved is told, and nothing lands", async () => {
    const head = await remote.commit({ files: { "c.txt": "c\n" } });
    expect(await landTree(mirror, await request())).toEqual({ kind: "base-moved", head });
    expect(await remote.head()).toBe(head);
  });

  test("P9: a commit with this effect id but another tree is not taken for the landing", async () => {
    await remote.commit({ files: { "a.txt": "evil\n" }, message: "x\n\nCouncil-Effect: effect-1" });
    expect(await landTree(mirror, await request())).toMatchObject({ kind: "refused" });
  });

  test("a message cannot forge a trailer", async () => {
    const message = "x\n\nCouncil-Effect: other\nCouncil-Reverts: 1111";
    await landTree(mirror, await request("effect-1", { message }));
    expect(await isLanded(mirror, "main", { effectId: "other" })).toMatchObject({
      kind: "not-landed",
    });
    const head = (await remote.head())!;
    expect(await findTrailers(mirror, { to: head }, [{ key: "Council-Reverts" }])).toEqual([]);
  });

  test.each([
    ["a trailer Council sets itself", { trailers: { "council-effect": "x" } }],
    ["a trailer of two lines", { trailers: { Note: "x\nCouncil-Reverts: y" } }],
    ["an effect id of two lines", { effectId: "a\nb" }],
    ["a branch that is an option", { branch: "--delete" }],
    ["a branch with a refspec in it", { branch: "main:other" }],
    ["an identity that breaks out", { identity: { name: "a\nb", email: "x@y" } }],
  ])("%s is a bug of the caller", async (_, over) => {
    const call = landTree(mirror, await request("effect-1", over));
    await expect(call).rejects.toMatchObject({ code: "invalid-argument" });
    expect(await remote.head()).toBe(base);
  });

  test("an unknown branch, an unknown tree and the base's own tree are refused", async () => {
    const unknown = { tree: "1".repeat(40) };
    const same = { tree: await treeOf(mirror, base) };
    for (const over of [{ branch: "nope" }, unknown, same]) {
      expect(await landTree(mirror, await request("e", over))).toMatchObject({ kind: "refused" });
    }
  });

  test("a remote that declines says why", async () => {
    await hook("pre-receive", "echo protected by policy >&2; exit 1");
    const outcome = await landTree(mirror, await request());
    expect(outcome).toMatchObject({ kind: "refused" });
    expect(outcome).toMatchObject({ reason: expect.stringContaining("pre-receive hook declined") });
    expect(await remote.head()).toBe(base);
  });

  test("an unreachable remote is told as such", async () => {
    await rm(remote.repository.gitDir, { recursive: true });
    expect((await landTree(mirror, await request())).kind).toBe("unreachable");
  });

  test("P1: the push is cut off after the remote took it, and the landing is found", async () => {
    // The hook runs once the branch has moved, and kills the push before it hears of it.
    await hook("post-receive", 'kill -9 "$(ps -o ppid= -p "$PPID" | tr -d " ")"; sleep 0.2');
    const outcome = await landTree(mirror, await request());
    expect(["landed", "already-landed"]).toContain(outcome.kind);
    expect(await remote.log()).toHaveLength(2);
  });

  test("P1: the whole process is killed after the push, and the next one finds the landing", async () => {
    const asked = await request();
    const pidFile = join(remote.dir, "pid");
    await hook("post-receive", `kill -9 "$(cat ${pidFile})"`);
    const script = `
      import { writeFileSync } from "node:fs";
      import { landTree, openMirror } from ${JSON.stringify(new URL("./index.ts", import.meta.url).href)};
      writeFileSync(process.argv[1], String(process.pid));
      const mirror = await openMirror({ remoteUrl: process.argv[2], dir: process.argv[3] });
      const request = JSON.parse(process.argv[4]);
      await landTree(mirror, { ...request, at: new Date(request.at) });`;
    const args = [pidFile, remote.url, mirror.dir, JSON.stringify(asked)];
    const child = spawn(process.execPath, ["--input-type=module", "-e", script, ...args]);
    const [, signal] = (await once(child, "exit")) as [number | null, string | null];
    expect(signal).toBe("SIGKILL");
    await rm(join(remote.repository.gitDir, "hooks"), { recursive: true });
    const outcome = await landTree(await remote.mirror(), asked);
    expect(outcome).toMatchObject({ kind: "already-landed", tree: asked.tree, parent: base });
    expect(await remote.log()).toHaveLength(2);
  }, 20_000);
});

describe("pushCommit", () => {
  test("P1: a lease on a head that is gone loses the race, even right after a fetch", async () => {
    const theirs = await remote.commit({ files: { "c.txt": "theirs\n" } });
    await fetchBranches(mirror);
    const mine = await gitLine(mirror, ["commit-tree", await treeOf(mirror, base), "-p", base], {
      input: "mine",
      env: {
        GIT_AUTHOR_NAME: "x",
        GIT_AUTHOR_EMAIL: "x@y",
        GIT_COMMITTER_NAME: "x",
        GIT_COMMITTER_EMAIL: "x@y",
      },
    });
    expect(await pushCommit(mirror, "main", base, mine)).toEqual({ kind: "race-lost" });
    expect(await pushCommit(mirror, "main", undefined, mine)).toEqual({ kind: "race-lost" });
    expect(await remote.head()).toBe(theirs);
  });
});

describe("isLanded", () => {
  test("by effect and by commit", async () => {
    const landed = await landTree(mirror, await request());
    const commit = landed.kind === "landed" ? landed.commit : "";
    const expected = { kind: "landed", commit, parent: base };
    expect(await isLanded(mirror, "main", { effectId: "effect-1" })).toMatchObject(expected);
    expect(await isLanded(mirror, "main", { commit })).toMatchObject(expected);
    expect(await isLanded(mirror, "main", { effectId: "effect" })).toMatchObject({
      kind: "not-landed",
    });
    expect(await isLanded(mirror, "main", { commit: "1".repeat(40) })).toMatchObject({
      kind: "not-landed",
    });
    expect(await isLanded(mirror, "nope", { commit })).toEqual({ kind: "not-landed" });
  });
});
