import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { checkObjectId } from "./git-names.ts";
import { gitLine, gitOutput, type Repository } from "./run-git.ts";

/** A change to one path of a tree: set it to a blob, or remove it. */
export type TreeEdit =
  | { readonly kind: "set"; readonly path: string; readonly mode: string; readonly blob: string }
  | { readonly kind: "remove"; readonly path: string };

/** Runs `work` with a scratch directory that is gone afterwards. */
export async function withScratch<T>(
  repo: Repository,
  work: (dir: string) => Promise<T>,
): Promise<T> {
  const dir = await mkdtemp(join(repo.tmpDir, "s-"));
  try {
    return await work(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Runs `work` with an index of its own that starts as `tree`; nothing is ever checked out. */
export async function withPrivateIndex<T>(
  repo: Repository,
  tree: string,
  work: (env: Readonly<Record<string, string>>) => Promise<T>,
): Promise<T> {
  return await withScratch(repo, async (dir) => {
    const env = { GIT_INDEX_FILE: join(dir, "index") };
    await gitOutput(repo, ["read-tree", checkObjectId(tree)], { env });
    return await work(env);
  });
}

/** The tree that results from applying `edits` to `tree`. */
export async function editTree(
  repo: Repository,
  tree: string,
  edits: readonly TreeEdit[],
): Promise<string> {
  return await withPrivateIndex(repo, tree, async (env) => {
    // Removals first: a file may take the place of a directory and the other way round.
    const removals = edits.filter((edit) => edit.kind === "remove");
    const settings = edits.filter((edit) => edit.kind === "set");
    const lines = [
      ...removals.map((edit) => `0 ${"0".repeat(40)}\t${edit.path}\0`),
      ...settings.map((edit) => `${edit.mode} ${edit.blob}\t${edit.path}\0`),
    ];
    await gitOutput(repo, ["update-index", "-z", "--index-info"], { env, input: lines.join("") });
    return await gitLine(repo, ["write-tree"], { env });
  });
}

/** Stores bytes as they are (no filters) and returns the blob id. */
export async function writeBlob(repo: Repository, bytes: string | Uint8Array): Promise<string> {
  return await gitLine(repo, ["hash-object", "-w", "--stdin", "--no-filters"], { input: bytes });
}
