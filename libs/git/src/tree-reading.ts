import { GitError } from "./git-error.ts";
import { checkObjectId } from "./git-names.ts";
import { objectBytes, objectInfo } from "./object-reader.ts";
import { gitOutput, reasonOf, runGit, type Repository } from "./run-git.ts";

/** One difference between two trees. Renames show as one deletion and one addition. */
export interface TreeChange {
  /** Path from the root. A name that is not UTF-8 shows with U+FFFD in place of the bad bytes. */
  readonly path: string;
  /** "mode": only the executable bit changed; "type": a file became a link, a submodule, … */
  readonly status: "added" | "modified" | "deleted" | "mode" | "type";
  /** Six octal digits; "000000" where the path does not exist. */
  readonly oldMode: string;
  readonly newMode: string;
  readonly oldBlob?: string;
  readonly newBlob?: string;
}

export interface TreeEntry {
  readonly path: string;
  readonly mode: string;
  readonly blob: string;
  /** 0 for a submodule. */
  readonly sizeBytes: number;
}

export type BlobOutcome =
  | { kind: "blob"; bytes: Buffer }
  | { kind: "too-large"; sizeBytes: number }
  | { kind: "missing" };

const ABSENT_MODE = "000000";

/** Whether the mirror holds the commit. */
export async function hasCommit(repo: Repository, sha: string): Promise<boolean> {
  return (await objectInfo(repo, `${checkObjectId(sha)}^{commit}`)) !== undefined;
}

/** Whether the mirror holds the tree. */
export async function hasTree(repo: Repository, sha: string): Promise<boolean> {
  return (await objectInfo(repo, `${checkObjectId(sha)}^{tree}`)) !== undefined;
}

/** The tree id of a commit (or of a tree). Throws "missing-object". */
export async function treeOf(repo: Repository, commit: string): Promise<string> {
  const tree = await objectInfo(repo, `${checkObjectId(commit)}^{tree}`);
  if (tree === undefined) throw new GitError("missing-object", `no such commit: ${commit}`);
  return tree.id;
}

/** Whether `ancestor` is `descendant` or one of its ancestors; an unknown commit is neither. */
export async function isAncestor(
  repo: Repository,
  ancestor: string,
  descendant: string,
): Promise<boolean> {
  const args = ["merge-base", "--is-ancestor", checkObjectId(ancestor), checkObjectId(descendant)];
  const result = await runGit(repo, args);
  if (result.exitCode === 0) return true;
  if (result.exitCode === 1 || /Not a valid commit name/.test(result.stderr)) return false;
  throw new GitError("failed", `git merge-base: ${reasonOf(result)}`);
}

/** The parents of a commit, mainline first. Throws "missing-object". */
export async function parentsOf(repo: Repository, commit: string): Promise<string[]> {
  const bytes = await objectBytes(repo, `${checkObjectId(commit)}^{commit}`);
  if (bytes === undefined) throw new GitError("missing-object", `no such commit: ${commit}`);
  const headers = bytes.toString("latin1").split("\n\n", 1)[0] ?? "";
  return [...headers.matchAll(/^parent ([0-9a-f]+)$/gm)].map(([, parent]) => parent ?? "");
}

/** What differs between two trees or commits, in path order; renames are not paired. */
export async function diffTrees(repo: Repository, a: string, b: string): Promise<TreeChange[]> {
  const out = await gitOutput(repo, [
    "diff-tree",
    "-r",
    "-z",
    "--raw",
    "--no-abbrev",
    "--no-renames",
    "--no-ext-diff",
    checkObjectId(a),
    checkObjectId(b),
  ]);
  const parts = out.toString("utf8").split("\0");
  const changes: TreeChange[] = [];
  for (let at = 0; at + 1 < parts.length; at += 2) {
    changes.push(readChange(parts[at] ?? "", parts[at + 1] ?? ""));
  }
  return changes;
}

/** Pairs of paths git takes for renames from `a` to `b` (half of the content or more is equal). */
export async function findRenames(
  repo: Repository,
  a: string,
  b: string,
): Promise<Map<string, string>> {
  const out = await gitOutput(repo, [
    "diff-tree",
    "-r",
    "-z",
    "--raw",
    "--no-abbrev",
    "--find-renames=50%",
    "-l1000",
    "--diff-filter=R",
    "--no-ext-diff",
    checkObjectId(a),
    checkObjectId(b),
  ]);
  const parts = out.toString("utf8").split("\0");
  const renames = new Map<string, string>();
  for (let at = 0; at + 2 < parts.length; at += 3) {
    renames.set(parts[at + 1] ?? "", parts[at + 2] ?? "");
  }
  return renames;
}

