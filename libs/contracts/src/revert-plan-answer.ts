import type { RollbackPlan } from "@council/domain";

/** Both sides of a place where a revert and later work meet. */
export interface ConflictSides {
  readonly path: string;
  /** In one word what stands in the way, such as `content` or `changed-later`. */
  readonly why: string;
  /** What stands on the branch now; empty when the file is gone or is not text. */
  readonly ours: string;
  /** What the revert would put there; empty when it would delete the file. */
  readonly theirs: string;
}

export interface BranchPlan {
  readonly branch: string;
  /** The commit of the branch this was worked out on; a newer one may need another plan. */
  readonly head: string;
  readonly landing: string;
  readonly plan:
    | RollbackPlan
    | { readonly kind: "already-reverted" }
    | { readonly kind: "not-landed" };
  /** What stands in the way of the patch by itself: both sides of every place. */
  readonly hunks: readonly ConflictSides[];
}

/** As `GET /v1/patches/:id/revert-plan` answers it. */
export interface RevertPlanAnswer {
  readonly patch: string;
  /** Someone else's patches, or work, would have to go with it: a person decides. */
  readonly needsPerson: boolean;
  /** Patches to ask a rollback for, one after the other: each once the one before it is reverted. */
  readonly patches: readonly string[];
  readonly branches: readonly BranchPlan[];
}
