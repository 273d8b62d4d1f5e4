/**
 * The repository as the models see it: branches that only grow, a fence, and performers that look,
 * then push with a compare-and-swap. A performer may stop for any time between look and push, and
 * goes on as if nothing had been; that is what P1 and P9 have to survive.
 *
 * A tree is the sorted set of the changes in it; landing adds the patch's name, reverting takes it out.
 */
import type { Landing, LandingOutcome, PatchEffect, Revert, RevertOutcome } from "@council/domain";

export interface Commit {
  readonly id: string;
  readonly kind: "root" | "external" | "landing" | "revert" | "level";
  readonly tree: string;
  readonly patchId?: string;
  readonly effectId?: string;
  readonly digest?: string;
  /** The landing a revert takes back. */
  readonly reverts?: string;
}

/** What the repository remembers of a lane besides its branches; moved with every fenced push. */
export interface Fence {
  readonly version: number;
  /** The highest token that pushed. */
  readonly token: number;
  /** Effects that may never land. */
  readonly barred: readonly string[];
}

export interface GitWorld {
  readonly branches: Readonly<Record<string, readonly Commit[]>>;
  readonly fence: Fence;
}

export type LandEffect = Extract<PatchEffect, { type: "land" }>;
export type CancelEffect = Extract<PatchEffect, { type: "cancel-landing" }>;
export type RevertEffect = Extract<PatchEffect, { type: "revert" }>;
export type GitEffect = LandEffect | CancelEffect | RevertEffect;
export type GitAnswer = LandingOutcome | RevertOutcome;

/** What a performer means to do next, from what it saw. */
export type GitPlan =
  | {
      readonly kind: "push";
      readonly branch?: string;
      readonly head?: string;
      readonly commit?: Omit<Commit, "id">;
      /** The fence as it was seen, and as it shall be. */
      readonly fence?: { readonly seen: number; readonly next: Omit<Fence, "version"> };
      /** The answer, once the push went through. */
      readonly reply?: GitAnswer;
    }
  | { readonly kind: "answer"; readonly answer: GitAnswer };

/** Protections that can be left out, to show that the invariants notice. */
export interface GitMutation {
  readonly withoutCompareAndSwap?: boolean;
  readonly withoutEffectCheck?: boolean;
  readonly withoutFence?: boolean;
  /** A landing that finds its base moved answers so without barring its effect first. */
  readonly withoutBarOnMove?: boolean;
}

export const changesOf = (tree: string): string[] => (tree === "" ? [] : tree.split("+"));
const treeOf = (changes: Iterable<string>): string => [...new Set(changes)].sort().join("+");
export const withChange = (tree: string, change: string) => treeOf([...changesOf(tree), change]);
export const withoutChange = (tree: string, change: string) =>
  treeOf(changesOf(tree).filter((one) => one !== change));

export const target = "main";

export function newGit(stageBranches: readonly string[]): GitWorld {
  const root: Commit = { id: `${target}0`, kind: "root", tree: "" };
  const stages = stageBranches.map((branch) => [branch, [{ ...root, id: `${branch}0` }]] as const);
  return {
    branches: { [target]: [root], ...Object.fromEntries(stages) },
    fence: { version: 0, token: 0, barred: [] },
  };
}

export const branchOf = (git: GitWorld, branch: string) => git.branches[branch] ?? [];
export const headOf = (git: GitWorld, branch: string): Commit => branchOf(git, branch).at(-1)!;

export function append(git: GitWorld, branch: string, commit: Omit<Commit, "id">): GitWorld {
  const commits = branchOf(git, branch);
  const added = { ...commit, id: `${branch}${commits.length}` };
  return { ...git, branches: { ...git.branches, [branch]: [...commits, added] } };
}

/** Somebody else's work arrives on the target branch. */
export function moveBase(git: GitWorld, change: string): GitWorld {
  const tree = withChange(headOf(git, target).tree, change);
  return append(git, target, { kind: "external", tree });
}

/** One look at the repository: what is to be done next for this effect. */
export function look(
  git: GitWorld,
  patchId: string,
  effect: GitEffect,
  isPaused: boolean,
  mutation: GitMutation,
): GitPlan {
  switch (effect.type) {
    case "land":
      return lookToLand(git, patchId, effect, isPaused, mutation);
    case "cancel-landing":
      return lookToBar(git, effect, mutation, { kind: "cancelled" });
    case "revert":
      return lookToRevert(git, patchId, effect, mutation);
  }
}

/** The push of a plan, and what comes after it; undefined: look again. */
export function push(
  git: GitWorld,
  plan: GitPlan & { kind: "push" },
  mutation: GitMutation,
): { readonly git: GitWorld; readonly next?: GitPlan } {
  const isHeadSeen = plan.branch === undefined || headOf(git, plan.branch).id === plan.head;
  const isFenceSeen = plan.fence === undefined || git.fence.version === plan.fence.seen;
  const isCurrent =
    (isHeadSeen || mutation.withoutCompareAndSwap === true) &&
    (isFenceSeen || mutation.withoutFence === true);
  if (!isCurrent) return { git };
  const pushed = plan.branch && plan.commit ? append(git, plan.branch, plan.commit) : git;
  const moved = plan.fence
    ? { ...pushed, fence: { version: git.fence.version + 1, ...plan.fence.next } }
    : pushed;
  return plan.reply ? { git: moved, next: { kind: "answer", answer: plan.reply } } : { git: moved };
}

