import type { Suspicion } from "../attribution.ts";
import type { Suspension } from "../budget/spend-ledger.ts";
import type { Operator } from "../governance/operator.ts";
import type { Observation } from "../observation/observation.ts";
import type { Vote } from "../quorum.ts";
import type {
  Comparison,
  ConflictHunk,
  Drain,
  GitId,
  JointRollback,
  Landing,
  Patch,
  Render,
  Revert,
  RevertCheck,
  Sha256,
  Slot,
} from "./patch.ts";

export type DeadlineName =
  | "render"
  | "compare"
  | "audit"
  | "watch"
  | "rollback"
  | "recovery"
  | "recheck"
  | "approval";

/** An encrypted vote: nobody can read it before its head gives up the key. */
export interface Seal {
  readonly ciphertext: string;
  /** SHA-256 of the signed envelope inside. */
  readonly commitment: Sha256;
}

/** What became of a seal once its key was known and the signature checked. */
export type Opening =
  | {
      readonly kind: "valid";
      readonly vote: Vote;
      /** What opened the seal: with it anybody can check the signed vote again (P5). */
      readonly key: string;
    }
  | { readonly kind: "invalid"; readonly reason: string };

export type LandingOutcome =
  | ({ readonly kind: "landed" } & Landing)
  | { readonly kind: "base-moved"; readonly head: GitId }
  /** Kept from landing, for good: the fence in the repository bars this effect id. */
  | { readonly kind: "cancelled" }
  | { readonly kind: "refused"; readonly reason: string };

export type RevertOutcome = (
  | { readonly kind: "reverted" }
  | { readonly kind: "conflict"; readonly hunks: readonly ConflictHunk[] }
  | { readonly kind: "refused"; readonly reason: string }
) & {
  readonly reverts: readonly Revert[];
  /** Present when traffic was to be taken away first. */
  readonly drain?: Drain;
  /** Present when the tests were to run on the reverted tree. */
  readonly check?: RevertCheck;
};

/** Everything that can be asked of a patch. */
export type PatchCommand =
  | { readonly type: "submit"; readonly patch: Patch }
  | { readonly type: "record-render"; readonly slot: Slot; readonly render: Render }
  | {
      readonly type: "fail-render";
      readonly slot: Slot;
      readonly reason: string;
      /** It failed for want of money alone. */
      readonly suspension?: Suspension;
    }
  | { readonly type: "record-comparison"; readonly base: GitId; readonly comparison: Comparison }
  | {
      readonly type: "record-seal";
      readonly head: string;
      readonly nonce: string;
      readonly seal: Seal;
    }
  | {
      readonly type: "record-opening";
      readonly head: string;
      readonly nonce: string;
      readonly opening: Opening;
    }
  | {
      readonly type: "grant-lane";
      readonly token: number;
      /** Patches that are live on the branch already. */
      readonly beside?: readonly string[];
      /** Patches that tests had taken back on this lane by then; absent is none. */
      readonly discoveries?: number;
    }
  /** Of all live patches this one is the likeliest to have done the harm. */
  | {
      readonly type: "take-blame";
      readonly stage: string;
      readonly observation: Observation;
      readonly ranking: readonly Suspicion[];
    }
  /** Another was taken back: what was seen before says nothing any more. */
  | { readonly type: "watch-anew"; readonly token: number; readonly discoveries: number }
  | { readonly type: "record-landing"; readonly effectId: string; readonly outcome: LandingOutcome }
  | {
      readonly type: "record-observation";
      readonly stage: string;
      /** The watch that was asked for; a verdict on an earlier landing is no evidence for this one. */
      readonly token: number;
      readonly observation: Observation;
    }
  | { readonly type: "record-revert"; readonly effectId: string; readonly outcome: RevertOutcome }
  | { readonly type: "reach-deadline"; readonly deadline: DeadlineName; readonly epoch: number }
  | ({ readonly type: "request-rollback" } & RollbackRequest)
  | ({ readonly type: "approve" } & ByOperator)
  | ({ readonly type: "deny" } & ByOperator)
  | ({ readonly type: "bypass"; readonly until: number } & ByOperator)
  | { readonly type: "withdraw"; readonly actor: string; readonly reason: string }
  | { readonly type: "supersede"; readonly by: string };

/** What is asked of a patch that has to go, and of the others of its set after it. */
export interface RollbackRequest {
  readonly actor: string;
  readonly reason: string;
  readonly joint?: JointRollback;
}

/** `by` is who the token belongs to, `actor` what the ledger calls them: they differ behind a shared token. */
interface ByOperator {
  readonly by: Operator;
  readonly actor: string;
  readonly reason: string;
}

export type PatchCommandType = PatchCommand["type"];
