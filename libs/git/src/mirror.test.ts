import { mkdir, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { isBranchName } from "./git-names.ts";
import { fetchBranches, openMirror, resolveBranch, type Mirror } from "./mirror.ts";
import { runGit } from "./run-git.ts";
import { testRemote, type TestRemote } from "./testing.ts";
import { hasCommit, listTree, readBlob, readFile } from "./tree-reading.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let remote: TestRemote;
let mirror: Mirror;

beforeEach(async () => {
  remote = await testRemote({ "a.txt": "one\n", "dir/b.txt": "two\n" });
  mirror = await remote.mirror();
});

afterEach(async () => {
  await remote.remove();
});

describe("openMirror", () => {
  test.each([
    "http://example.test/x.git",
    "ext::sh -c touch% /tmp/x",
    "git://example.test/x",
    "relative/path",
    "-u/tmp/x",
    "https://user:secret@example.test/x.git",
    "ssh://-oProxyCommand=x/y",
    "file:///tmp/x\n",
  ])("refuses %j as a remote", async (remoteUrl) => {
    const call = openMirror({ remoteUrl, dir: join(remote.dir, "m") });
    await expect(call).rejects.toMatchObject({ code: "invalid-argument" });
  });

  test("the protocols it does not know stay closed even inside git", async () => {
    const marker = join(remote.dir, "marker");
    const url = `ext::touch ${marker}`;
    const result = await runGit(mirror, ["ls-remote", url]);
    expect(result.stderr).toContain("transport 'ext' not allowed");
  });

  test("a directory is used again with what it holds", async () => {
    const head = (await resolveBranch(mirror, "main"))!;
    const dir = join(remote.dir, "left-behind");
    const first = await openMirror({ remoteUrl: remote.url, dir });
    await resolveBranch(first, "main");
    const again = await openMirror({ remoteUrl: remote.url, dir });
    expect(await hasCommit(again, head)).toBe(true);
  });

  test("clears stale locks before a directory is first used", async () => {
    const dir = join(remote.dir, "stale");
    const heads = join(dir, "repo.git/refs/council/heads");
    await mkdir(heads, { recursive: true });
    await writeFile(join(heads, "main.lock"), "");
    const stale = await openMirror({ remoteUrl: remote.url, dir });
    expect(await resolveBranch(stale, "main")).toBe(await remote.head());
  });

  test("credentials travel in the environment, only to the remote's own host", async () => {
    const access = { authorization: "Basic abc" };
    const open = await openMirror({
      remoteUrl: "https://git.example.test/x.git",
      dir: join(remote.dir, "m"),
      access,
    });
    expect(open.remoteEnv).toEqual({
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "http.https://git.example.test/.extraHeader",
      GIT_CONFIG_VALUE_0: "Authorization: Basic abc",
    });
  });

  test("ssh files that a shell would read differently are refused", async () => {
    const ssh = { keyFile: "/k; touch /tmp/x", knownHostsFile: "/known" };
    const call = openMirror({
      remoteUrl: "ssh://git@example.test/x",
      dir: join(remote.dir, "m"),
      access: { ssh },
    });
    await expect(call).rejects.toMatchObject({ code: "invalid-argument" });
  });
});

describe("fetching", () => {
  test("follows the remote, also when it was moved back", async () => {
    const first = (await remote.head())!;
    const second = await remote.commit({ files: { "a.txt": "2\n" } });
    expect(await resolveBranch(mirror, "main")).toBe(second);
    await remote.setBranch("main", first);
    expect(await resolveBranch(mirror, "main")).toBe(first);
    expect(await hasCommit(mirror, second)).toBe(true);
  });

  test("an absent branch is undefined", async () => {
    expect(await resolveBranch(mirror, "nope")).toBeUndefined();
  });

  test("a branch that gave its name to a directory of branches", async () => {
    const head = (await remote.head())!;
    await remote.setBranch("topic", head);
    expect(await resolveBranch(mirror, "topic")).toBe(head);
    await runGit(remote.repository, ["update-ref", "-d", "refs/heads/topic"]);
    await remote.setBranch("topic/one", head);
    expect(await resolveBranch(mirror, "topic/one")).toBe(head);
  });

  test("fetchBranches brings all branches", async () => {
    const side = await remote.commit({ branch: "side", files: { "s.txt": "s\n" } });
    expect(await fetchBranches(mirror)).toEqual({ kind: "fetched" });
    expect(await hasCommit(mirror, side)).toBe(true);
  });

  test("many calls at once on one mirror wait for each other", async () => {
    const head = await remote.head();
    const heads = await Promise.all(Array.from({ length: 6 }, () => resolveBranch(mirror, "main")));
    expect(new Set(heads)).toEqual(new Set([head]));
  });

  test("a remote that is gone is unreachable", async () => {
    await rm(remote.repository.gitDir, { recursive: true });
    expect(await fetchBranches(mirror)).toMatchObject({ kind: "unreachable" });
    await expect(resolveBranch(mirror, "main")).rejects.toMatchObject({ code: "unreachable" });
  });

  test("a remote that never answers is unreachable once the time limit is over", async () => {
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    try {
      const silent = await openMirror({
        remoteUrl: `https://127.0.0.1:${port}/x.git`,
        dir: join(remote.dir, "silent"),
        timeoutMs: 500,
      });
      expect(await fetchBranches(silent)).toEqual({
        kind: "unreachable",
        reason: "git ran out of time",
      });
    } finally {
      server.close();
    }
  }, 15_000);
});

describe("reading", () => {
  test("lists, sizes and reads files", async () => {
    const head = (await resolveBranch(mirror, "main"))!;
    const entries = await listTree(mirror, head);
    expect(entries.map((entry) => [entry.path, entry.sizeBytes])).toEqual([
      ["a.txt", 4],
      ["dir/b.txt", 4],
    ]);
    const blob = entries[0]!.blob;
    expect(await readBlob(mirror, blob, 4)).toEqual({ kind: "blob", bytes: Buffer.from("one\n") });
    expect(await readBlob(mirror, blob, 3)).toEqual({ kind: "too-large", sizeBytes: 4 });
    expect(await readBlob(mirror, "1".repeat(40), 4)).toEqual({ kind: "missing" });
    expect(await readFile(mirror, head, "dir/b.txt")).toMatchObject({ kind: "blob" });
    expect(await readFile(mirror, head, "dir")).toEqual({ kind: "missing" });
    expect(await readFile(mirror, head, "*.txt")).toEqual({ kind: "missing" });
  });

  test("an output over the cap is an error, not half an answer", async () => {
    const call = runGit(mirror, ["help", "-a"], { maxOutputBytes: 10 });
    await expect(call).rejects.toMatchObject({ code: "output-too-large" });
  });
});

describe("isBranchName", () => {
  test.each(["main", "feature/x-1", "council/canary", "release/1.2", "ünïcode"])("%j", (name) => {
    expect(isBranchName(name)).toBe(true);
  });

  test.each([
    "",
    "-x",
    "a..b",
    "a b",
    "a:b",
    "a~1",
    "a^",
    "x.lock",
    "a//b",
    "/a",
    "a/",
    ".a",
    "a/.b",
    "a@{1}",
    "@",
    "HEAD",
    "a\nb",
    "a*",
    "a.",
    "+a?",
  ])("not %j", (name) => {
    expect(isBranchName(name)).toBe(false);
  });
});
