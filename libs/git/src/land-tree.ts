/**
 * Lands an audited tree on a remote branch.
 *
 * Decides: whether a landing happened. The effect id stands in the commit's trailer, so the branch
 * itself remembers; every try looks there before it pushes (P1). The push swaps the branch from the
 * audited base and nothing else; afterwards the remote is read again and must hold the asked tree (P9).
 * On failure: killed or cut off at any point, the same call repeated finds the landing or makes it.
 */
import {
  createCommit,
  EFFECT_TRAILER,
  findTrailers,
  trailerValue,
  type CommitText,
} from "./commit.ts";
import { branchRef, checkObjectId } from "./git-names.ts";
import { fetchHead, type Mirror } from "./mirror.ts";
import { backOff, MAX_PUSH_ATTEMPTS, pushRefs } from "./push.ts";
import { type Barred, type Fence, fenceUpdate, readFence } from "./fence.ts";
import { hasCommit, hasTree, isAncestor, parentsOf, treeOf } from "./tree-reading.ts";

export interface LandTree extends CommitText {
  readonly branch: string;
  /** The audited base: the branch's head for the landing to go ahead, and the commit's parent. */
  readonly base: string;
  /** The audited tree. */
  readonly tree: string;
  /** Names this landing for ever; a second call with the same id lands nothing. */
  readonly effectId: string;
  /** The lane this landing belongs to and the token it was granted; absent: no lane guards the branch. */
  readonly fence?: Fence;
}

export interface Landing {
  readonly commit: string;
  readonly tree: string;
  readonly parent: string;
}

export type LandOutcome =
  | ({ kind: "landed"; pushedAt: Date } & Landing)
  | ({ kind: "already-landed" } & Landing)
  | { kind: "base-moved"; head: string }
  | Barred
  | { kind: "refused"; reason: string }
  | { kind: "unreachable"; reason: string };

export type LandedOutcome =
  | ({ kind: "landed" } & Landing)
  | { kind: "not-landed"; head?: string }
  | { kind: "unreachable"; reason: string };

/**
 * Lands `tree` as one commit on top of `base`. Outcomes: "landed" (pushed and verified in the
 * remote), "already-landed" (this effect id was found there), "base-moved", "refused" (by the
 * remote, or because the request cannot be met), "unreachable" (unknown: call again).
 */
export async function landTree(mirror: Mirror, request: LandTree): Promise<LandOutcome> {
  checkObjectId(request.base);
  const progress: Progress = {};
  for (let attempt = 1; attempt <= MAX_PUSH_ATTEMPTS; attempt += 1) {
    const outcome = await tryLanding(mirror, request, progress);
    if (outcome !== "again") return outcome;
    if (progress.pushedAt === undefined) await backOff(attempt);
  }
  return {
    kind: "unreachable",
    reason: `the branch could not be moved in ${MAX_PUSH_ATTEMPTS} tries`,
  };
}

/** What one call has done so far: its commit is recognised when the remote is read again. */
interface Progress {
  commit?: string | undefined;
  pushedAt?: Date;
}

async function tryLanding(
  mirror: Mirror,
  request: LandTree,
  progress: Progress,
): Promise<LandOutcome | "again"> {
  // The fence is read before the branch and swapped with it: whoever bars this landing in between wins.
  const fence = await readFence(mirror, request.fence, request.effectId);
  if (fence.kind === "unreachable") return fence;
  const head = await fetchHead(mirror, request.branch);
  if (head.kind === "unreachable") return head;
  if (head.kind === "absent") return { kind: "refused", reason: "the branch does not exist" };
  if (head.sha !== request.base) {
    const found = await examine(mirror, request, head.sha);
    const { commit, pushedAt } = progress;
    const isMine = found.kind === "already-landed" && found.commit === commit;
    return isMine && pushedAt !== undefined ? { ...found, kind: "landed", pushedAt } : found;
  }
  if (fence.kind !== "open") return fence;
  progress.commit ??= await prepare(mirror, request);
  const { commit } = progress;
  if (commit === undefined)
    return { kind: "refused", reason: "the tree is empty of change or unknown" };
  const move = { ref: branchRef(request.branch), expected: request.base, commit };
  const push = await pushRefs(mirror, [move, ...(await fenceUpdate(mirror, fence, request))]);
  if (push.kind === "refused") return push;
  if (push.kind === "unreachable") return await afterLostReply(mirror, request, push.reason);
  if (push.kind === "pushed") progress.pushedAt = new Date();
  return "again";
}

