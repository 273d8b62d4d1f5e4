/**
 * Takes a landing back out of a remote branch by a new commit on its current head.
 *
 * Decides: whether a landing is reverted. As with landing, the branch remembers: the revert names
 * the commit it undoes and its effect id, and every try looks there first (P1). Never force, never
 * a reset; a lost race means fetch, plan again, push again, so other people's commits stay.
 * On failure: killed or cut off at any point, the same call repeated finds the revert or makes it.
 */
import {
  createCommit,
  EFFECT_TRAILER,
  findTrailers,
  parseTrailers,
  REVERTS_TRAILER,
  trailerValue,
  type CommitText,
  type TrailerMatch,
} from "./commit.ts";
import { checkObjectId } from "./git-names.ts";
import type { ConflictHunk } from "./merge-blobs.ts";
import { findEffect } from "./land-tree.ts";
import { fetchHead, type Mirror } from "./mirror.ts";
import { objectBytes } from "./object-reader.ts";
import { planRevert, stateBefore, type RevertPlan } from "./plan-revert.ts";
import { backOff, MAX_PUSH_ATTEMPTS, pushCommit } from "./push.ts";
import { diffTrees, isAncestor } from "./tree-reading.ts";

export type VerifyOutcome = { kind: "ok" } | { kind: "veto"; reason: string };

export interface RevertLanding extends CommitText {
  readonly branch: string;
  /** The landed commit to take back. */
  readonly commit: string;
  /** What it was landed on. Of a merge commit, what it brought to this parent is taken back; default: the first. */
  readonly parent?: string;
  readonly effectId: string;
  /** Asked about each tree before it is pushed (e.g. does it still build); may veto. */
  readonly verify?: (tree: string) => Promise<VerifyOutcome>;
}

export type RevertOutcome =
  | {
      kind: "reverted";
      commit: string;
      tree: string;
      /** Paths the revert changed. */
      paths: string[];
      /** "exact": every touched path is as before the landing; "merged": later edits were kept. */
      restored: "exact" | "merged";
      /** Pushes tried, 1 when no race was lost. */
      attempts: number;
    }
  | { kind: "already-reverted"; commit: string; tree: string }
  | { kind: "conflict"; hunks: ConflictHunk[] }
  | { kind: "not-landed" }
  | { kind: "refused"; reason: string }
  | { kind: "unreachable"; reason: string };

type Planned = Extract<RevertPlan, { kind: "planned" }>;

/** What stays true while one call retries. */
interface Progress {
  attempts: number;
  /** The last commit pushed, with its plan: recognised when the remote is read again. */
  pushed?: { commit: string; plan: Planned };
  /** The tree the caller last said yes to. */
  verifiedTree?: string;
}

/** What is taken back, with the state that stood before it. */
type Undoing = RevertLanding & { readonly before: string };

/**
 * Reverts one landing. "reverted" means pushed and read back from the remote (P9); "conflict" lists
 * what later work stands in the way; "refused" is the caller's veto or the remote's; "unreachable"
 * leaves the result unknown: call again.
 */
export async function revertLanding(
  mirror: Mirror,
  request: RevertLanding,
): Promise<RevertOutcome> {
  checkObjectId(request.commit);
  const progress: Progress = { attempts: 0 };
  for (let round = 1; round <= MAX_PUSH_ATTEMPTS; round += 1) {
    const head = await fetchHead(mirror, request.branch);
    if (head.kind === "unreachable") return head;
    if (head.kind === "absent") return { kind: "not-landed" };
    const landing = await landingOn(mirror, request, head.sha);
    if (landing === undefined) return { kind: "not-landed" };
    const before = await stateBefore(mirror, landing.commit, landing.parent);
    if (before === undefined)
      return { kind: "refused", reason: `${landing.parent} is no parent of ${landing.commit}` };
    const undoing = { ...request, commit: landing.commit, before };
    const found = await examine(mirror, undoing, head.sha, progress);
    if (found !== undefined) return found;
    const outcome = await tryOnce(mirror, undoing, head.sha, progress);
    if (outcome !== undefined) return outcome;
    if (progress.pushed === undefined) await backOff(round);
  }
  return { kind: "unreachable", reason: `lost the race for the branch ${MAX_PUSH_ATTEMPTS} times` };
}

/**
 * The landing as the branch has it. Where somebody has rewritten the branch by force, its content may
 * still be there in another commit: that one carries the same effect id, and is the one to take back.
 */
