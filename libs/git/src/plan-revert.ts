/**
 * Works out, without a checkout, the tree that takes one landing back out of a later head.
 *
 * Decides, per file the landing touched: still as landed -> exactly as before the landing; changed
 * since -> three-way merge; moved since -> the same at the new place; anything that would lose
 * someone's later work -> conflict, with both sides. Files the landing did not touch stay (P9).
 */
import { mergeBlobs, wholeFileConflict, type ConflictHunk } from "./merge-blobs.ts";
import { editTree, type TreeEdit } from "./private-index.ts";
import type { Repository } from "./run-git.ts";
import { EMPTY_TREE } from "./git-names.ts";
import {
  diffTrees,
  findRenames,
  listFiles,
  parentsOf,
  treeOf,
  type TreeChange,
} from "./tree-reading.ts";

export type RevertPlan =
  | { kind: "planned"; tree: string; paths: string[]; restored: "exact" | "merged" }
  | { kind: "conflict"; hunks: ConflictHunk[] };

interface File {
  readonly mode: string;
  readonly blob: string;
}

/** One file of the landing: where and what it was before, as landed, and is now. */
interface Unit {
  readonly beforePath: string | undefined;
  readonly before: File | undefined;
  readonly landedPath: string | undefined;
  readonly landed: File | undefined;
  readonly nowPath: string | undefined;
  readonly now: File | undefined;
}

type UnitPlan = { kind: "edits"; edits: TreeEdit[] } | { kind: "conflict"; hunks: ConflictHunk[] };

/**
 * What stood before a landing: the parent it was made on, as recorded when it landed; where nothing
 * is recorded, its first parent, or the empty tree for a first commit. Undefined when the recorded
 * one is no parent of it: a merge must not be taken back along a line nobody knows.
 */
export async function stateBefore(
  repo: Repository,
  commit: string,
  recorded?: string,
): Promise<string | undefined> {
  const parents = await parentsOf(repo, commit);
  if (recorded !== undefined) return parents.find((parent) => parent === recorded);
  return parents[0] ?? EMPTY_TREE;
}

/**
 * Plans the revert of `commit` on top of `head`: commits, `commit` an ancestor of `head`. `before` is
 * the state to go back to, as `stateBefore` names it.
 */
export async function planRevert(
  repo: Repository,
  { commit, before, head }: { commit: string; before: string; head: string },
): Promise<RevertPlan> {
  const touched = await diffTrees(repo, before, commit);
  const now = await listFiles(repo, head);
  const units = await pairUnits(repo, { before, commit, head, touched, now });
  const edits: TreeEdit[] = [];
  const hunks: ConflictHunk[] = [];
  for (const unit of units) {
    const plan = await planUnit(repo, unit);
    if (plan.kind === "edits") edits.push(...plan.edits);
    else hunks.push(...plan.hunks);
  }
  hunks.push(...(await findTakenPaths(repo, edits, units, now)));
  if (hunks.length > 0) return { kind: "conflict", hunks };
  const changing = edits.filter((edit) => changes(edit, now));
  const tree =
    changing.length === 0 ? await treeOf(repo, head) : await editTree(repo, head, changing);
  // P9: read back from the finished tree, not taken from the plan.
  const differing = new Set((await diffTrees(repo, before, tree)).map((change) => change.path));
  const isExact = touched.every((change) => !differing.has(change.path));
  const paths = changing.map((edit) => edit.path).toSorted();
  return { kind: "planned", tree, paths, restored: isExact ? "exact" : "merged" };
}

function changes(edit: TreeEdit, now: ReadonlyMap<string, File>): boolean {
  return edit.kind === "set" ? !isSame(now.get(edit.path), edit) : now.has(edit.path);
}

interface PairInput {
  /** Commits, or the empty tree before a first commit. */
  readonly before: string;
  readonly commit: string;
  readonly head: string;
  readonly touched: readonly TreeChange[];
  readonly now: ReadonlyMap<string, File>;
}

async function pairUnits(repo: Repository, input: PairInput): Promise<Unit[]> {
  const { touched, now } = input;
  const byPath = new Map(touched.map((change) => [change.path, change] as const));
  const statuses = new Set(touched.map((change) => change.status));
  const landedMoves =
    statuses.has("added") && statuses.has("deleted")
      ? await findRenames(repo, input.before, input.commit)
      : new Map<string, string>();
  const isGone = touched.some((change) => change.newBlob !== undefined && !now.has(change.path));
  const laterMoves = isGone
    ? await findRenames(repo, input.commit, input.head)
    : new Map<string, string>();
  const sources = new Map([...landedMoves].map(([from, to]) => [to, from] as const));
  const units: Unit[] = [];
  for (const change of touched) {
    // A file the landing moved is one unit, listed under its new name.
    if (landedMoves.has(change.path) && change.status === "deleted") continue;
    const source = change.status === "added" ? sources.get(change.path) : undefined;
    const origin = source === undefined ? change : (byPath.get(source) ?? change);
    const before = side(origin.oldMode, origin.oldBlob);
    const landed = side(change.newMode, change.newBlob);
    const nowPath = now.has(change.path) ? change.path : laterMoves.get(change.path);
    units.push({
      beforePath: before === undefined ? undefined : origin.path,
      before,
      landedPath: landed === undefined ? undefined : change.path,
      landed,
      nowPath,
      now: nowPath === undefined ? undefined : now.get(nowPath),
    });
  }
  return units;
}