function lookToLand(
  git: GitWorld,
  patchId: string,
  effect: LandEffect,
  isPaused: boolean,
  mutation: GitMutation,
): GitPlan {
  const { effectId, token, branch, candidate } = effect;
  const landing = mutation.withoutEffectCheck ? undefined : landingOf(git, branch, effectId);
  if (landing) return answer({ kind: "landed", stage: effect.stage, ...landing });
  const isFenced = git.fence.token > token || git.fence.barred.includes(effectId);
  if (isFenced && !mutation.withoutFence) return answer({ kind: "cancelled" });
  if (isPaused) return lookToBar(git, effect, mutation, { kind: "cancelled" });
  const targetHead = headOf(git, effect.levelWith ?? branch);
  if (targetHead.id !== candidate.base) {
    const uneven = effect.earlierBranches.find((earlier) => !isLevel(git, earlier, targetHead));
    if (uneven !== undefined) return levelPush(git, uneven, targetHead, token);
    const moved: LandingOutcome = { kind: "base-moved", head: targetHead.id };
    return mutation.withoutBarOnMove ? answer(moved) : lookToBar(git, effect, mutation, moved);
  }
  const head = headOf(git, branch);
  if (effect.levelWith !== undefined && !isLevel(git, branch, targetHead))
    return levelPush(git, branch, targetHead, token);
  const { tree, digest } = candidate;
  const commit = { kind: "landing", tree, patchId, effectId, digest } as const;
  return { kind: "push", branch, head: head.id, commit, fence: fencing(git, token) };
}

/** Sees to it that the effect can never land, or finds that it has. */
function lookToBar(
  git: GitWorld,
  { effectId, token, branch, stage }: LandEffect | CancelEffect,
  mutation: GitMutation,
  reply: LandingOutcome,
): GitPlan {
  const landing = landingOf(git, branch, effectId);
  if (landing) return answer({ kind: "landed", stage, ...landing });
  if (mutation.withoutFence || git.fence.barred.includes(effectId)) return answer(reply);
  const { seen, next } = fencing(git, token);
  const barred = [...next.barred, effectId].sort();
  return { kind: "push", fence: { seen, next: { ...next, barred } }, reply };
}

function lookToRevert(
  git: GitWorld,
  patchId: string,
  effect: RevertEffect,
  mutation: GitMutation,
): GitPlan {
  const reverts: Revert[] = [];
  for (const landing of effect.landings) {
    const commits = branchOf(git, landing.branch);
    const head = headOf(git, landing.branch);
    const done = commits.find((commit) => commit.reverts === landing.commit);
    const isMissing = !changesOf(head.tree).includes(patchId);
    if (!done && (!isMissing || mutation.withoutEffectCheck)) {
      // The tests always fail on the reverted tree: where they bind, nothing is pushed.
      if (effect.check?.isBinding) return answer({ kind: "refused", reason: "tests", reverts });
      const tree = withoutChange(head.tree, patchId);
      const commit = { kind: "revert", tree, patchId, reverts: landing.commit } as const;
      const plan = { kind: "push", branch: landing.branch, head: head.id, commit } as const;
      if (!mutation.withoutEffectCheck) return plan;
      // Without the check every try ends in another revert.
      return { ...plan, reply: { kind: "reverted", reverts } };
    }
    const { id, tree } = done ?? head;
    const { branch, commit } = landing;
    reverts.push({ branch, commit: id, tree, landing: commit, restored: "exact" });
  }
  return answer({ kind: "reverted", reverts });
}

const answer = (outcome: GitAnswer): GitPlan => ({ kind: "answer", answer: outcome });

function landingOf(git: GitWorld, branch: string, effectId: string) {
  const commits = branchOf(git, branch);
  const index = commits.findIndex((commit) => commit.effectId === effectId);
  const found = commits[index];
  if (!found) return undefined;
  const landing: Omit<Landing, "stage"> = {
    branch,
    commit: found.id,
    tree: found.tree,
    parent: commits[index - 1]?.id ?? "",
  };
  return landing;
}

const fencing = ({ fence }: GitWorld, token: number) => ({
  seen: fence.version,
  next: { token: Math.max(fence.token, token), barred: fence.barred },
});

const isLevel = (git: GitWorld, branch: string, targetHead: Commit) =>
  headOf(git, branch).tree === targetHead.tree;

function levelPush(git: GitWorld, branch: string, targetHead: Commit, token: number): GitPlan {
  const commit = { kind: "level", tree: targetHead.tree } as const;
  const head = headOf(git, branch).id;
  return { kind: "push", branch, head, commit, fence: fencing(git, token) };
}
