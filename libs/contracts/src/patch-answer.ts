import type { Bypass, PatchState, PatchStateKind, StepProgress, Stop } from "@council/domain";
import type { LedgerEntry } from "./ledger-entry.ts";

/** What people have to say before a held patch goes on. */
export interface ApprovalProgress {
  readonly steps: readonly StepProgress[];
  /** The step whose turn it is. */
  readonly open?: string;
  /** Why no approval helps. */
  readonly beyond?: string;
  /** When silence becomes a no, milliseconds since the epoch; absent when it never does. */
  readonly expiresAt?: number;
}

/** One line about a patch, as `GET /v1/patches` answers it. */
export interface PatchSummary {
  readonly id: string;
  /** `accepted`: stored, and not yet taken up by the patch controller. */
  readonly kind: PatchStateKind | "accepted";
  readonly sequence: number;
  readonly title?: string;
  readonly author?: string;
  readonly repository?: string;
  readonly targetBranch?: string;
  readonly sender?: string;
  readonly externalId?: string;
  readonly supersedes?: string;
  /** The patch it brings again after that was taken back. */
  readonly relands?: string;
  readonly submittedAt?: number;
  /** Why it is where it is, in one sentence, where there is a reason. */
  readonly why?: string;
  /** It waits for money: when the first cap in its way opens again; 0 until an operator says so. */
  readonly resetAt?: number;
}

/** A patch with its whole timeline, as `GET /v1/patches/:id` answers it. */
export interface PatchDetail extends PatchSummary {
  readonly dossier?: Pick<
    PatchState,
    "base" | "comparison" | "verdict" | "votes" | "landings" | "reverts" | "cause" | "rebases"
  >;
  readonly auditHash?: string;
  /** Only while it is held. */
  readonly approval?: ApprovalProgress;
  /** Who keeps this patch alone from landing, and why. */
  readonly stop?: Stop;
  /** Who let it past freezes and limits. */
  readonly bypass?: Bypass;
  /** The trace of everything about it, where traces are kept. */
  readonly traceId: string;
  readonly timeline: readonly LedgerEntry[];
  /** Entries are missing: the ledger was trimmed or is too long to search. */
  readonly isTruncated: boolean;
}
