/**
 * A private bare mirror of one remote.
 *
 * Decides: where Council keeps a remote's objects. The directory belongs to one process at a time;
 * inside that process all handles on a directory share one lock, which orders the calls that
 * move refs. Objects are only added, never pruned, so trees built here stay readable.
 * On failure: an interrupted open or fetch leaves only lock and scratch files, which the next open
 * removes.
 */
import { mkdir, readdir, realpath, rm, writeFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { GitError } from "./git-error.ts";
import { branchRef, isObjectId } from "./git-names.ts";
import { objectInfo } from "./object-reader.ts";
import { reasonOf, runGit, type GitResult, type Repository } from "./run-git.ts";
import type { Signing } from "./sign-commit.ts";
import { hasCommit } from "./tree-reading.ts";

/** How to authenticate to the remote. Secrets travel in the environment, never in arguments. */
export interface RemoteAccess {
  /** Value of the `Authorization` header for an https remote, e.g. `Basic …`. */
  readonly authorization?: string;
  /** Files for an ssh remote; host keys not listed in `knownHostsFile` are refused. */
  readonly ssh?: { readonly keyFile: string; readonly knownHostsFile: string };
}

export interface OpenMirror {
  /** `https://…`, `ssh://…`, `file://…` or an absolute path, without user password. */
  readonly remoteUrl: string;
  /** A directory only this process uses; created when absent. */
  readonly dir: string;
  /** Limit for one git call; default 60 000. */
  readonly timeoutMs?: number;
  readonly access?: RemoteAccess;
  /** Signs every commit made in it. */
  readonly signing?: Signing;
}

export interface Mirror extends Repository {
  readonly remoteUrl: string;
  readonly dir: string;
}

export type FetchOutcome = { kind: "fetched" } | { kind: "unreachable"; reason: string };

export type HeadOutcome =
  | { kind: "head"; sha: string }
  | { kind: "absent" }
  | { kind: "unreachable"; reason: string };

const DEFAULT_TIMEOUT_MS = 60_000;
const FETCH = [
  "fetch",
  "--quiet",
  "--no-tags",
  "--no-recurse-submodules",
  "--no-auto-maintenance",
  "--no-write-fetch-head",
];

/** What nothing can be landed on or reverted from: whether a commit is an ancestor cannot be known. */
const shallow = {
  kind: "unreachable",
  reason: "the remote is shallow, its history is cut off: run `git fetch --unshallow` in it",
} as const;

/** The tail of the queue of ref-moving calls, per mirror directory of this process. */
const queues = new Map<string, Promise<void>>();

/** The directories this process has opened: their scratch files may be in use. */
const opened = new Set<string>();

let isVersionChecked = false;

/**
 * Opens (creating if needed) the private bare mirror of a remote. No network is used.
 * Throws `GitError` "invalid-argument" for a remote of another protocol or with a password in its
 * address, "git-missing" and "git-too-old" (older than 2.34).
 */
export async function openMirror(options: OpenMirror): Promise<Mirror> {
  checkRemoteUrl(options.remoteUrl);
  await mkdir(options.dir, { recursive: true, mode: 0o700 });
  const dir = await realpath(options.dir);
  const mirror: Mirror = {
    ...repositoryAt(dir, options.timeoutMs ?? DEFAULT_TIMEOUT_MS),
    remoteUrl: options.remoteUrl,
    dir,
    remoteEnv: remoteEnvironment(options.remoteUrl, options.access ?? {}),
    ...(options.signing === undefined ? {} : { signing: options.signing }),
  };
  await inTurn(mirror, async () => {
    await createRepository(mirror, !opened.has(dir));
    opened.add(dir);
  });
  return mirror;
}

/** The layout of a directory that holds a bare repository and its private scratch directories. */
export function repositoryAt(dir: string, timeoutMs: number): Repository {
  return {
    gitDir: join(dir, "repo.git"),
    homeDir: join(dir, "home"),
    tmpDir: join(dir, "tmp"),
    timeoutMs,
    remoteEnv: {},
  };
}

/** Creates or repairs the bare repository; `isAlone` also clears what a killed process left. */
export async function createRepository(repo: Repository, isAlone: boolean): Promise<void> {
  if (isAlone) {
    await rm(repo.homeDir, { recursive: true, force: true });
    await rm(repo.tmpDir, { recursive: true, force: true });
    await rm(join(repo.gitDir, "hooks"), { recursive: true, force: true });
    await removeLocks(repo.gitDir);
  }
  await mkdir(repo.homeDir, { recursive: true, mode: 0o700 });
  await mkdir(repo.tmpDir, { recursive: true, mode: 0o700 });
  if (!isAlone) return;
  if (!isVersionChecked) await checkVersion(repo);
  isVersionChecked = true;
  // The configuration is written whole each time: what someone left in the directory has no say.
  await rm(join(repo.gitDir, "config"), { force: true });
  await rm(join(repo.gitDir, "info"), { recursive: true, force: true });
  const init = await runGit(
    repo,
    ["init", "--quiet", "--bare", "--template=", "--initial-branch=main", repo.gitDir],
    { env: { GIT_DEFAULT_HASH: "sha1" } },
  );
  if (init.exitCode !== 0) throw new GitError("failed", `git init: ${reasonOf(init)}`);
  await writeFile(
    join(repo.gitDir, "config"),
    "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n",
  );
}

/** Fetches all branches of the remote and forgets those it no longer has. */
export async function fetchBranches(mirror: Mirror): Promise<FetchOutcome> {
  return await inTurn(mirror, () => fetchAll(mirror));
}

/** Makes sure that a commit of the remote is in the mirror; asks the remote only when it is not. */
export async function fetchCommit(mirror: Mirror, sha: string): Promise<FetchOutcome> {
  if (isObjectId(sha) && (await hasCommit(mirror, sha))) return { kind: "fetched" };
  return await fetchBranches(mirror);
}

/**
 * The remote's current head of a branch, fetched into the mirror; undefined when the remote has no
 * such branch. Throws `GitError` "unreachable" when the remote does not answer.
 */
export async function resolveBranch(mirror: Mirror, branch: string): Promise<string | undefined> {
  const head = await fetchHead(mirror, branch);
  if (head.kind === "unreachable") throw new GitError("unreachable", head.reason);
  return head.kind === "head" ? head.sha : undefined;
}

/** As `resolveBranch`, with an unreachable remote as a value. */
export async function fetchHead(mirror: Mirror, branch: string): Promise<HeadOutcome> {
  return await fetchRef(mirror, branchRef(branch), `refs/council/heads/${branch}`);
}

/** Where a ref of the remote is now, fetched into the mirror under `local`. */
export async function fetchRef(mirror: Mirror, ref: string, local: string): Promise<HeadOutcome> {
  const refspec = `+${ref}:${local}`;
  return await inTurn(mirror, async () => {
    const fetchOne = () => fetchRefs(mirror, [refspec]);
    let result = await fetchOne();
    if (result.exitCode !== 0 && /cannot lock ref|unable to update local ref/.test(result.stderr)) {
      // A branch `a` that became `a/b` blocks its own name here until the old one is forgotten.
      const all = await fetchAll(mirror);
      if (all.kind === "unreachable") return all;
      result = await fetchOne();
    }
    // Git only warns, and the ref stays what it was: a stale head must not pass for the remote's.
    if (/shallow roots are not allowed/.test(result.stderr)) return shallow;
    if (result.exitCode === 0) {
      const head = await objectInfo(mirror, local);
      if (head !== undefined) return { kind: "head", sha: head.id };
      throw new GitError("missing-object", `${local} is not there after it was fetched`);
    }
    if (/couldn't find remote ref/.test(result.stderr)) return { kind: "absent" };
    return { kind: "unreachable", reason: reasonOf(result) };
  });
}

async function fetchAll(mirror: Mirror): Promise<FetchOutcome> {
  const result = await fetchRefs(mirror, ["+refs/heads/*:refs/council/heads/*"], ["--prune"]);
  if (/shallow roots are not allowed/.test(result.stderr)) return shallow;
  if (result.exitCode === 0) return { kind: "fetched" };
  return { kind: "unreachable", reason: reasonOf(result) };
}

async function fetchRefs(
  mirror: Mirror,
  refspecs: readonly string[],
  options: readonly string[] = [],
): Promise<GitResult> {
  const args = [...FETCH, ...options, mirror.remoteUrl, ...refspecs];
  const result = await runGit(mirror, args, { env: mirror.remoteEnv });
  // A killed fetch may leave its locks; the directory is ours and this is our turn.
  if (result.exitCode === -1) await removeLocks(mirror.gitDir);
  return result;
}

async function inTurn<T>(mirror: Mirror, work: () => Promise<T>): Promise<T> {
  const before = queues.get(mirror.dir) ?? Promise.resolve();
  const mine = before.then(work);
  queues.set(
    mirror.dir,
    mine.then(
      () => undefined,
      () => undefined,
    ),
  );
  return await mine;
}

function checkRemoteUrl(remoteUrl: string): void {
  if (/[\p{C}]/u.test(remoteUrl)) throw new GitError("invalid-argument", "remote: not printable");
  if (isAbsolute(remoteUrl)) return;
  const url = URL.canParse(remoteUrl) ? new URL(remoteUrl) : undefined;
  if (url === undefined || !["https:", "ssh:", "file:"].includes(url.protocol)) {
    throw new GitError("invalid-argument", "remote: expected https, ssh, file or an absolute path");
  }
  if (url.password !== "") {
    throw new GitError(
      "invalid-argument",
      "remote: pass credentials by access, not in the address",
    );
  }
  // A host that begins with a dash would be an option to ssh.
  if (url.hostname.startsWith("-") || url.username.startsWith("-")) {
    throw new GitError("invalid-argument", "remote: host or user begins with a dash");
  }
}

function remoteEnvironment(remoteUrl: string, access: RemoteAccess): Record<string, string> {
  const env: Record<string, string> = {};
  if (access.authorization !== undefined) {
    if (/[\r\n]/.test(access.authorization)) {
      throw new GitError("invalid-argument", "authorization: one line expected");
    }
    env["GIT_CONFIG_COUNT"] = "1";
    env["GIT_CONFIG_KEY_0"] = `http.${new URL(remoteUrl).origin}/.extraHeader`;
    env["GIT_CONFIG_VALUE_0"] = `Authorization: ${access.authorization}`;
  }
  if (access.ssh !== undefined) {
    const { keyFile, knownHostsFile } = access.ssh;
    // git hands this line to a shell: only names that need no quoting are accepted.
    if (![keyFile, knownHostsFile].every((file) => /^\/[A-Za-z0-9._/-]+$/.test(file))) {
      throw new GitError("invalid-argument", "ssh files: plain absolute paths expected");
    }
    env["GIT_SSH_COMMAND"] =
      `ssh -F /dev/null -i ${keyFile} -o IdentitiesOnly=yes -o BatchMode=yes ` +
      `-o StrictHostKeyChecking=yes -o UserKnownHostsFile=${knownHostsFile}`;
  }
  return env;
}

async function checkVersion(repo: Repository): Promise<void> {
  const result = await runGit(repo, ["version"]);
  const found = /(\d+)\.(\d+)/.exec(result.stdout.toString("utf8"));
  const [major, minor] = [Number(found?.[1] ?? 0), Number(found?.[2] ?? 0)];
  if (major < 2 || (major === 2 && minor < 34)) {
    throw new GitError("git-too-old", `git 2.34 or newer is needed, found ${major}.${minor}`);
  }
}

async function removeLocks(gitDir: string): Promise<void> {
  const top = await readdir(gitDir).catch(() => []);
  const refs = await readdir(join(gitDir, "refs"), { recursive: true }).catch(() => []);
  const files = [...top, ...refs.map((name) => join("refs", name))];
  const locks = files.filter((name) => name.endsWith(".lock"));
  await Promise.all(locks.map((name) => rm(join(gitDir, name), { force: true })));
}
