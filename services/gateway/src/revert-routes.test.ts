import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reportChange } from "@council/ast-diff";
import { inboxes, patchCommandSchema } from "@council/contracts";
import type { Landing, Patch, PatchEvent } from "@council/domain";
import { applyDiff, openMirror, resolveBranch, revertLanding, treeOf } from "@council/git";
import { testRemote, type TestRemote } from "@council/git/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { recordEvents, testGateway, type TestGateway } from "./test-gateway.ts";
import { revertedHistory, testPatch } from "./test-patch.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let remote: TestRemote;
let gateway: TestGateway;
let folder: string;
let partition: number;

beforeEach(async () => {
  remote = await testRemote({ "src/a.js": "one\ntwo\nthree\n", "src/b.js": "b\n" });
  folder = await mkdtemp(join(tmpdir(), "council-reverts-"));
  const repositories = [{ id: "sample", remote: remote.url }];
  gateway = await testGateway({ repositories, mirrorsFolder: folder });
  partition = gateway.bus.partitionOf("sample");
});
afterEach(async () => {
  await gateway[Symbol.asyncDispose]();
  await remote.remove();
  await rm(folder, { recursive: true, force: true });
});

const nameOf = (number: number) =>
  `p${String(partition).padStart(2, "0")}-patch${String(number).padStart(6, "0")}`;

/** Lands files as the patch of this number, and records that it did. */
async function land(
  number: number,
  files: Record<string, string>,
  branch = "main",
): Promise<Landing> {
  const id = nameOf(number);
  const parent = (await remote.head(branch)) ?? "";
  const changed = Object.entries(files).map(async ([path, candidate]) => {
    return { path, base: await remote.text(path, branch), candidate };
  });
  const change = await reportChange({ files: await Promise.all(changed) });
  const message = `patch ${number}\n\nCouncil-Patch: ${id}`;
  const commit = await remote.commit({ files, message, branch });
  const landing = { stage: "target", branch, commit, tree: "b".repeat(40), parent };
  const report = await store(JSON.stringify({ change }));
  const history = revertedHistory(testPatch(id, number));
  const audited = history.slice(
    0,
    history.findIndex(({ type }) => type === "LaneRequested"),
  );
  await recordEvents(gateway.bus, id, partition, [
    ...audited.map((event): PatchEvent => {
      if (event.type !== "ComparisonRecorded" || event.comparison.kind !== "compared") return event;
      return { ...event, comparison: { ...event.comparison, report } };
    }),
    { type: "LaneRequested", stage: "target" },
    { type: "LandingStarted", stage: "target", token: 1, effectId: `${id}.land` },
    { type: "Landed", landing },
    { type: "WatchStarted", stage: "target" },
  ]);
  return landing;
}

async function store(text: string): Promise<string> {
  const digest = createHash("sha256").update(text).digest("hex");
  const blobs = [{ digest, bytes: Buffer.from(text) }];
  await gateway.bus.ingest(partition, { id: digest, keys: [{ key: digest }], messages: [], blobs });
  return digest;
}

/** Takes a landing back on the branch, and records it where the patch is named. */
async function takeBack({ commit }: Landing, number?: number): Promise<void> {
  const mirror = await openMirror({ remoteUrl: remote.url, dir: join(folder, "own") });
  const words = { identity: { name: "Council", email: "c@example.test" }, at: new Date() };
  const trailers = { "Council-Patch": nameOf(number ?? 0) };
  const request = { ...words, trailers, message: "Back", branch: "main", commit };
  const done = await revertLanding(mirror, { ...request, effectId: `back-${commit}` });
  if (done.kind !== "reverted") throw new Error(done.kind);
  if (number === undefined) return;
  const cause = { kind: "request", actor: "eve", reason: "slow" } as const;
  const revert = { branch: "main", commit: done.commit, tree: done.tree, landing: commit };
  await recordEvents(gateway.bus, nameOf(number), partition, [
    { type: "RevertStarted", cause, effectId: "r", at: 3 },
    { type: "Reverted", reverts: [{ ...revert, restored: "exact" }] },
  ]);
}

const planOf = async (number: number) =>
  (await gateway.operate("GET", `/v1/patches/${nameOf(number)}/revert-plan`)).json<{
    needsPerson: boolean;
    patches: string[];
    branches: { plan: { kind: string; reason?: string }; hunks: object[] }[];
  }>();

