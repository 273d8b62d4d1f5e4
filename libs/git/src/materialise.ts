import { mkdir, open, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { GitError } from "./git-error.ts";
import { refusePath } from "./patch-path.ts";
import { gitOutput, type Repository } from "./run-git.ts";
import { listTree, type TreeEntry } from "./tree-reading.ts";

export interface TreeLimits {
  readonly maxFiles: number;
  /** Sum over all files. */
  readonly maxBytes: number;
}

export const DEFAULT_TREE_LIMITS: TreeLimits = { maxFiles: 100_000, maxBytes: 1024 ** 3 };

export type MaterialiseOutcome =
  | {
      kind: "materialised";
      files: number;
      /** Entries left out: submodules, and paths no patch may name. */
      skipped: string[];
    }
  | { kind: "refused"; code: "too-many-files" | "too-large"; reason: string };

const BATCH_BYTES = 32 * 1024 * 1024;

/**
 * Writes the files of a tree into an empty (or absent) directory, byte for byte: no attributes, no
 * line-end conversion, no filters. Symbolic links become plain files that hold their target, so
 * nothing written here leads out of the directory. Throws "unsafe-directory" when it is not empty.
 */
export async function materialise(
  repo: Repository,
  tree: string,
  dir: string,
  limits: Partial<TreeLimits> = {},
): Promise<MaterialiseOutcome> {
  const { maxFiles, maxBytes } = { ...DEFAULT_TREE_LIMITS, ...limits };
  const entries = await listTree(repo, tree);
  const files = entries.filter(isWritable);
  const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  if (files.length > maxFiles) return refuse("too-many-files", `${files.length} files`);
  if (sizeBytes > maxBytes) return refuse("too-large", `${sizeBytes} bytes`);
  await mkdir(dir, { recursive: true });
  if ((await readdir(dir)).length > 0) throw new GitError("unsafe-directory", "not empty");
  for (const batch of batches(files)) await writeBatch(repo, batch, dir);
  const skipped = entries.filter((entry) => !isWritable(entry)).map((entry) => entry.path);
  return { kind: "materialised", files: files.length, skipped };
}

/** Whether an entry takes part in a materialised tree. */
export function isWritable(entry: { readonly mode: string; readonly path: string }): boolean {
  return entry.mode !== "160000" && refusePath(entry.path) === undefined;
}

async function writeBatch(
  repo: Repository,
  batch: readonly TreeEntry[],
  dir: string,
): Promise<void> {
  const expectedBytes = batch.reduce((sum, file) => sum + file.sizeBytes + 128, 0);
  const out = await gitOutput(repo, ["cat-file", "--batch"], {
    input: batch.map((file) => `${file.blob}\n`).join(""),
    maxOutputBytes: expectedBytes,
  });
  let at = 0;
  for (const file of batch) {
    const headEnd = out.indexOf(10, at);
    const head = out.toString("latin1", at, headEnd);
    if (head !== `${file.blob} blob ${file.sizeBytes}`) {
      throw new GitError("missing-object", "a blob of the tree is missing");
    }
    const start = headEnd + 1;
    await writeNew(join(dir, file.path), file, out.subarray(start, start + file.sizeBytes));
    at = start + file.sizeBytes + 1;
  }
}

async function writeNew(path: string, file: TreeEntry, bytes: Buffer): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  // "wx": on a file system that folds case, two names of one file are an error, not a surprise.
  const handle = await open(path, "wx", file.mode === "100755" ? 0o755 : 0o644);
  try {
    await handle.writeFile(bytes);
  } finally {
    await handle.close();
  }
}

function* batches(files: readonly TreeEntry[]): Generator<TreeEntry[]> {
  let batch: TreeEntry[] = [];
  let sizeBytes = 0;
  for (const file of files) {
    if (batch.length > 0 && sizeBytes + file.sizeBytes > BATCH_BYTES) {
      yield batch;
      [batch, sizeBytes] = [[], 0];
    }
    batch.push(file);
    sizeBytes += file.sizeBytes;
  }
  if (batch.length > 0) yield batch;
}

function refuse(code: "too-many-files" | "too-large", reason: string): MaterialiseOutcome {
  return { kind: "refused", code, reason };
}
