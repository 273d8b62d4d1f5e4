import type { Suspension } from "../budget/spend-ledger.ts";
import type { Observation } from "../observation/observation.ts";
import type { Requirement, Verdict, Vote } from "../quorum.ts";
import type { Approval } from "../governance/approval.ts";
import type { Waiver } from "../governance/waiver.ts";
import type { Seat } from "../policy.ts";
import type { Seal } from "./command.ts";
import type { BudgetHold, HoldReason, RevertCause } from "./event.ts";
import type {
  Candidate,
  Comparison,
  ConflictHunk,
  GitId,
  Landing,
  Patch,
  Render,
  Revert,
  Slot,
} from "./patch.ts";

/** One round of voting on one candidate. */
export interface AuditRound {
  readonly nonce: string;
  readonly seats: readonly Seat[];
  readonly requirement: Requirement;
  /** Heads asked at present; those of earlier waves have voted or stayed silent. */
  readonly asked: readonly string[];
  /** Heads not asked yet, and not to be asked if the others decide. */
  readonly later: readonly string[];
  /** What was waived when the round began; absent when nothing was. */
  readonly waivers?: readonly Waiver[];
  /** Seats that are not asked: they may not spend. */
  readonly suspended: readonly Suspension[];
  readonly phase: "sealing" | "revealing";
  readonly seals: Readonly<Record<string, Seal>>;
  /** Heads whose key is awaited. */
  readonly awaited: readonly string[];
  readonly votes: readonly Vote[];
}

/** What has been established about a patch so far; each state adds its own. */
export interface Dossier {
  readonly patch: Patch;
  /** Grows with every change of kind; a deadline of an older epoch says nothing. */
  readonly epoch: number;
  readonly base: GitId;
  readonly renders: Partial<Record<Slot, Render>>;
  readonly rebases: number;
  readonly comparison?: Comparison;
  readonly verdict?: Verdict;
  readonly votes: readonly Vote[];
  readonly landings: readonly Landing[];
  /** The newest fencing token a landing was started with; 0 before the first. */
  readonly latestToken: number;
  readonly reverts: readonly Revert[];
  readonly cause?: RevertCause;
  /** Somebody let it past freezes and limits. */
  readonly bypass?: Bypass;
}

/** A way past freezes and limits, and past nothing else. */
export interface Bypass {
  readonly actor: string;
  readonly reason: string;
  readonly until: number;
}

/** A render that waits for money, and whose. */
export interface UnpaidRender {
  readonly slot: Slot;
  readonly suspension: Suspension;
}

/** The watch after a breach was taken back, and what it saw in the end. */
export interface RecoveryWatch {
  readonly stage: string;
  readonly token: number;
  readonly observation?: Observation;
}

/** From the audit on there is a candidate, and it does not change. */
export interface Audited extends Dossier {
  readonly candidate: Candidate;
}

interface HeldAudited extends Audited {
  readonly reason: HoldReason;
  readonly token?: number;
  /** Given so far for this candidate; absent before the first. */
  readonly approvals?: readonly Approval[];
}

/** Builders wait for money: there is no candidate yet, so nothing that anybody could approve (P2). */
interface HeldUnrendered extends Dossier {
  readonly reason: BudgetHold;
  readonly token?: undefined;
  readonly approvals?: undefined;
}

/**
 * The states of a patch (the table in docs/architecture.md is checked against this union).
 * `intent` in `landing`: a rollback that arrived while a push was under way waits for its outcome.
 */
export type PatchState =
  | (Dossier & { readonly kind: "submitted" })
  | (Dossier & {
      readonly kind: "rendering";
      readonly awaiting: readonly Slot[];
      /** Renders that were asked for and could not be paid. */
      readonly unpaid?: readonly UnpaidRender[];
    })
  | (Dossier & { readonly kind: "comparing" })
  | (Audited & { readonly kind: "auditing"; readonly round: AuditRound })
  | ((HeldAudited | HeldUnrendered) & { readonly kind: "held"; readonly stageIndex: number })
  | (Audited & {
      readonly kind: "landing";
      readonly stageIndex: number;
      /** Absent while the lane is awaited. */
      readonly push?: {
        readonly effectId: string;
        readonly token: number;
        readonly discoveries?: number;
      };
      readonly intent?: RevertCause;
    })
  | (Audited & {
      readonly kind: "watching";
      readonly stageIndex: number;
      readonly token: number;
      readonly extensions: number;
    })
  | (Audited & {
      readonly kind: "reverting";
      readonly cause: RevertCause;
      readonly effectId: string;
      readonly startedAt: number;
    })
  | (Audited & { readonly kind: "settled" })
  | (Audited & {
      readonly kind: "reverted";
      /** Absent where no recovery is looked for. */
      readonly recovery?: RecoveryWatch;
    })
  | (Audited & {
      readonly kind: "revert-blocked";
      readonly reason: string;
      readonly hunks: readonly ConflictHunk[];
    })
  | (Dossier & { readonly kind: "rejected"; readonly reason: string })
  | (Dossier & { readonly kind: "failed"; readonly reason: string })
  | (Dossier & { readonly kind: "superseded"; readonly by: string })
  | (Dossier & { readonly kind: "withdrawn"; readonly actor: string });

export type PatchStateKind = PatchState["kind"];

/** States that nothing follows unless a person asks. */
export const restingKinds: readonly PatchStateKind[] = [
  "settled",
  "reverted",
  "revert-blocked",
  "rejected",
  "failed",
  "superseded",
  "withdrawn",
];
