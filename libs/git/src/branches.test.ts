import { execFileSync } from "node:child_process";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ensureBranch, syncBranch } from "./branches.ts";
import { resolveBranch, type Mirror } from "./mirror.ts";
import { testRemote, type TestRemote } from "./testing.ts";
import { hasCommit, isAncestor, parentsOf, treeOf } from "./tree-reading.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const CANARY = "council/canary";

let remote: TestRemote;
let mirror: Mirror;
let base: string;

beforeEach(async () => {
  remote = await testRemote({ "a.txt": "one\n" });
  mirror = await remote.mirror();
  base = (await resolveBranch(mirror, "main"))!;
});

afterEach(async () => {
  await remote.remove();
});

/** Moves a branch of the remote at once, as somebody else would. */
function setRef(branch: string, to: string): void {
  const { gitDir } = remote.repository;
  execFileSync("git", ["--git-dir", gitDir, "update-ref", `refs/heads/${branch}`, to]);
}

function sync() {
  return syncBranch(mirror, {
    branch: CANARY,
    target: "main",
    effectId: "sync-1",
    message: "Follow main",
    identity: { name: "Council", email: "council@example.test" },
    at: new Date("2026-01-02T03:04:05Z"),
  });
}

describe("ensureBranch", () => {
  test("creates a branch once and then leaves it alone", async () => {
    expect(await ensureBranch(mirror, { branch: CANARY, at: base })).toMatchObject({
      kind: "created",
    });
    const head = await remote.commit({ branch: CANARY, files: { "b.txt": "b\n" } });
    expect(await ensureBranch(mirror, { branch: CANARY, at: base })).toEqual({
      kind: "exists",
      head,
    });
    expect(await remote.head(CANARY)).toBe(head);
  });

  test("P1: eight mirrors create one branch", async () => {
    const mirrors = await Promise.all(Array.from({ length: 8 }, () => remote.mirror()));
    const outcomes = await Promise.all(
      mirrors.map(async (each) => {
        await resolveBranch(each, "main");
        return await ensureBranch(each, { branch: CANARY, at: base });
      }),
    );
    const kinds = outcomes.map((outcome) => outcome.kind);
    expect(kinds.every((kind) => kind === "created" || kind === "exists")).toBe(true);
    expect(await remote.head(CANARY)).toBe(base);
  }, 30_000);

  test("refuses a commit the mirror does not hold", async () => {
    const outcome = await ensureBranch(mirror, { branch: CANARY, at: "1".repeat(40) });
    expect(outcome.kind).toBe("refused");
  });
});

describe("syncBranch", () => {
  test("takes over the target's tree by a merge that loses no history", async () => {
    await ensureBranch(mirror, { branch: CANARY, at: base });
    const canary = await remote.commit({ branch: CANARY, files: { "c.txt": "canary\n" } });
    const main = await remote.commit({ files: { "a.txt": "two\n" } });
    const outcome = await sync();
    const head = (await remote.head(CANARY))!;
    expect(outcome).toMatchObject({ kind: "synced", head });
    expect(await parentsOf(remote.repository, head)).toEqual([canary, main]);
    expect(await treeOf(remote.repository, head)).toBe(await treeOf(remote.repository, main));
    expect(await isAncestor(remote.repository, canary, head)).toBe(true);
    expect(await remote.head()).toBe(main);
  });

  test("P1: a second call does nothing", async () => {
    await ensureBranch(mirror, { branch: CANARY, at: base });
    await remote.commit({ files: { "a.txt": "two\n" } });
    await sync();
    const head = (await remote.head(CANARY))!;
    expect(await sync()).toEqual({ kind: "in-sync", head });
    expect(await remote.head(CANARY)).toBe(head);
  });

  test("P9: a revert that comes between its looks is not undone on the branch", async () => {
    const landed = { "a.txt": "bad\n" };
    const main = await remote.commit({ files: landed });
    await ensureBranch(mirror, { branch: CANARY, at: base });
    const canary = await remote.commit({ branch: CANARY, files: { ...landed, "c.txt": "c\n" } });
    const back = { "a.txt": "one\n" };
    await remote.setBranch("main-next", main);
    await remote.setBranch("canary-next", canary);
    const moves = [
      ["main", await remote.commit({ branch: "main-next", files: back })],
      [CANARY, await remote.commit({ branch: "canary-next", files: back })],
    ] as const;
    let looks = 0;
    const { remoteUrl } = mirror;
    Object.defineProperty(mirror, "remoteUrl", {
      get: () => {
        looks += 1;
        if (looks === 2) for (const [branch, to] of moves) setRef(branch, to);
        return remoteUrl;
      },
    });
    expect((await sync()).kind).toBe("synced");
    expect(await remote.text("a.txt", CANARY)).toBe("one\n");
  });

  test("a missing branch is refused", async () => {
    expect(await sync()).toMatchObject({ kind: "refused" });
    expect(await hasCommit(mirror, base)).toBe(true);
  });
});
