/** The author's and the examiner's side of a remote: makes diffs, reads what is on the branches. */
import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { parseTrailers } from "@council/git";
import type { TestRemote } from "@council/git/testing";
import { execa } from "execa";

export interface BranchCommit {
  readonly commit: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
  readonly trailers: Readonly<Record<string, string>>;
}

async function git(
  remote: TestRemote,
  args: readonly string[],
  input?: string,
  env: Record<string, string> = {},
): Promise<string> {
  const { stdout } = await execa("git", ["--git-dir", remote.repository.gitDir, ...args], {
    extendEnv: false,
    env: {
      PATH: process.env["PATH"] ?? "/usr/bin:/bin",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: "/dev/null",
      LC_ALL: "C",
      ...env,
    },
    stripFinalNewline: false,
    input: input ?? "",
  });
  return stdout;
}

/** The diff that gives files new content (null deletes), against a base; no branch is touched. */
export async function draftDiff(
  remote: TestRemote,
  base: string,
  files: Readonly<Record<string, string | null>>,
): Promise<string> {
  const index = join(remote.dir, `index-${randomUUID()}`);
  const env = { GIT_INDEX_FILE: index };
  await git(remote, ["read-tree", base], undefined, env);
  for (const [path, content] of Object.entries(files)) {
    if (content === null) {
      const none = "0".repeat(40);
      await git(remote, ["update-index", "--index-info"], `0 ${none}\t${path}\n`, env);
      continue;
    }
    const blob = (await git(remote, ["hash-object", "-w", "--stdin"], content)).trim();
    await git(remote, ["update-index", "--add", "--cacheinfo", `100644,${blob},${path}`], "", env);
  }
  const tree = (await git(remote, ["write-tree"], undefined, env)).trim();
  await rm(index, { force: true });
  return await git(remote, ["diff-tree", "-r", "-p", "--full-index", "--no-renames", base, tree]);
}

/** Every commit reachable from a branch, newest first; none when there is no such branch. */
export async function commitsOf(remote: TestRemote, branch: string): Promise<BranchCommit[]> {
  if ((await remote.head(branch)) === undefined) return [];
  const out = await git(remote, ["log", "-z", "--topo-order", "--format=%H%n%T%n%P%n%B", branch]);
  return out
    .split("\0")
    .filter((record) => record !== "")
    .map((record) => {
      const [commit = "", tree = "", parents = "", ...body] = record.split("\n");
      const message = body.join("\n");
      return {
        commit,
        tree,
        parents: parents.split(" ").filter(Boolean),
        message,
        trailers: Object.fromEntries(parseTrailers(message)),
      };
    });
}

/** Branches other than those under `refs/council`. */
export async function branchesOf(remote: TestRemote): Promise<string[]> {
  const out = await git(remote, ["for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads"]);
  return out.split("\n").filter(Boolean);
}

/** The tree of a commit or branch. */
export async function treeAt(remote: TestRemote, revision: string): Promise<string> {
  return (await git(remote, ["rev-parse", `${revision}^{tree}`])).trim();
}

/** Content by path of every file of a revision. */
export async function filesAt(
  remote: TestRemote,
  revision: string,
): Promise<ReadonlyMap<string, string>> {
  const out = await git(remote, ["ls-tree", "-r", "-z", revision]);
  const entries = out
    .split("\0")
    .filter(Boolean)
    .map((line) => /^\d+ \w+ (\w+)\t(.*)$/s.exec(line));
  return new Map(entries.map((entry) => [entry?.[2] ?? "", entry?.[1] ?? ""]));
}

/** Writes the files of a revision into a folder. */
export async function checkOut(remote: TestRemote, revision: string, dir: string): Promise<void> {
  const index = join(remote.dir, `index-${randomUUID()}`);
  const env = { GIT_INDEX_FILE: index };
  await git(remote, ["--work-tree", dir, "checkout", "-f", revision, "--", "."], undefined, env);
  await rm(index, { force: true });
}

/** What git itself thinks of the repository; empty when it is sound. */
export async function faultsOf(remote: TestRemote): Promise<string> {
  const out = await git(remote, ["fsck", "--no-dangling", "--no-progress"]);
  return out.trim();
}