async function planUnit(repo: Repository, unit: Unit): Promise<UnitPlan> {
  const { before, landed, now } = unit;
  if (isSame(now, landed)) return restore(unit);
  // Someone has already put this file back, or deleted what the landing had added.
  const isInPlace = now === undefined || unit.nowPath === unit.beforePath;
  if (isSame(now, before) && isInPlace) return { kind: "edits", edits: [] };
  if (now !== undefined && landed !== undefined && before !== undefined) {
    return await mergeUnit(repo, unit, { before, landed, now });
  }
  const why = now === undefined ? "deleted-later" : "changed-later";
  const path = unit.nowPath ?? unit.landedPath ?? unit.beforePath ?? "";
  const hunk = await wholeFileConflict(repo, path, why, now?.blob, before?.blob);
  return { kind: "conflict", hunks: [hunk] };
}

/** As landed: exactly what was there before. */
function restore(unit: Unit): UnitPlan {
  const target = targetPath(unit);
  const edits: TreeEdit[] = [];
  if (unit.nowPath !== undefined && unit.nowPath !== target) {
    edits.push({ kind: "remove", path: unit.nowPath });
  }
  if (unit.before !== undefined && target !== undefined) {
    edits.push({ kind: "set", path: target, mode: unit.before.mode, blob: unit.before.blob });
  }
  return { kind: "edits", edits };
}

async function mergeUnit(
  repo: Repository,
  unit: Unit,
  files: { before: File; landed: File; now: File },
): Promise<UnitPlan> {
  const { before, landed, now } = files;
  const path = targetPath(unit) ?? "";
  if (![before, landed, now].every((file) => file.mode.startsWith("100"))) {
    const hunk = await wholeFileConflict(repo, path, "changed-later", now.blob, before.blob);
    return { kind: "conflict", hunks: [hunk] };
  }
  // Of two modes, at most one side can differ from the landed one in its own way.
  const mode = now.mode === landed.mode ? before.mode : now.mode;
  const merged = await mergeContent(repo, path, files);
  if (merged.kind === "conflict") return merged;
  const edits: TreeEdit[] = [{ kind: "set", path, mode, blob: merged.blob }];
  if (unit.nowPath !== undefined && unit.nowPath !== path) {
    edits.unshift({ kind: "remove", path: unit.nowPath });
  }
  return { kind: "edits", edits };
}

async function mergeContent(
  repo: Repository,
  path: string,
  { before, landed, now }: { before: File; landed: File; now: File },
) {
  if (now.blob === landed.blob) return { kind: "merged" as const, blob: before.blob };
  if (before.blob === landed.blob || before.blob === now.blob) {
    return { kind: "merged" as const, blob: now.blob };
  }
  return await mergeBlobs(repo, path, {
    ours: now.blob,
    from: landed.blob,
    theirs: before.blob,
  });
}

/**
 * Where the restored file belongs: back at its old name, unless only later work moved it.
 */
function targetPath(unit: Unit): string | undefined {
  const wasMovedLater = unit.nowPath !== undefined && unit.nowPath !== unit.landedPath;
  const wasMovedByLanding = unit.beforePath !== unit.landedPath;
  return wasMovedLater && !wasMovedByLanding ? unit.nowPath : unit.beforePath;
}

/** A restored file must not fall on, or inside, something that came there later. */
async function findTakenPaths(
  repo: Repository,
  edits: readonly TreeEdit[],
  units: readonly Unit[],
  now: ReadonlyMap<string, File>,
): Promise<ConflictHunk[]> {
  const own = new Set(units.map((unit) => unit.nowPath));
  const removed = new Set(edits.filter((edit) => edit.kind === "remove").map((edit) => edit.path));
  const kept = [...now.keys()].filter((path) => !removed.has(path));
  const keptSet = new Set(kept);
  const hunks: ConflictHunk[] = [];
  for (const edit of edits) {
    if (edit.kind !== "set" || own.has(edit.path) || isSame(now.get(edit.path), edit)) continue;
    const parents = edit.path.split("/").map((_, at, parts) => parts.slice(0, at).join("/"));
    const taken =
      (now.has(edit.path) ? edit.path : undefined) ??
      parents.find((parent) => keptSet.has(parent)) ??
      kept.find((path) => path.startsWith(`${edit.path}/`));
    if (taken === undefined) continue;
    const ours = now.get(taken)?.blob;
    hunks.push(await wholeFileConflict(repo, edit.path, "path-taken", ours, edit.blob));
  }
  return hunks;
}

function side(mode: string, blob: string | undefined): File | undefined {
  return blob === undefined ? undefined : { mode, blob };
}

function isSame(a: File | undefined, b: File | undefined): boolean {
  return a?.mode === b?.mode && a?.blob === b?.blob;
}