/**
 * The unified diff between two trees or commits, in the form `applyDiff` accepts. Binary files show
 * as "Binary files … differ". Attributes and configuration have no say in it.
 */
export async function diffText(
  repo: Repository,
  a: string,
  b: string,
  maxBytes = 64 * 1024 * 1024,
): Promise<string> {
  return (await diffBytes(repo, a, b, maxBytes)).toString("utf8");
}

/** As `diffText`, as bytes: for trees with text that is not UTF-8. */
export async function diffBytes(
  repo: Repository,
  a: string,
  b: string,
  maxBytes = 64 * 1024 * 1024,
): Promise<Buffer> {
  const args = ["diff-tree", "-r", "-p", "--full-index", "--no-renames", "--no-ext-diff"];
  const fixed = ["--no-textconv", "--no-color", "-U3", "--diff-algorithm=myers", "--src-prefix=a/"];
  return await gitOutput(
    repo,
    [...args, ...fixed, "--dst-prefix=b/", checkObjectId(a), checkObjectId(b)],
    { maxOutputBytes: maxBytes },
  );
}

/** Every file, link and submodule of a tree, in path order. */
export async function listTree(repo: Repository, tree: string): Promise<TreeEntry[]> {
  const out = await gitOutput(repo, [
    "ls-tree",
    "-r",
    "-z",
    "-l",
    "--full-tree",
    checkObjectId(tree),
  ]);
  return readEntries(out);
}

/** Mode and blob of every file, link and submodule of a tree, by path. Sizes would cost as much again. */
export async function listFiles(
  repo: Repository,
  tree: string,
): Promise<ReadonlyMap<string, Pick<TreeEntry, "mode" | "blob">>> {
  const args = ["ls-tree", "-r", "-z", "--full-tree", checkObjectId(tree)];
  const entries = readEntries(await gitOutput(repo, args));
  return new Map(entries.map(({ path, mode, blob }) => [path, { mode, blob }]));
}

/** The entry at one exact path of a tree; undefined when nothing or a directory is there. */
export async function entryAt(
  repo: Repository,
  tree: string,
  path: string,
): Promise<TreeEntry | undefined> {
  const args = ["--literal-pathspecs", "ls-tree", "-z", "-l", "--full-tree", checkObjectId(tree)];
  const entries = readEntries(await gitOutput(repo, [...args, "--", path]));
  return entries.find((entry) => entry.path === path && entry.mode !== "040000");
}

/** The bytes of a blob, when it has at most `maxBytes`. */
export async function readBlob(
  repo: Repository,
  blob: string,
  maxBytes: number,
): Promise<BlobOutcome> {
  const info = await objectInfo(repo, checkObjectId(blob));
  if (info?.type !== "blob") return { kind: "missing" };
  // The size is known before the content is asked for: a bomb is never unpacked.
  if (info.sizeBytes > maxBytes) return { kind: "too-large", sizeBytes: info.sizeBytes };
  const bytes = await objectBytes(repo, info.id);
  return bytes === undefined ? { kind: "missing" } : { kind: "blob", bytes };
}

/** The bytes of the file at a path of a tree or commit; "missing" when no file is there. */
export async function readFile(
  repo: Repository,
  tree: string,
  path: string,
  maxBytes = 16 * 1024 * 1024,
): Promise<BlobOutcome> {
  const entry = await entryAt(repo, tree, path);
  if (entry === undefined || !entry.mode.startsWith("100")) return { kind: "missing" };
  return await readBlob(repo, entry.blob, maxBytes);
}

function readEntries(out: Buffer): TreeEntry[] {
  const records = out.toString("utf8").split("\0");
  return records.filter((record) => record !== "").map(readEntry);
}

function readEntry(record: string): TreeEntry {
  const tab = record.indexOf("\t");
  const [mode = "", , blob = "", size = "-"] = record.slice(0, tab).split(/ +/);
  return { path: record.slice(tab + 1), mode, blob, sizeBytes: size === "-" ? 0 : Number(size) };
}

function readChange(header: string, path: string): TreeChange {
  const [oldMode = "", newMode = "", oldBlob = "", newBlob = "", letter = ""] = header
    .slice(1)
    .split(" ");
  return {
    path,
    status: statusOf(letter, oldBlob === newBlob),
    oldMode,
    newMode,
    ...(oldMode === ABSENT_MODE ? {} : { oldBlob }),
    ...(newMode === ABSENT_MODE ? {} : { newBlob }),
  };
}

function statusOf(letter: string, isSameContent: boolean): TreeChange["status"] {
  switch (letter) {
    case "A":
      return "added";
    case "D":
      return "deleted";
    case "T":
      return "type";
    default:
      return isSameContent ? "mode" : "modified";
  }
}