/** Whether an effect (by id) or a commit is on the remote branch now. */
export async function isLanded(
  mirror: Mirror,
  branch: string,
  what: { readonly effectId: string; readonly from?: string } | { readonly commit: string },
): Promise<LandedOutcome> {
  const head = await fetchHead(mirror, branch);
  if (head.kind === "unreachable") return head;
  if (head.kind === "absent") return { kind: "not-landed" };
  const found =
    "commit" in what
      ? await landingOf(mirror, what.commit, head.sha)
      : await findEffect(mirror, what.effectId, await rangeOf(mirror, what.from, head.sha));
  return found === undefined
    ? { kind: "not-landed", head: head.sha }
    : { kind: "landed", ...found };
}

/** `from` narrows the search when the mirror has it; without it the whole branch is read. */
async function rangeOf(
  mirror: Mirror,
  from: string | undefined,
  to: string,
): Promise<{ from?: string; to: string }> {
  return from !== undefined && (await hasCommit(mirror, from)) ? { from, to } : { to };
}

/** The first commit of the range that carries the effect id. */
export async function findEffect(
  mirror: Mirror,
  effectId: string,
  range: { readonly from?: string; readonly to: string },
): Promise<Landing | undefined> {
  const wanted = [{ key: EFFECT_TRAILER, value: trailerValue(effectId) }];
  const [first] = await findTrailers(mirror, range, wanted);
  return first && { commit: first.commit, tree: first.tree, parent: first.parents[0] ?? "" };
}

async function prepare(mirror: Mirror, request: LandTree): Promise<string | undefined> {
  if (!(await hasTree(mirror, request.tree))) return undefined;
  if ((await treeOf(mirror, request.base)) === request.tree) return undefined;
  return await createCommit(mirror, {
    tree: await treeOf(mirror, request.tree),
    parents: [request.base],
    text: request,
    own: { [EFFECT_TRAILER]: request.effectId },
  });
}

/** The branch is not at the base: because this effect is on it (P1), or because it moved. */
async function examine(mirror: Mirror, request: LandTree, head: string): Promise<LandOutcome> {
  if (!(await hasCommit(mirror, request.base))) {
    return { kind: "refused", reason: "the base is no commit of the remote" };
  }
  const found = await findEffect(mirror, request.effectId, { from: request.base, to: head });
  if (found === undefined) return { kind: "base-moved", head };
  // P9: a commit with our effect id but another tree is not our landing, whoever wrote it.
  if (found.tree !== request.tree || found.parent !== request.base) {
    return { kind: "refused", reason: `${found.commit} carries this effect id with another tree` };
  }
  return { kind: "already-landed", ...found };
}

/** The push may have gone through although its answer did not come: the branch knows. */
async function afterLostReply(
  mirror: Mirror,
  request: LandTree,
  reason: string,
): Promise<LandOutcome> {
  const head = await fetchHead(mirror, request.branch);
  if (head.kind !== "head" || head.sha === request.base) return { kind: "unreachable", reason };
  return await examine(mirror, request, head.sha);
}

async function landingOf(
  mirror: Mirror,
  commit: string,
  head: string,
): Promise<Landing | undefined> {
  if (!(await isAncestor(mirror, commit, head))) return undefined;
  const tree = await treeOf(mirror, commit);
  return { commit, tree, parent: (await parentsOf(mirror, commit))[0] ?? "" };
}