describe("the plan of a revert", () => {
  test("P4: a patch nobody has built on goes alone", async () => {
    await land(1, { "src/a.js": "one\n2\nthree\n" });
    await land(2, { "src/b.js": "bee\n" });
    expect(await planOf(1)).toMatchObject({
      needsPerson: false,
      patches: [nameOf(1)],
      branches: [{ branch: "main", plan: { kind: "alone" }, hunks: [] }],
    });
  });

  test("who changed the same lines since goes first, and both sides are shown", async () => {
    await land(1, { "src/a.js": "one\n2\nthree\n" });
    await land(2, { "src/b.js": "bee\n" });
    await land(3, { "src/a.js": "one\nzwei\nthree\n" });
    const plan = await planOf(1);
    expect(plan).toMatchObject({
      needsPerson: true,
      patches: [nameOf(3), nameOf(1)],
      branches: [{ plan: { kind: "together" } }],
    });
    expect(plan.branches[0]?.hunks).toEqual([
      { path: "src/a.js", why: "content", ours: "zwei\n", theirs: "two\n" },
    ]);
  });

  test("who calls what the patch added goes with it, though git would not object", async () => {
    await land(1, { "src/add.js": "export function add(a, b) {\n  return a + b;\n}\n" });
    await land(2, { "src/c.js": 'import { add } from "./add.js";\nexport const c = add(1, 2);\n' });
    await land(3, { "src/d.js": "export const d = 4;\n" });
    expect(await planOf(1)).toMatchObject({ needsPerson: true, patches: [nameOf(2), nameOf(1)] });
  });

  test("what was taken back since is in nobody's way; another's own commit is left to a person", async () => {
    await land(1, { "src/a.js": "one\n2\nthree\n" });
    await takeBack(await land(2, { "src/a.js": "one\nzwei\nthree\n" }));
    expect(await planOf(1)).toMatchObject({ needsPerson: false, patches: [nameOf(1)] });
    await remote.commit({ files: { "src/a.js": "one\ndue\nthree\n" } });
    const { needsPerson, branches } = await planOf(1);
    expect([needsPerson, branches[0]?.plan.kind]).toEqual([true, "by-hand"]);
    expect(branches[0]?.plan.reason).toContain("not landed by Council");
  });

  test("a patch that is off its branch, and one that never was on one, say so", async () => {
    await takeBack(await land(1, { "src/a.js": "1\n" }));
    expect((await planOf(1)).branches).toMatchObject([{ plan: { kind: "already-reverted" } }]);
    const id = nameOf(9);
    const patch: Patch = testPatch(id, 9);
    await recordEvents(gateway.bus, id, partition, [{ type: "PatchSubmitted", patch }]);
    const reply = await gateway.operate("GET", `/v1/patches/${id}/revert-plan`);
    expect(reply.statusCode).toBe(404);
    expect(reply.json()).toMatchObject({ type: "urn:council:problem:revert-unknown" });
  });

  test("a repository that is away is told as such", async () => {
    await land(1, { "src/a.js": "1\n" });
    await remote.remove();
    const reply = await gateway.operate("GET", `/v1/patches/${nameOf(1)}/revert-plan`);
    expect(reply.statusCode).toBe(503);
  });
});

