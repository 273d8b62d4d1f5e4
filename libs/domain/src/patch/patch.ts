import type { Reach } from "../claim.ts";
import type { Policy, Tier } from "../policy.ts";

/** A commit or tree id of the repository's git, lower-case hexadecimal. */
export type GitId = string;
/** Lower-case hexadecimal SHA-256. */
export type Sha256 = string;

/** The two independent renders of one task. */
export type Slot = "a" | "b";

/** What a builder is asked to do. */
export interface Task {
  readonly title: string;
  readonly instructions: string;
}

/** What the author of a patch declares it will do; anything beyond it is a rejection. */
export interface ActionSheet {
  /** Glob patterns of the paths the patch may touch. */
  readonly paths: readonly string[];
  /** Highest tier the patch claims to stay within. */
  readonly tier?: Tier;
}

/** What came in, never changed afterwards. */
export interface Patch {
  readonly id: string;
  readonly repository: string;
  readonly targetBranch: string;
  /** The commit the author worked from. */
  readonly base: GitId;
  /** The submitted unified diff (digest of its blob), which then is render A. */
  readonly diff?: Sha256;
  /** The task, from which the missing renders are made. */
  readonly task?: Task;
  readonly sheet?: ActionSheet;
  readonly title: string;
  readonly author: string;
  /** Whose signature the delivery carried. */
  readonly sender: string;
  /** The name another system knows the patch by, for example a pull request. */
  readonly externalId?: string;
  /** The commit a forge showed the change at; reports go there, and a merge is asked for exactly it. */
  readonly head?: GitId;
  /** The earlier revision this one replaces. */
  readonly supersedes?: string;
  /** The patch that was taken back and is brought again by this one, and who asked for that. */
  readonly relands?: { readonly patchId: string; readonly actor: string; readonly reason: string };
  readonly submittedAt: number;
  /** The policy in force at submission; the patch is judged by it to its end. */
  readonly policy: Policy;
}

/** One builder's answer to the task, as a unified diff against the base. */
export interface Render {
  readonly slot: Slot;
  readonly diff: Sha256;
  readonly provider: string;
  readonly family: string;
  readonly explanation?: string;
}

/** What exactly may land: `digest` is the SHA-256 over base, tree and diff. */
export interface Candidate {
  readonly base: GitId;
  readonly tree: GitId;
  readonly diff: Sha256;
  readonly digest: Sha256;
  readonly semanticDigest: Sha256;
  /** The same whatever its local names are; absent where no syntax was read. */
  readonly alphaDigest?: Sha256;
  readonly tier: Tier;
  readonly riskTags: readonly string[];
  readonly paths: readonly string[];
}

/** Structural distance between the renders, 0–1, as an interval that is certain to hold it. */
export type Variance =
  | { readonly kind: "measured"; readonly low: number; readonly high: number }
  | { readonly kind: "unknown"; readonly reason: string };

/** The diff engine's answer: what would land, and how far the two renders agree. */
export type Comparison =
  | {
      readonly kind: "compared";
      readonly candidate: Candidate;
      readonly variance: Variance;
      /** Divergences between the renders that no small percentage excuses. */
      readonly critical: readonly string[];
      /** Names the change touches; absent when they are unknown or too many. */
      readonly reach?: Reach;
      /** Digest of the stored report for people to look at. No decision reads it. */
      readonly report?: Sha256;
    }
  | { readonly kind: "refused"; readonly reason: string };

/** A landing that is on a branch. */
export interface Landing {
  readonly stage: string;
  readonly branch: string;
  readonly commit: GitId;
  readonly tree: GitId;
  readonly parent: GitId;
  /** Share of the traffic it was given, 0–100; absent when nobody steers traffic. */
  readonly weightPercent?: number;
}

/** A revert that is on a branch. */
export interface Revert {
  readonly branch: string;
  readonly commit: GitId;
  readonly tree: GitId;
  readonly landing: GitId;
  /** `exact`: every touched path is as before the landing. `merged`: later edits elsewhere were kept. */
  readonly restored: "exact" | "merged";
}

/** Patches that only go together, newest first: one rollback after the other. */
export interface JointRollback {
  /** The patch that somebody wants gone; it goes last. */
  readonly target: string;
  /** Those that are gone. */
  readonly done: readonly string[];
  /** Those to go after this one, in order. */
  readonly rest: readonly string[];
}

/** Whether the canary was without traffic when the revert began; a failure never held the revert up. */
export type Drain =
  | { readonly kind: "drained" }
  | { readonly kind: "failed"; readonly reason: string };

/** What the repository's tests said of the tree a revert leads to. */
export type RevertCheck =
  | { readonly kind: "passed" }
  | { readonly kind: "failed"; readonly reason: string }
  /** They were not run to their end; that says nothing about the revert (P3). */
  | { readonly kind: "inconclusive"; readonly reason: string };

/** Both sides of a path that could not be reverted without a person. */
export interface ConflictHunk {
  readonly branch: string;
  readonly path: string;
  readonly ours: string;
  /** What stood there before the landing, and the revert would put back. */
  readonly before: string;
}
