/**
 * Builds a tree from the files a sandbox left in a directory.
 *
 * Decides: what of such a directory counts. Only plain files do; links and special files are
 * refused, `.git` at the top is not looked at. Whoever wrote the directory is done writing.
 */
import { createHash } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { lstat, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { refuse, type Refusal } from "./diff-refusal.ts";
import { GitError } from "./git-error.ts";
import { DEFAULT_TREE_LIMITS, isWritable, type TreeLimits } from "./materialise.ts";
import { findCollision, refusePath } from "./patch-path.ts";
import { editTree, writeBlob, type TreeEdit } from "./private-index.ts";
import type { Repository } from "./run-git.ts";
import { diffTrees, diffText, listTree, type TreeChange, type TreeEntry } from "./tree-reading.ts";

export interface CaptureTree {
  /** The commit or tree the directory was materialised from. */
  readonly base: string;
  readonly dir: string;
  readonly limits?: Partial<TreeLimits>;
  /** Limit for the diff text; default 64 MiB. */
  readonly maxDiffBytes?: number;
  /** Paths (files or whole directories) to leave as they are in the base, e.g. build output. */
  readonly isIgnored?: (path: string) => boolean;
}

/** `diff` is for reading: it leaves out binary content and text that is not UTF-8. `tree` is whole. */
export type CaptureOutcome =
  | { kind: "captured"; tree: string; diff: string; changes: TreeChange[] }
  | Refusal;

interface FoundFile {
  readonly path: string;
  readonly mode: "100644" | "100755";
  readonly sizeBytes: number;
}

type Walk = { files: FoundFile[]; directories: number; sizeBytes: number };

/**
 * The tree a directory amounts to on top of its base, with the diff between them. Entries that
 * `materialise` leaves out stay as they are in the base. Same files, same tree id.
 */
export async function captureTree(repo: Repository, request: CaptureTree): Promise<CaptureOutcome> {
  const limits = { ...DEFAULT_TREE_LIMITS, ...request.limits };
  const walk: Walk = { files: [], directories: 0, sizeBytes: 0 };
  const refusal = await walkDirectory(request, limits, "", walk);
  if (refusal !== undefined) return refusal;
  const base = await listTree(repo, request.base);
  const edits = await findEdits(repo, request, base, walk.files);
  if (!Array.isArray(edits)) return edits;
  const known = new Set(base.map((entry) => entry.path));
  const added = walk.files.map((file) => file.path).filter((path) => !known.has(path));
  const collision = findCollision(
    walk.files.map((file) => file.path),
    added,
  );
  if (collision !== undefined) {
    return refuse("case-collision", `the same name as ${collision.other}`, collision.path);
  }
  const tree = await editTree(repo, request.base, edits);
  const changes = await diffTrees(repo, request.base, tree);
  const diff = await diffWithin(repo, request, tree);
  if (diff === undefined) return refuse("too-large", "the diff is over its limit");
  return { kind: "captured", tree, diff, changes };
}

/** Undefined when the text would be too large: whoever filled the directory decides its size. */
async function diffWithin(
  repo: Repository,
  request: CaptureTree,
  tree: string,
): Promise<string | undefined> {
  try {
    return await diffText(repo, request.base, tree, request.maxDiffBytes);
  } catch (error) {
    if (error instanceof GitError && error.code === "output-too-large") return undefined;
    throw error;
  }
}

async function walkDirectory(
  request: CaptureTree,
  limits: TreeLimits,
  prefix: string,
  walk: Walk,
): Promise<Refusal | undefined> {
  walk.directories += 1;
  if (walk.directories > limits.maxFiles) return refuse("too-many-files", "directories");
  const names = (await readdir(join(request.dir, prefix))).toSorted();
  for (const name of names) {
    if (prefix === "" && name === ".git") continue;
    const path = prefix === "" ? name : `${prefix}/${name}`;
    if (request.isIgnored?.(path) === true) continue;
    const badName = refusePath(path);
    if (badName !== undefined) return refuse(badName.code, badName.reason, path.slice(0, 200));
    const stat = await lstat(join(request.dir, path));
    const refusal = stat.isDirectory()
      ? await walkDirectory(request, limits, path, walk)
      : noteFile(path, stat, limits, walk);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function noteFile(path: string, stat: Stats, limits: TreeLimits, walk: Walk): Refusal | undefined {
  if (stat.isSymbolicLink()) return refuse("symlink", "symbolic link", path);
  if (!stat.isFile()) return refuse("special-file", "neither file nor directory", path);
  walk.files.push({ path, mode: stat.mode & 0o100 ? "100755" : "100644", sizeBytes: stat.size });
  walk.sizeBytes += stat.size;
  if (walk.files.length > limits.maxFiles) return refuse("too-many-files", `at ${path}`);
  if (walk.sizeBytes > limits.maxBytes) return refuse("too-large", `at ${path}`);
  return undefined;
}

async function findEdits(
  repo: Repository,
  request: CaptureTree,
  base: readonly TreeEntry[],
  files: readonly FoundFile[],
): Promise<TreeEdit[] | Refusal> {
  const before = new Map(base.map((entry) => [entry.path, entry] as const));
  const edits: TreeEdit[] = [];
  for (const file of files) {
    const old = before.get(file.path);
    before.delete(file.path);
    const bytes = await readPlainFile(join(request.dir, file.path), file.sizeBytes);
    if (bytes === undefined) return refuse("special-file", "changed while being read", file.path);
    const isSameContent = old !== undefined && blobIdOf(bytes, old.blob.length) === old.blob;
    if (old?.mode === "120000") {
      // A link was written as a plain file: untouched it stays a link, otherwise it is refused.
      if (isSameContent) continue;
      return refuse("symlink", "a symbolic link was rewritten", file.path);
    }
    if (isSameContent && old.mode === file.mode) continue;
    const blob = isSameContent ? old.blob : await writeBlob(repo, bytes);
    edits.push({ kind: "set", path: file.path, mode: file.mode, blob });
  }
  for (const entry of before.values()) {
    if (!isWritable(entry) || isIgnoredBelow(request, entry.path)) continue;
    edits.push({ kind: "remove", path: entry.path });
  }
  return edits;
}

function isIgnoredBelow(request: CaptureTree, path: string): boolean {
  const parts = path.split("/");
  return parts.some((_, at) => request.isIgnored?.(parts.slice(0, at + 1).join("/")) === true);
}

/** Opened without following links; undefined when it is no longer what the walk saw. */
async function readPlainFile(path: string, sizeBytes: number): Promise<Buffer | undefined> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = await handle.stat();
    if (!stat.isFile() || stat.size !== sizeBytes) return undefined;
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** git's id for these bytes, computed here so that unchanged files start no process. */
function blobIdOf(bytes: Buffer, idLength: number): string {
  const hash = createHash(idLength === 64 ? "sha256" : "sha1");
  return hash.update(`blob ${bytes.byteLength}\0`).update(bytes).digest("hex");
}