describe("a rollback with dependents", () => {
  const said = { actor: "eve", reason: "orders are lost" };
  const rollback = (number: number, more: object = { withDependents: true }) =>
    gateway.operate("POST", `/v1/patches/${nameOf(number)}/rollback`, { ...said, ...more });
  const asked = async () =>
    (await gateway.messages(inboxes.patchController)).map(({ subject, body }) => [subject, body]);

  test("asks the newest of the set, with those that follow it; alone, the patch itself", async () => {
    await land(1, { "src/a.js": "one\n2\nthree\n" });
    await land(2, { "src/b.js": "bee\n" });
    await land(3, { "src/a.js": "one\nzwei\nthree\n" });
    const reply = await rollback(1);
    const patches = [nameOf(3), nameOf(1)];
    expect([reply.statusCode, reply.json()]).toMatchObject([202, { patches }]);
    expect((await rollback(2)).json()).toMatchObject({ patches: [nameOf(2)] });
    await rollback(1, { withDependents: false });
    const command = { type: "request-rollback", ...said };
    const joint = { target: nameOf(1), done: [], rest: [nameOf(1)] };
    expect(await asked()).toEqual([
      [nameOf(3), { ...command, joint }],
      [nameOf(2), command],
      [nameOf(1), command],
    ]);
    for (const [, body] of await asked()) patchCommandSchema.parse(body);
  });

  test("that would take others' work along asks for nothing, and says what is in the way", async () => {
    await land(1, { "src/a.js": "one\n2\nthree\n" });
    await remote.commit({ files: { "src/a.js": "one\ndue\nthree\n" } });
    const reply = await rollback(1);
    expect([reply.statusCode, reply.json()]).toMatchObject([
      409,
      { type: "urn:council:problem:rollback-by-hand", detail: expect.stringMatching(/^on main: /) },
    ]);
    expect(await asked()).toEqual([]);
  });

  test("knows on a stage branch what a patch had landed there before its base moved", async () => {
    const canary = "council/canary";
    await remote.setBranch(canary, (await remote.head()) ?? "");
    await land(1, { "src/a.js": "one\n2\nthree\n" }, canary);
    const early = { "src/a.js": "one\nzwei\nthree\n" };
    const message = `early\n\nCouncil-Patch: ${nameOf(3)}`;
    await remote.commit({ files: early, message, branch: canary });
    const level = { "src/a.js": "one\n2\nthree\n", "src/b.js": "later\n" };
    await remote.commit({ files: level, message: "Level", branch: canary });
    await land(3, early, canary);
    const patches = [nameOf(3), nameOf(1)];
    expect((await rollback(1)).json()).toMatchObject({ patches });
  });

  test("P11: a commit that only says that it is a patch's landing takes no patch along", async () => {
    await land(1, { "src/a.js": "one\n2\nthree\n" });
    await land(2, { "src/b.js": "bee\n" });
    const message = `innocent\n\nCouncil-Patch: ${nameOf(2)}`;
    await remote.commit({ files: { "src/a.js": "one\ndue\nthree\n" }, message });
    expect((await rollback(1)).statusCode).toBe(409);
    expect(await asked()).toEqual([]);
  });
});

describe("a re-land", () => {
  const said = { actor: "eve", reason: "the caller was at fault" };
  const reland = (number: number) =>
    gateway.operate("POST", `/v1/patches/${nameOf(number)}/re-land`, said);
  const submitted = async () =>
    (await gateway.messages(inboxes.patchController)).map(
      ({ body }) => (body as { patch: Patch }).patch,
    );

  test("is a new patch: the revert of the revert on what is there now, linked to the first (P1)", async () => {
    const files = { "src/a.js": "one\n2\nthree\n", "src/n.js": "n\n" };
    await takeBack(await land(1, files), 1);
    const base = await remote.commit({ files: { "src/b.js": "later\n" } });
    const replies = [await reland(1), await reland(1)];
    expect(replies.map(({ statusCode }) => statusCode)).toEqual([202, 202]);
    const [first, again] = replies.map((reply) => reply.json<{ id: string; duplicate: boolean }>());
    expect([again?.id, again?.duplicate]).toEqual([first?.id, true]);
    const [patch, ...more] = await submitted();
    expect(more).toEqual([]);
    const relands = { patchId: nameOf(1), ...said };
    expect(patch).toMatchObject({ id: first?.id, base, relands, author: "ada" });
    const mirror = await openMirror({ remoteUrl: remote.url, dir: join(folder, "own") });
    await resolveBranch(mirror, "main");
    const diff = await gateway.bus.readBlob(partition, patch?.diff ?? "");
    const applied = await applyDiff(mirror, { base, diff: Buffer.from(diff ?? "") });
    expect(applied).toMatchObject({ kind: "applied" });
    const whole = await remote.commit({ files });
    await resolveBranch(mirror, "main");
    expect(applied).toMatchObject({ tree: await treeOf(mirror, whole) });
  });

  test("in conflict with what came since is refused with both sides, and nothing is submitted", async () => {
    await takeBack(await land(1, { "src/a.js": "one\n2\nthree\n" }), 1);
    await remote.commit({ files: { "src/a.js": "one\ndue\nthree\n" } });
    const reply = await reland(1);
    expect(reply.statusCode).toBe(409);
    const { issues } = reply.json<{ issues: { field: string; detail: string }[] }>();
    expect(issues[0]).toMatchObject({ field: "src/a.js" });
    expect(issues[0]?.detail).toMatch(/due[^]*2/);
    expect(await submitted()).toEqual([]);
  });

  test("of what was never taken back, or is there again already, is refused", async () => {
    const landing = await land(1, { "src/a.js": "one\n2\nthree\n" });
    expect((await reland(1)).json()).toMatchObject({
      type: "urn:council:problem:reland-impossible",
    });
    await takeBack(landing, 1);
    await remote.commit({ files: { "src/a.js": "one\n2\nthree\n" } });
    const reply = await reland(1);
    expect([reply.statusCode, await submitted()]).toEqual([409, []]);
  });
});
