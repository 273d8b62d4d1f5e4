/** What should run, from what the branches say. Pure. */
import { trailers } from "@council/contracts";

/** The newest commit of a branch. */
export interface BranchHead {
  readonly commit: string;
  readonly tree: string;
  /** First parent and its tree; absent for a root. */
  readonly parent?: { readonly commit: string; readonly tree: string };
  readonly trailers: Readonly<Record<string, string>>;
}

export interface Version {
  readonly commit: string;
  readonly tree: string;
}

export interface Watched extends Version {
  readonly patchId: string;
  readonly stage: string;
  /** The share of requests it gets, 0–1. */
  readonly weight: number;
}

export interface Deployment {
  readonly baseline: Version;
  readonly canary?: Watched;
}

const canaryWeight = 0.3;
const targetWeight = 0.5;

/**
 * A landing on the canary branch runs beside main; a landing on main runs beside what main was
 * before. Patches in `ended` (reverted or settled) are not watched any more.
 */
export function planDeployment(input: {
  readonly main: BranchHead;
  readonly canary: BranchHead | undefined;
  readonly ended: ReadonlySet<string>;
}): Deployment {
  const { main, canary, ended } = input;
  const version = ({ commit, tree }: Version): Version => ({ commit, tree });
  const onCanary = canary && landedPatch(canary, "canary");
  if (canary && onCanary && !ended.has(onCanary) && canary.tree !== main.tree)
    return {
      baseline: version(main),
      canary: { ...version(canary), patchId: onCanary, stage: "canary", weight: canaryWeight },
    };
  const onTarget = landedPatch(main, "target");
  if (onTarget && main.parent && !ended.has(onTarget) && main.parent.tree !== main.tree)
    return {
      baseline: version(main.parent),
      canary: { ...version(main), patchId: onTarget, stage: "target", weight: targetWeight },
    };
  return { baseline: version(main) };
}

/** The patch that this commit lands at `stage`, if it is such a landing. */
function landedPatch(head: BranchHead, stage: string): string | undefined {
  return head.trailers[trailers.stage] === stage && head.trailers[trailers.reverts] === undefined
    ? head.trailers[trailers.patch]
    : undefined;
}

/** The patch that this commit takes back, if it is a revert. */
export function revertedPatch(head: BranchHead): string | undefined {
  return head.trailers[trailers.reverts] === undefined ? undefined : head.trailers[trailers.patch];
}
