import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { GitError } from "./git-error.ts";
import { withScratch, writeBlob } from "./private-index.ts";
import { reasonOf, runGit, type Repository } from "./run-git.ts";
import { readBlob } from "./tree-reading.ts";

/** Both sides of a place where a revert and later work meet. */
export interface ConflictHunk {
  readonly path: string;
  readonly why:
    | "content"
    | "binary"
    | "too-large"
    | "deleted-later"
    | "changed-later"
    | "path-taken";
  /** What stands on the branch now; empty when the file is gone or is not text. */
  readonly ours: string;
  /** What the revert would put there; empty when it would delete the file. */
  readonly theirs: string;
}

export type MergeOutcome =
  | { kind: "merged"; blob: string }
  | { kind: "conflict"; hunks: ConflictHunk[] };

/** The three blobs of a merge: `ours` and `theirs` both grew from `from`. */
export interface BlobTriple {
  readonly ours: string;
  readonly from: string;
  readonly theirs: string;
}

const MAX_MERGE_BYTES = 8 * 1024 * 1024;
const MAX_HUNK_CHARS = 4_000;
const MAX_HUNKS = 50;
// Longer than anything a file plausibly holds, so content cannot pass for a marker.
const MARKER_SIZE = 61;

/** Three-way merge of one file's content, without a checkout. */
export async function mergeBlobs(
  repo: Repository,
  path: string,
  blobs: BlobTriple,
): Promise<MergeOutcome> {
  return await withScratch(repo, async (dir) => {
    const files: string[] = [];
    for (const side of ["ours", "from", "theirs"] as const) {
      const blob = await readBlob(repo, blobs[side], MAX_MERGE_BYTES);
      if (blob.kind === "missing") throw new GitError("missing-object", "merge: a blob is missing");
      if (blob.kind === "too-large") return conflict(path, "too-large");
      const file = join(dir, side);
      await writeFile(file, blob.bytes);
      files.push(file);
    }
    const labels = ["-L", "ours", "-L", "from", "-L", "theirs"];
    const args = ["merge-file", "-p", `--marker-size=${MARKER_SIZE}`, ...labels, ...files];
    const result = await runGit(repo, args);
    if (result.timedOut) throw new GitError("timeout", "git merge-file ran out of time");
    if (result.exitCode === 0) {
      return { kind: "merged", blob: await writeBlob(repo, result.stdout) };
    }
    if (/binary/i.test(result.stderr)) return conflict(path, "binary");
    if (result.exitCode > 127) throw new GitError("failed", `merge-file: ${reasonOf(result)}`);
    return { kind: "conflict", hunks: readConflicts(path, result.stdout.toString("utf8")) };
  });
}

/** A conflict over a whole file: its texts now and before the landing. */
export async function wholeFileConflict(
  repo: Repository,
  path: string,
  why: ConflictHunk["why"],
  ours: string | undefined,
  theirs: string | undefined,
): Promise<ConflictHunk> {
  return { path, why, ours: await excerpt(repo, ours), theirs: await excerpt(repo, theirs) };
}

async function excerpt(repo: Repository, blob: string | undefined): Promise<string> {
  if (blob === undefined) return "";
  const read = await readBlob(repo, blob, MAX_MERGE_BYTES);
  if (read.kind !== "blob" || read.bytes.includes(0)) return "";
  return read.bytes.toString("utf8").slice(0, MAX_HUNK_CHARS);
}

function conflict(path: string, why: ConflictHunk["why"]): MergeOutcome {
  return { kind: "conflict", hunks: [{ path, why, ours: "", theirs: "" }] };
}

function readConflicts(path: string, merged: string): ConflictHunk[] {
  const [open, middle, close] = ["<", "=", ">"].map((char) => char.repeat(MARKER_SIZE));
  const hunks: ConflictHunk[] = [];
  let side: "none" | "ours" | "theirs" = "none";
  let [ours, theirs] = ["", ""];
  for (const line of merged.split(/(?<=\n)/)) {
    if (line.startsWith(`${open} `)) {
      [side, ours, theirs] = ["ours", "", ""];
    } else if (side === "ours" && line.trimEnd() === middle) {
      side = "theirs";
    } else if (side === "theirs" && line.startsWith(`${close} `)) {
      hunks.push({
        path,
        why: "content",
        ours: ours.slice(0, MAX_HUNK_CHARS),
        theirs: theirs.slice(0, MAX_HUNK_CHARS),
      });
      side = "none";
    } else if (side === "ours") ours += line;
    else if (side === "theirs") theirs += line;
  }
  return hunks.slice(0, MAX_HUNKS);
}
