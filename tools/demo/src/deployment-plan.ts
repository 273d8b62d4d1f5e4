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
 * before. Patches in `ended` (reverted or settled) do not run any more; the branch that was put right does,
 * until its patch is in `measured`: whether the revert helped is seen where the harm was.
 */
export function planDeployment(input: {
  readonly main: BranchHead;
  readonly canary: BranchHead | undefined;
  readonly ended: ReadonlySet<string>;
  readonly measured: ReadonlySet<string>;
}): Deployment {
  const { main, canary, ended, measured } = input;
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
  const [undone] = [main, ...(canary ? [canary] : [])].flatMap((head) => {
    const patchId = revertedPatch(head);
    const stage = head.trailers[trailers.stage] ?? "target";
    return patchId === undefined || measured.has(patchId)
      ? []
      : [{ ...version(head), patchId, stage }];
  });
  if (!undone) return { baseline: version(main) };
  return { baseline: version(main), canary: { ...undone, weight: canaryWeight } };
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
