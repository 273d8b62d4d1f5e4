import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { chainEntry, genesisDigest } from "@council/evidence";
import { landTree, openMirror, resolveBranch, revertLanding, treeOf } from "@council/git";
import { testRemote, type TestRemote } from "@council/git/testing";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { verifyCommit } from "./verify-commit-command.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const patchId = "p01-abcdefgh";
const digest = "d".repeat(64);
let remote: TestRemote;
let landing: { commit: string; tree: string };
let undo: { commit: string; tree: string };
let options: Parameters<typeof verifyCommit>[1];

beforeAll(async () => {
  remote = await testRemote({ "a.txt": "one\n" });
  const at = (name: string) => join(remote.dir, name);
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", at("key")]);
  await writeFile(at("signers"), `council@example.test ${await readFile(at("key.pub"), "utf8")}`);
  const signing = { keyFile: at("key") };
  const mirror = await openMirror({ remoteUrl: remote.url, dir: at("mirror"), signing });
  const base = (await resolveBranch(mirror, "main")) ?? "";
  await remote.setBranch("work", base);
  const work = await remote.commit({ branch: "work", files: { "a.txt": "two\n" } });
  await resolveBranch(mirror, "work");
  const tree = await treeOf(mirror, work);
  const words = { identity: { name: "Council", email: "council@example.test" }, at: new Date() };
  const own = { "Council-Patch": patchId, "Council-Stage": "target" };
  const landed = await landTree(mirror, {
    ...words,
    message: "Two",
    trailers: { ...own, "Council-Audited-Tree": tree, "Council-Decision": digest },
    branch: "main",
    base,
    tree,
    effectId: "land",
  });
  if (landed.kind !== "landed") throw new Error(landed.kind);
  const request = { ...words, message: "Back", trailers: own, branch: "main", effectId: "undo" };
  const undone = await revertLanding(mirror, { ...request, commit: landed.commit });
  if (undone.kind !== "reverted") throw new Error(undone.kind);
  [landing, undo] = [landed, undone];
  const repo = remote.repository.gitDir;
  options = { repo, allowedSigners: at("signers"), bundle: at("bundle.json"), url: "http://no" };
  await record();
});

afterAll(async () => {
  await remote.remove();
});

/** Writes the bundle; what it says of the audited tree and of the revert can be made to lie. */
async function record(says: { tree?: string; landing?: string } = {}): Promise<void> {
  const { commit, tree } = landing;
  const revert = { branch: "main", landing: says.landing ?? commit, restored: "exact" };
  const events = [
    { type: "AuditStarted", candidate: { tree: says.tree ?? tree, digest } },
    { type: "Landed", landing: { commit, tree } },
    { type: "Reverted", reverts: [{ ...revert, commit: undo.commit, tree: undo.tree }] },
  ];
  let prev = genesisDigest;
  const entries = events.map((event, at) => {
    const entry = chainEntry({ prev, entry: { patchId, sequence: at + 1, at: 1, event } });
    prev = entry.digest;
    return entry;
  });
  const bundle = { v: 1, patchId, chainHead: prev, entries, diffs: {} };
  await writeFile(join(remote.dir, "bundle.json"), JSON.stringify(bundle));
}

test("P9: a landing and its revert hold against signature and record", async () => {
  await record();
  for (const { commit, tree } of [landing, undo]) {
    const reply = await verifyCommit(commit, options);
    expect(reply).toMatchObject({ kind: "checked", isGood: true });
    expect(reply).toMatchObject({ text: expect.stringContaining(tree) as string });
    expect(reply).toMatchObject({
      text: expect.stringContaining("council@example.test") as string,
    });
  }
});

test("P9: a tree that was not audited, or a revert of something else, does not", async () => {
  await record({ tree: "e".repeat(40), landing: "f".repeat(40) });
  for (const { commit } of [landing, undo])
    expect(await verifyCommit(commit, options)).toMatchObject({
      isGood: false,
      text: expect.stringContaining("BAD tree") as string,
    });
  await record();
});

test("a record that was changed afterwards counts for nothing", async () => {
  const file = join(remote.dir, "bundle.json");
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replaceAll(undo.commit, "0".repeat(40)));
  expect(await verifyCommit(landing.commit, options)).toMatchObject({
    isGood: false,
    text: expect.stringContaining("BAD record: entry") as string,
  });
  await record();
});

test("somebody else's commit is told as such, also when nobody is asked", async () => {
  const reply = await verifyCommit("work", { ...options, offline: true });
  expect(reply).toMatchObject({ isGood: false });
  expect(reply).toMatchObject({ text: expect.stringContaining("somebody else") as string });
});

test("what cannot be looked at is refused with the reason", async () => {
  const refused = async (revision: string, more: object) =>
    await verifyCommit(revision, { ...options, ...more });
  expect(await refused("nothing", {})).toMatchObject({ kind: "refused" });
  expect(await refused("main", { bundle: "/nowhere" })).toMatchObject({ kind: "refused" });
  const { bundle: _, ...online } = options;
  expect(await verifyCommit("main", { ...online, url: "http://127.0.0.1:9" })).toMatchObject({
    kind: "refused",
  });
});
