import { execFile } from "node:child_process";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { inspectCommit } from "./inspect-commit.ts";
import { landTree } from "./land-tree.ts";
import { type Mirror, openMirror, resolveBranch } from "./mirror.ts";
import { land, revert, ten, text } from "./revert-example.ts";
import { gitOutput, runGit } from "./run-git.ts";
import { checkSigning } from "./sign-commit.ts";
import { testRemote, type TestRemote } from "./testing.ts";
import { treeOf } from "./tree-reading.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const run = promisify(execFile);
let remote: TestRemote;
let keyFile: string;
let allowedSignersFile: string;

beforeEach(async () => {
  remote = await testRemote({ "a.txt": ten({}) });
  [keyFile, allowedSignersFile] = [join(remote.dir, "key"), join(remote.dir, "signers")];
  await makeKey(keyFile, "ed25519");
  const publicKey = await readFile(`${keyFile}.pub`, "utf8");
  await writeFile(allowedSignersFile, `council@example.test namespaces="git" ${publicKey}`);
});

afterEach(async () => {
  await remote.remove();
});

async function makeKey(file: string, type: string, passphrase = ""): Promise<void> {
  await run("ssh-keygen", ["-q", "-t", type, "-N", passphrase, "-f", file, "-C", "council"]);
}

const signer = (name: string): Promise<Mirror> =>
  openMirror({ remoteUrl: remote.url, dir: join(remote.dir, name), signing: { keyFile } });
const inspect = (revision: string, path = remote.repository.gitDir) =>
  inspectCommit({ path, revision, allowedSignersFile });

describe("commits signed with an ssh key", () => {
  test("landing, fence and revert are signed by the one who may, and say what they are", async () => {
    const mirror = await signer("signer");
    const base = (await resolveBranch(mirror, "main"))!;
    const commit = await land(mirror, { "a.txt": ten({ 3: "changed" }) });
    const good = { kind: "good", principal: "council@example.test" };
    const found = await inspect("main");
    expect(found).toMatchObject({ commit, parents: [base], signature: good });
    expect(found.tree).toBe(await treeOf(mirror, commit));
    expect(found.trailers).toContainEqual(["Council-Effect", "land-1"]);
    await revert(mirror, commit);
    expect(await inspect("main")).toMatchObject({ parents: [commit], signature: good });
    const tree = await treeOf(mirror, commit);
    const fence = { lane: "main", token: 1 };
    const again = { ...text("x"), branch: "main", tree, effectId: "land-2", fence };
    await landTree(mirror, { ...again, base: (await resolveBranch(mirror, "main"))! });
    expect(await inspect("refs/council/fence/main")).toMatchObject({ signature: good });
  });

  test("P1: the same request makes the same commit, signature and all, in every process", async () => {
    const [first, second] = [await signer("one"), await signer("two")];
    const commit = await land(first, { "a.txt": ten({ 3: "changed" }) });
    const outcomes = await Promise.all([first, second].map((each) => revert(each, commit)));
    const commits = outcomes.map((outcome) => "commit" in outcome && outcome.commit);
    expect(new Set(commits).size).toBe(1);
    const { stdout } = await runGit(first, ["cat-file", "commit", String(commits[0])]);
    expect(stdout.toString()).toContain("-----BEGIN SSH SIGNATURE-----");
  });

  test("the settings of the repository that is looked at have no say", async () => {
    const commit = await land(await signer("signer"), { "a.txt": ten({ 3: "changed" }) });
    const marker = join(remote.dir, "ran");
    const program = join(remote.dir, "program");
    await writeFile(program, `#!/bin/sh\ntouch ${marker}\nexit 0\n`);
    await chmod(program, 0o755);
    const config = join(remote.repository.gitDir, "config");
    const own = await readFile(config, "utf8");
    await writeFile(
      config,
      `${own}[gpg]\n\tprogram = ${program}\n[gpg "ssh"]\n\tprogram = ${program}\n`,
    );
    expect(await inspect(commit)).toMatchObject({ signature: { kind: "good" } });
    await expect(readFile(marker)).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("an unsigned commit, and one signed by a stranger, are told apart from a good one", async () => {
    expect(await inspect("main")).toMatchObject({ signature: { kind: "unsigned" } });
    await land(await signer("signer"), { "a.txt": ten({ 3: "changed" }) });
    await makeKey(join(remote.dir, "other"), "ed25519");
    const publicKey = await readFile(join(remote.dir, "other.pub"), "utf8");
    await writeFile(allowedSignersFile, `else@example.test ${publicKey}`);
    expect(await inspect("main")).toMatchObject({ signature: { kind: "bad" } });
  });

  test("a signature of another format is bad, not absent, and starts no program", async () => {
    const { repository } = remote;
    const head = (await remote.head()) ?? "";
    const unsigned = (await gitOutput(repository, ["cat-file", "commit", head])).toString();
    const lines = [
      "gpgsig -----BEGIN PGP SIGNATURE-----",
      "",
      "iQFoo",
      "-----END PGP SIGNATURE-----",
    ];
    const signed = unsigned.replace("\n\n", `\n${lines.join("\n ")}\n\n`);
    const hash = ["hash-object", "-t", "commit", "-w", "--stdin"];
    const commit = (await gitOutput(repository, hash, { input: signed })).toString().trim();
    expect(await inspect(commit)).toMatchObject({
      signature: { kind: "bad", reason: "the signature is not one of ssh" },
    });
  });

  test("a checkout and a folder in it are found; elsewhere and unknown names are refused", async () => {
    const checkout = join(remote.dir, "checkout");
    await run("git", ["clone", "-q", remote.url, checkout]);
    const head = await remote.head();
    expect(await inspect("HEAD", join(checkout, ".git", "info"))).toMatchObject({ commit: head });
    for (const [revision, path] of [
      ["nothing", checkout],
      ["--help", checkout],
      ["HEAD", "/"],
    ] as const)
      await expect(inspect(revision, path)).rejects.toMatchObject({ code: "invalid-argument" });
  });
});

describe("a key that may sign", () => {
  test("signs the same each time (P1): Ed25519 and RSA are taken", async () => {
    await makeKey(join(remote.dir, "rsa"), "rsa");
    for (const name of ["key", "rsa"])
      expect(await checkSigning({ keyFile: join(remote.dir, name) })).toBeUndefined();
  });

  test.each([
    ["ecdsa", "", "differ"],
    ["ed25519", "a passphrase", "passphrase"],
  ])("%s with passphrase %j is refused with the remedy", async (type, passphrase, reason) => {
    const file = join(remote.dir, "no");
    await makeKey(file, type, passphrase);
    await expect(checkSigning({ keyFile: file })).rejects.toMatchObject({
      code: "invalid-argument",
      message: expect.stringContaining(reason) as string,
    });
  });

  test("that others can read, or that is not there, is refused", async () => {
    await chmod(keyFile, 0o644);
    await expect(checkSigning({ keyFile })).rejects.toMatchObject({ code: "invalid-argument" });
    const absent = join(remote.dir, "absent");
    await expect(checkSigning({ keyFile: absent })).rejects.toMatchObject({
      code: "invalid-argument",
    });
  });
});
