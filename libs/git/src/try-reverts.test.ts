import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Mirror, resolveBranch } from "./mirror.ts";
import { firstFiles, land, revert, ten } from "./revert-example.ts";
import { testRemote, type TestRemote } from "./testing.ts";
import { treeOf } from "./tree-reading.ts";
import { commitsSince, tryReverts } from "./try-reverts.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let remote: TestRemote;
let mirror: Mirror;

beforeEach(async () => {
  remote = await testRemote(firstFiles);
  mirror = await remote.mirror();
});

afterEach(async () => {
  await remote.remove();
});

test("commits are tried one on top of the other, and nothing moves", async () => {
  const before = (await remote.head())!;
  const first = await land(mirror, { "a.txt": ten({ 3: "changed" }) }, "land-1");
  const second = await land(mirror, { "a.txt": ten({ 3: "changed more" }) }, "land-2");
  const head = (await remote.head())!;
  const hunk = { path: "a.txt", ours: "changed more\n", theirs: "line 3\n" };
  expect(await tryReverts(mirror, { head, commits: [first] })).toMatchObject({
    kind: "conflict",
    commit: first,
    hunks: [hunk],
  });
  const tree = await treeOf(remote.repository, before);
  expect(await tryReverts(mirror, { head, commits: [second, first] })).toEqual({
    kind: "clean",
    tree,
  });
  expect(await remote.head()).toBe(head);
});

test("the commits since one are told newest first, with what they touched and took back", async () => {
  const first = await land(mirror, { "a.txt": ten({ 3: "changed" }), "b.txt": null }, "land-1");
  await remote.setBranch("side", first);
  const side = await remote.commit({ branch: "side", files: { "s.txt": "side\n" } });
  const odd = "odd \u0001 name\nline";
  const own = await remote.commit({ files: { [odd]: "c\n" }, message: "Own\n\nwork" });
  const merge = await remote.commit({ files: { "s.txt": "side\n" }, mergeOf: [side] });
  await revert(mirror, first);
  const head = (await resolveBranch(mirror, "main"))!;
  const found = await commitsSince(mirror, { from: first, to: head, max: 10 });
  expect(found).toMatchObject([
    { commit: head, reverts: [first], paths: ["a.txt", "b.txt"], author: "Council" },
    { commit: merge, reverts: [], paths: ["s.txt"], parents: [own, side] },
    { commit: own, paths: [odd], subject: "Own", author: "Developer" },
  ]);
  expect(await commitsSince(mirror, { from: first, to: head, max: 1 })).toHaveLength(1);
});
