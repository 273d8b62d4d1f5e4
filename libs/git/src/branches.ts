import { createCommit, SYNC_TRAILER, type CommitText } from "./commit.ts";
import { type Barred, type Fence, fenceUpdate, readFence } from "./fence.ts";
import { branchRef, checkObjectId } from "./git-names.ts";
import { findEffect, type Landing } from "./land-tree.ts";
import { fetchHead, type Mirror } from "./mirror.ts";
import { backOff, MAX_PUSH_ATTEMPTS, pushCommit, pushRefs } from "./push.ts";
import { hasCommit, treeOf } from "./tree-reading.ts";

export type EnsureOutcome =
  | { kind: "created"; head: string }
  | { kind: "exists"; head: string }
  | { kind: "refused"; reason: string }
  | { kind: "unreachable"; reason: string };

export type SyncOutcome =
  | { kind: "in-sync"; head: string }
  | { kind: "synced"; head: string; tree: string }
  | Barred
  /** The effect the levelling was for is on the branch already; levelling would bury it. */
  | ({ kind: "landed" } & Landing)
  | { kind: "refused"; reason: string }
  | { kind: "unreachable"; reason: string };

export interface SyncBranch extends CommitText {
  /** The branch that follows. */
  readonly branch: string;
  /** The branch whose tree it takes over. */
  readonly target: string;
  readonly effectId: string;
  readonly fence?: Fence;
}

/** Creates a remote branch at a commit unless the branch exists; an existing one is left alone. */
export async function ensureBranch(
  mirror: Mirror,
  request: { readonly branch: string; readonly at: string },
): Promise<EnsureOutcome> {
  checkObjectId(request.at);
  for (let attempt = 1; attempt <= MAX_PUSH_ATTEMPTS; attempt += 1) {
    const head = await fetchHead(mirror, request.branch);
    if (head.kind === "unreachable") return head;
    if (head.kind === "head") return { kind: "exists", head: head.sha };
    if (!(await hasCommit(mirror, request.at))) {
      return { kind: "refused", reason: "the commit is not in the mirror" };
    }
    const push = await pushCommit(mirror, request.branch, undefined, request.at);
    if (push.kind === "pushed") return { kind: "created", head: request.at };
    if (push.kind !== "race-lost") return push;
    await backOff(attempt);
  }
  return { kind: "unreachable", reason: "the branch could not be created" };
}

/**
 * Makes the tree of `branch` that of `target` by a merge commit with both heads as parents: history
 * only grows, nothing is forced. Equal trees are "in-sync", so a second call does nothing. A branch
 * that carries the effect, landed or landed and reverted, is left as it is: "landed".
 */
export async function syncBranch(mirror: Mirror, request: SyncBranch): Promise<SyncOutcome> {
  for (let attempt = 1; attempt <= MAX_PUSH_ATTEMPTS; attempt += 1) {
    const fence = await readFence(mirror, request.fence, request.effectId);
    if (fence.kind !== "open") return fence;
    // P9: the branch is read first. A revert goes to the target before it goes to the branch: read the
    // other way round, an old target would bring back on the branch what was just reverted there.
    const branch = await fetchHead(mirror, request.branch);
    const target = await fetchHead(mirror, request.target);
    if (target.kind === "unreachable") return target;
    if (branch.kind === "unreachable") return branch;
    if (target.kind === "absent" || branch.kind === "absent") {
      return { kind: "refused", reason: "a branch does not exist" };
    }
    // P1: a twin may have landed since the caller looked. It is the head that is swapped that counts.
    const range = { from: target.sha, to: branch.sha };
    const landed = await findEffect(mirror, request.effectId, range);
    if (landed !== undefined) return { kind: "landed", ...landed };
    const tree = await treeOf(mirror, target.sha);
    if ((await treeOf(mirror, branch.sha)) === tree) return { kind: "in-sync", head: branch.sha };
    const commit = await createCommit(mirror, {
      tree,
      parents: [branch.sha, target.sha],
      text: request,
      own: { [SYNC_TRAILER]: request.effectId },
    });
    const move = { ref: branchRef(request.branch), expected: branch.sha, commit };
    const push = await pushRefs(mirror, [move, ...(await fenceUpdate(mirror, fence, request))]);
    if (push.kind === "pushed") return { kind: "synced", head: commit, tree };
    if (push.kind !== "race-lost") return push;
    await backOff(attempt);
  }
  return { kind: "unreachable", reason: "the branch could not be moved" };
}