async function landingOn(
  mirror: Mirror,
  { commit, parent }: RevertLanding,
  head: string,
): Promise<{ commit: string; parent?: string } | undefined> {
  if (await isAncestor(mirror, commit, head))
    return { commit, ...(parent === undefined ? {} : { parent }) };
  const trailers = parseTrailers((await objectBytes(mirror, commit))?.toString("utf8") ?? "");
  const effectId = trailers.find(([key]) => key === EFFECT_TRAILER)?.[1];
  const twin = effectId && (await findEffect(mirror, effectId, { to: head }));
  return twin ? { commit: twin.commit } : undefined;
}

/** The outcome, when the branch already shows one. */
async function examine(
  mirror: Mirror,
  request: Undoing,
  head: string,
  progress: Progress,
): Promise<RevertOutcome | undefined> {
  const revert = await findRevert(mirror, request, head);
  if (revert === undefined) return undefined;
  const { pushed } = progress;
  if (pushed?.commit === revert.commit && revert.tree === pushed.plan.tree) {
    const { tree, paths, restored } = pushed.plan;
    const { attempts } = progress;
    return { kind: "reverted", commit: revert.commit, tree, paths, restored, attempts };
  }
  return { kind: "already-reverted", commit: revert.commit, tree: revert.tree };
}

/** Plans, asks, pushes. Undefined: look at the remote again. */
async function tryOnce(
  mirror: Mirror,
  request: Undoing,
  head: string,
  progress: Progress,
): Promise<RevertOutcome | undefined> {
  const { commit: landing, before } = request;
  const plan = await planRevert(mirror, { commit: landing, before, head });
  if (plan.kind === "conflict") return plan;
  if (plan.paths.length === 0) return { kind: "already-reverted", commit: head, tree: plan.tree };
  if (request.verify !== undefined && progress.verifiedTree !== plan.tree) {
    const verdict = await request.verify(plan.tree);
    if (verdict.kind === "veto") return { kind: "refused", reason: verdict.reason };
    progress.verifiedTree = plan.tree;
  }
  const commit = await createCommit(mirror, {
    tree: plan.tree,
    parents: [head],
    text: request,
    own: { [REVERTS_TRAILER]: request.commit, [EFFECT_TRAILER]: request.effectId },
  });
  progress.attempts += 1;
  const push = await pushCommit(mirror, request.branch, head, commit);
  if (push.kind === "refused") return push;
  if (push.kind === "race-lost") return undefined;
  if (push.kind === "unreachable") {
    // The push may have gone through although its answer did not come: the branch knows.
    const after = await fetchHead(mirror, request.branch);
    if (after.kind !== "head" || after.sha === head) return push;
  }
  progress.pushed = { commit, plan };
  return undefined;
}

/**
 * The commit that undid the landing and still holds (P1): it carries this effect id, or it says
 * that it reverts the commit, did so, and was not itself reverted later.
 */
async function findRevert(
  mirror: Mirror,
  request: Undoing,
  head: string,
): Promise<TrailerMatch | undefined> {
  const effect = { key: EFFECT_TRAILER, value: trailerValue(request.effectId) };
  const range = { from: request.commit, to: head };
  const matches = await findTrailers(mirror, range, [effect, { key: REVERTS_TRAILER }]);
  const undone = new Set<string>();
  const undoneBy = new Map<string, TrailerMatch>();
  for (const match of matches) {
    if (match.trailers.some(([key, value]) => key === effect.key && value === effect.value)) {
      return match;
    }
    for (const [key, target] of match.trailers) {
      if (key !== REVERTS_TRAILER || undone.has(match.commit)) continue;
      if (target === request.commit && !(await hasUndone(mirror, request, match))) continue;
      undone.add(target);
      undoneBy.set(target, match);
      // Reverting a revert brings its own target back.
      for (const [other, by] of undoneBy) if (by.commit === target) undone.delete(other);
    }
  }
  return undone.has(request.commit) ? undoneBy.get(request.commit) : undefined;
}

/** A trailer alone proves nothing: no path the landing touched may still be as landed. */
async function hasUndone(
  mirror: Mirror,
  { commit, before }: Undoing,
  revert: TrailerMatch,
): Promise<boolean> {
  const touched = await diffTrees(mirror, before, commit);
  const since = await diffTrees(mirror, commit, revert.tree);
  const changed = new Set(since.map((change) => change.path));
  return touched.every((change) => changed.has(change.path));
}
