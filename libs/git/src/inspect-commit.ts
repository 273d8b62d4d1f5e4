import { access, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parseTrailers } from "./commit.ts";
import { GitError } from "./git-error.ts";
import { createRepository, repositoryAt } from "./mirror.ts";
import { gitOutput, reasonOf, runGit } from "./run-git.ts";
import { checkSignature, type SignatureCheck } from "./sign-commit.ts";

export interface InspectedCommit {
  readonly commit: string;
  readonly tree: string;
  /** Mainline first. */
  readonly parents: readonly string[];
  readonly trailers: ReadonlyArray<readonly [key: string, value: string]>;
  /** Absent when no list of signers was given. */
  readonly signature?: SignatureCheck;
}

const TIMEOUT_MS = 60_000;

/**
 * What a commit of somebody's repository says about itself. The objects are read through a private
 * repository that borrows them, so that no configuration, hook or program of the other takes part.
 * Throws `GitError` "invalid-argument" for a path or revision that names nothing.
 */
export async function inspectCommit(request: {
  /** A repository or checkout. */
  readonly path: string;
  /** Any name of a commit: an id, a branch, `HEAD~2`. */
  readonly revision: string;
  readonly allowedSignersFile?: string;
}): Promise<InspectedCommit> {
  const dir = await mkdtemp(join(tmpdir(), "council-inspect-"));
  try {
    const repo = repositoryAt(dir, TIMEOUT_MS);
    await createRepository(repo, true);
    const theirs = { ...repo, gitDir: await gitDirOf(request.path) };
    const ask = async (...args: string[]) => {
      const result = await runGit(theirs, ["rev-parse", ...args]);
      if (result.exitCode === 0) return result.stdout.toString("utf8").trim();
      throw new GitError("invalid-argument", `${request.revision}: ${reasonOf(result)}`);
    };
    const objects = await ask("--path-format=absolute", "--git-path", "objects");
    const commit = await ask("--verify", "--end-of-options", `${request.revision}^{commit}`);
    await mkdir(join(repo.gitDir, "objects", "info"), { recursive: true });
    await writeFile(join(repo.gitDir, "objects", "info", "alternates"), `${objects}\n`);
    const raw = (await gitOutput(repo, ["cat-file", "commit", commit])).toString("utf8");
    const { allowedSignersFile: signers } = request;
    return {
      commit,
      ...headersOf(raw),
      trailers: parseTrailers(raw.slice(raw.indexOf("\n\n"))),
      ...(signers === undefined
        ? {}
        : { signature: await checkSignature(repo, commit, resolve(signers)) }),
    };
  } finally {
    await rm(dir, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** The repository at a path, or the one whose checkout the path is in. */
async function gitDirOf(path: string): Promise<string> {
  const exists = async (file: string) =>
    await access(file).then(
      () => true,
      () => false,
    );
  const start = resolve(path);
  if ((await exists(join(start, "HEAD"))) && (await exists(join(start, "objects")))) return start;
  for (let at = start; ; at = dirname(at)) {
    if (await exists(join(at, ".git"))) return join(at, ".git");
    if (dirname(at) === at)
      throw new GitError("invalid-argument", `${start} is in no git repository`);
  }
}

function headersOf(raw: string): { tree: string; parents: string[] } {
  const lines = raw.slice(0, raw.indexOf("\n\n")).split("\n");
  const values = (name: string) =>
    lines.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));
  return { tree: values("tree")[0] ?? "", parents: values("parent") };
}
