import type { Suspicion } from "../attribution.ts";
import type { Observation } from "../observation/observation.ts";
import type { Suspension } from "../budget/spend-ledger.ts";
import type { Requirement, Verdict, Vote } from "../quorum.ts";
import type { Stop } from "../governance/stop.ts";
import type { Waiver } from "../governance/waiver.ts";
import type { Seat } from "../policy.ts";
import type { Seal } from "./command.ts";
import type {
  Candidate,
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
  Slot,
} from "./patch.ts";

/** Why a patch is taken back, with the facts that say so. */
export type RevertCause =
  | {
      readonly kind: "breach";
      readonly stage: string;
      readonly observation: Observation;
      /** How all live patches were judged, likeliest first, where samples cannot be told apart. */
      readonly ranking?: readonly Suspicion[];
    }
  | {
      readonly kind: "request";
      readonly actor: string;
      readonly reason: string;
      readonly joint?: JointRollback;
    };

/**
 * Too few heads could vote, or agree, or a builder could not render, while these may not spend;
 * `recheckAt` 0 waits for a person.
 */
export interface BudgetHold {
  readonly kind: "budget";
  /** The renders that are asked for again; absent when it is the round that begins anew. */
  readonly slots?: readonly Slot[];
  readonly suspended: readonly Suspension[];
  readonly detail: string;
  readonly recheckAt: number;
}

export type HoldReason =
  | { readonly kind: "undecided"; readonly verdict: Verdict }
  | BudgetHold
  | { readonly kind: "autonomy"; readonly detail: string }
  | { readonly kind: "inconclusive"; readonly stage: string; readonly observation: Observation }
  /** Harm was seen, and another live patch is the likelier cause: it is taken back first. */
  | { readonly kind: "suspected"; readonly stage: string; readonly observation: Observation }
  /** Landings are stopped for all of Council. */
  | { readonly kind: "paused" }
  /** This patch, its author or its repository is stopped. */
  | { readonly kind: "stopped"; readonly stop: Stop }
  | { readonly kind: "frozen"; readonly reason: string; readonly until: number }
  /** The author's quota is used up, or the cooldown after a revert is not over. */
  | { readonly kind: "limited"; readonly detail: string; readonly until: number };

/** What happened, in the order it happened; the ledger holds these and nothing else. */
export type PatchEvent =
  | { readonly type: "PatchSubmitted"; readonly patch: Patch }
  | { readonly type: "RenderingStarted"; readonly slots: readonly Slot[] }
  | { readonly type: "RenderRecorded"; readonly render: Render }
  | {
      readonly type: "RenderFailed";
      readonly slot: Slot;
      readonly reason: string;
      /** The builder could not pay; the render is not given up. */
      readonly suspension?: Suspension;
    }
  | { readonly type: "ComparisonStarted"; readonly base: GitId }
  | { readonly type: "ComparisonRecorded"; readonly comparison: Comparison }
  | {
      readonly type: "AuditStarted";
      readonly nonce: string;
      readonly candidate: Candidate;
      readonly seats: readonly Seat[];
      readonly requirement: Requirement;
      /** Seats that are not asked in this round. */
      readonly suspended: readonly Suspension[];
      /** What is waived in this round; absent when nothing is. */
      readonly waivers?: readonly Waiver[];
      /** P6: heads whose votes of the round before count in this one; absent when there are none. */
      readonly carried?: readonly string[];
    }
  /** The heads asked so far did not decide. */
  | { readonly type: "SeatsAsked"; readonly heads: readonly string[] }
  | { readonly type: "VoteSealed"; readonly head: string; readonly seal: Seal }
  /** Late, stale, forged or double: it takes no vote from the round. */
  | { readonly type: "SealRefused"; readonly head: string; readonly reason: string }
  | {
      readonly type: "VotesUnsealed";
      readonly heads: readonly string[];
      readonly absent: readonly string[];
    }
  | { readonly type: "VoteRecorded"; readonly vote: Vote; readonly key: string }
  /** An opened seal that held no countable vote. */
  | { readonly type: "VoteRefused"; readonly head: string; readonly reason: string }
  | { readonly type: "VerdictReached"; readonly verdict: Verdict }
  | { readonly type: "Held"; readonly reason: HoldReason }
  /** One person's yes; the patch goes on when no step misses one. */
  | {
      readonly type: "Approved";
      readonly actor: string;
      readonly reason: string;
      readonly step: string;
      /** Whose token it was; `actor` where several may hold it. */
      readonly by: string;
      readonly onBehalfOf?: string;
      readonly at: number;
    }
  | { readonly type: "Denied"; readonly actor: string; readonly reason: string }
  /** Freezes and limits do not hold this patch until then. */
  | {
      readonly type: "BypassGranted";
      readonly actor: string;
      readonly reason: string;
      readonly until: number;
    }
  | { readonly type: "Resumed" }
  | { readonly type: "LaneRequested"; readonly stage: string }
  | {
      readonly type: "LandingStarted";
      readonly stage: string;
      readonly token: number;
      readonly effectId: string;
      /** Patches that were live on the branch already and touch nothing of this one's. */
      readonly beside?: readonly string[];
      /** Patches that tests had taken back on this lane by then: with `token`, the place in its row (P5). */
      readonly discoveries?: number;
    }
  | { readonly type: "Landed"; readonly landing: Landing }
  | { readonly type: "BaseMoved"; readonly from: GitId; readonly to: GitId }
  | {
      readonly type: "WatchStarted";
      readonly stage: string;
      /** The level its tests were given (`levelAt`), where the policy holds a ratio over many patches. */
      readonly level?: number;
      /** A watch on fresh samples, after another patch was taken back: its own place in the row (P5). */
      readonly token?: number;
      readonly discoveries?: number;
    }
  | { readonly type: "WatchExtended"; readonly stage: string; readonly observation: Observation }
  | { readonly type: "StagePassed"; readonly stage: string; readonly observation: Observation }
  | {
      readonly type: "RevertStarted";
      readonly cause: RevertCause;
      readonly effectId: string;
      readonly at: number;
    }
  | { readonly type: "RevertRequested"; readonly cause: RevertCause }
  | { readonly type: "RollbackOverdue"; readonly timeoutMs: number }
  | {
      readonly type: "Reverted";
      readonly reverts: readonly Revert[];
      readonly drain?: Drain;
      readonly check?: RevertCheck;
    }
  | {
      readonly type: "RevertBlocked";
      readonly reason: string;
      readonly hunks: readonly ConflictHunk[];
      readonly reverts: readonly Revert[];
      readonly drain?: Drain;
      readonly check?: RevertCheck;
    }
  /** What was measured after a breach was taken back. */
  | { readonly type: "RecoveryJudged"; readonly observation: Observation }
  | { readonly type: "Settled" }
  | { readonly type: "Rejected"; readonly reason: string; readonly verdict?: Verdict }
  | { readonly type: "Failed"; readonly reason: string }
  | { readonly type: "Superseded"; readonly by: string }
  | { readonly type: "Withdrawn"; readonly actor: string; readonly reason: string };

export type PatchEventType = PatchEvent["type"];
