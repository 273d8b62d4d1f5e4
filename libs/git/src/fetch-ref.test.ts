import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fetchPull } from "./fetch-ref.ts";
import { openMirror, type Mirror } from "./mirror.ts";
import { gitOutput } from "./run-git.ts";
import { testRemote, type TestRemote } from "./testing.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let remote: TestRemote;
let mirror: Mirror;

beforeEach(async () => {
  remote = await testRemote({ "a.txt": "one\n" });
  mirror = await remote.mirror();
});

afterEach(async () => {
  await remote.remove();
});

const setPull = (number: number, commit: string) =>
  gitOutput(remote.repository, ["update-ref", `refs/pull/${number}/head`, commit]);

test("fetches the proposal and finds where it left the branch", async () => {
  const base = (await remote.head())!;
  await remote.setBranch("proposal", base);
  const head = await remote.commit({ branch: "proposal", files: { "a.txt": "two\n" } });
  await remote.commit({ files: { "b.txt": "meanwhile\n" } });
  await setPull(7, head);
  expect(await fetchPull(mirror, { ref: "refs/pull/7/head", branch: "main" })).toEqual({
    kind: "fetched",
    head,
    base,
  });
});

test("follows a proposal that was moved by force, also when many ask at once", async () => {
  const base = (await remote.head())!;
  for (const [branch, text] of [
    ["first", "two\n"],
    ["second", "three\n"],
  ] as const) {
    await remote.setBranch(branch, base);
    const head = await remote.commit({ branch, files: { "a.txt": text } });
    await setPull(7, head);
    const asked = Array.from({ length: 8 }, () =>
      fetchPull(mirror, { ref: "refs/pull/7/head", branch: "main" }),
    );
    expect(await Promise.all(asked)).toEqual(asked.map(() => ({ kind: "fetched", head, base })));
  }
});

test("says what is absent, unrelated or unreachable", async () => {
  expect(await fetchPull(mirror, { ref: "refs/pull/8/head", branch: "main" })).toEqual({
    kind: "absent",
    ref: "refs/pull/8/head",
  });
  await setPull(8, (await remote.head())!);
  expect(await fetchPull(mirror, { ref: "refs/pull/8/head", branch: "nowhere" })).toEqual({
    kind: "absent",
    ref: "refs/heads/nowhere",
  });
  await setPull(9, await remote.commit({ branch: "orphan", files: { "z.txt": "z\n" } }));
  expect(await fetchPull(mirror, { ref: "refs/pull/9/head", branch: "main" })).toEqual({
    kind: "unrelated",
  });
  const gone = await openMirror({ remoteUrl: `${remote.url}-gone`, dir: `${remote.dir}/gone` });
  expect(await fetchPull(gone, { ref: "refs/pull/8/head", branch: "main" })).toMatchObject({
    kind: "unreachable",
  });
});

test("a merge request is kept under another name", async () => {
  const head = (await remote.head())!;
  const ref = "refs/merge-requests/7/head";
  await gitOutput(remote.repository, ["update-ref", ref, head]);
  const fetched = { kind: "fetched", head, base: head };
  expect(await fetchPull(mirror, { ref, branch: "main" })).toEqual(fetched);
});

test.each(["0", "-1", "1.5", "NaN", "7/../8"])("refuses %s as a number", async (number) => {
  const call = fetchPull(mirror, { ref: `refs/pull/${number}/head`, branch: "main" });
  await expect(call).rejects.toMatchObject({ code: "invalid-argument" });
});
