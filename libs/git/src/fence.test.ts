import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ensureBranch, syncBranch } from "./branches.ts";
import { cancelLanding } from "./cancel-landing.ts";
import { landTree, type LandTree } from "./land-tree.ts";
import { type Mirror, resolveBranch } from "./mirror.ts";
import { revertLanding } from "./revert-landing.ts";
import { editTree, writeBlob } from "./private-index.ts";
import { testRemote, type TestRemote } from "./testing.ts";
import { treeOf } from "./tree-reading.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const identity = { name: "Council", email: "council@example.test" };
const at = new Date("2026-01-02T03:04:05Z");
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

async function landing(on: Mirror, effectId: string, token: number): Promise<LandTree> {
  await resolveBranch(on, "main");
  const blob = await writeBlob(on, "two\n");
  const edit = { kind: "set" as const, path: "a.txt", mode: "100644" as const, blob };
  const tree = await editTree(on, await treeOf(on, base), [edit]);
  const fence = { lane: "main", token };
  return { branch: "main", base, tree, effectId, message: "Change", identity, at, fence };
}

const cancel = (on: Mirror, effectId: string, token: number) =>
  cancelLanding(on, { branch: "main", effectId, fence: { lane: "main", token }, identity, at });

describe("fence", () => {
  test("P1: a landing and its cancellation at once: one of them wins, and both say the same", async () => {
    for (let round = 0; round < 4; round += 1) {
      const effectId = `effect-${round}`;
      base = (await resolveBranch(mirror, "main"))!;
      const twin = await remote.mirror();
      const request = await landing(mirror, effectId, round + 1);
      const [landed, cancelled] = await Promise.all([
        landTree(mirror, request),
        cancel(twin, effectId, round + 1),
      ]);
      expect(["landed", "already-landed", "cancelled"]).toContain(landed.kind);
      const isOnBranch = (await remote.head()) !== base;
      expect(landed.kind !== "cancelled").toBe(isOnBranch);
      expect(cancelled.kind === "landed").toBe(isOnBranch);
      await remote.commit({ files: { "a.txt": "one\n", [`${round}.txt`]: "x\n" } });
    }
  });

  test("P1: what was cancelled never lands, whoever tries and however often", async () => {
    expect(await cancel(mirror, "effect-1", 1)).toEqual({ kind: "cancelled" });
    expect(await cancel(mirror, "effect-1", 1)).toEqual({ kind: "cancelled" });
    const zombie = await remote.mirror();
    expect(await landTree(zombie, await landing(zombie, "effect-1", 1))).toEqual({
      kind: "cancelled",
    });
    expect(await remote.head()).toBe(base);
    expect(await landTree(mirror, await landing(mirror, "effect-2", 1))).toMatchObject({
      kind: "landed",
    });
    expect(await landTree(zombie, await landing(zombie, "effect-1", 1))).toMatchObject({
      kind: "base-moved",
    });
  });

  test("P1: an older token finds the lane passed on, for landing and for levelling alike", async () => {
    await ensureBranch(mirror, { branch: "council/canary", at: base });
    const current = await landing(mirror, "effect-7", 7);
    expect(await landTree(mirror, { ...current, branch: "council/canary" })).toMatchObject({
      kind: "landed",
    });
    const canary = await remote.head("council/canary");
    const zombie = await remote.mirror();
    const stale = await landing(zombie, "effect-6", 6);
    expect(await landTree(zombie, stale)).toEqual({ kind: "fenced", token: 7 });
    const level = { ...stale, branch: "council/canary", target: "main", message: "Level" };
    expect(await syncBranch(zombie, level)).toEqual({ kind: "fenced", token: 7 });
    expect(await remote.head("council/canary")).toBe(canary);
    expect(await remote.head()).toBe(base);
  });

  test("P1: levelling for an effect that a twin has landed meanwhile finds it, also once it is reverted", async () => {
    await ensureBranch(mirror, { branch: "council/canary", at: base });
    const request = { ...(await landing(mirror, "effect-1", 1)), branch: "council/canary" };
    const landed = await landTree(mirror, request);
    if (landed.kind !== "landed") throw new Error(landed.kind);
    const zombie = await remote.mirror();
    const level = { ...request, target: "main", message: "Level" };
    const found = { kind: "landed", commit: landed.commit, tree: request.tree };
    expect(await syncBranch(zombie, level)).toMatchObject(found);
    expect(await remote.head("council/canary")).toBe(landed.commit);
    const { branch } = request;
    const undo = {
      branch,
      commit: landed.commit,
      effectId: "undo",
      message: "Revert",
      identity,
      at,
    };
    expect(await revertLanding(mirror, undo)).toMatchObject({ kind: "reverted" });
    expect(await syncBranch(zombie, level)).toMatchObject(found);
  });

  test("a landing found by its cancellation is told as landed", async () => {
    const landed = await landTree(mirror, await landing(mirror, "effect-1", 1));
    expect(landed.kind).toBe("landed");
    const commit = await remote.head();
    expect(await cancel(mirror, "effect-1", 1)).toMatchObject({ kind: "landed", commit });
  });
});
