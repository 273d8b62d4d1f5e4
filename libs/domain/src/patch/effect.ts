import type { LaneShare, SeenHarm } from "../lane.ts";
import type { LaneWork } from "../look-ahead.ts";
import type { LandingNote, RecordCommand } from "../governance/repository-record.ts";
import type { Waiver } from "../governance/waiver.ts";
import type { Rule } from "../observation/rule.ts";
import type { DeadlineName, RollbackRequest } from "./command.ts";
import type { Candidate, GitId, Landing, Sha256, Slot, Task } from "./patch.ts";

/**
 * What the decision wants done elsewhere. Each becomes one message in the inbox of whoever does it,
 * written in the same commit as the decision; doing it twice must equal doing it once.
 */
export type PatchEffect =
  | { readonly type: "render"; readonly slot: Slot; readonly base: GitId; readonly task: Task }
  | { readonly type: "compare"; readonly base: GitId; readonly a: Sha256; readonly b?: Sha256 }
  | {
      readonly type: "audit";
      readonly head: string;
      readonly nonce: string;
      readonly candidate: Candidate;
      readonly expiresAt: number;
      /** Findings that are to hold nothing up. */
      readonly waivers?: readonly Waiver[];
    }
  | {
      readonly type: "reveal";
      readonly head: string;
      readonly nonce: string;
      readonly candidate: Candidate;
    }
  /** The lane hears the patch's epoch too: a release overtaken by a newer request is void. */
  | {
      readonly type: "request-lane";
      readonly epoch: number;
      readonly share?: LaneShare;
      readonly work?: LaneWork;
    }
  | {
      readonly type: "release-lane";
      readonly epoch: number;
      /** The tests of a watch took the patch back; the lane's later patches are judged with regard to it. */
      readonly isDiscovery?: boolean;
    }
  /** It stands on its last stage: others may be let in beside it. */
  | { readonly type: "share-lane"; readonly epoch: number; readonly landedAt: number }
  /** It is being taken back, or could not be: nobody is let in until it has left. */
  | { readonly type: "close-lane" | "block-lane"; readonly epoch: number }
  /** Harm was seen that any of the live patches may have done: which is to be taken back? */
  | { readonly type: "report-harm"; readonly epoch: number; readonly harm: SeenHarm }
  | {
      readonly type: "land";
      readonly effectId: string;
      readonly token: number;
      readonly stage: string;
      readonly branch: string;
      readonly candidate: Candidate;
      /** A stage branch is first brought level with the target branch. */
      readonly levelWith?: string;
      /** Stage branches to bring level again if this landing finds that its base moved. */
      readonly earlierBranches: readonly string[];
      /** The patch is on this branch already, by an earlier stage: only the traffic moves. */
      readonly standing?: Landing;
      /** The traffic the stage gives to the canary, 0–100. */
      readonly weightPercent?: number;
    }
  | {
      /** Bars the effect id in the repository, or finds that it has landed. */
      readonly type: "cancel-landing";
      readonly effectId: string;
      readonly token: number;
      readonly stage: string;
      readonly branch: string;
    }
  | {
      readonly type: "revert";
      readonly effectId: string;
      readonly landings: readonly Landing[];
      readonly reason: string;
      /** Take the traffic away first; the token says that this comes after every stage's own order. */
      readonly drain?: { readonly token: number };
      /** Run the tests on the reverted tree first; where they bind and fail, nothing is pushed. */
      readonly check?: { readonly timeoutMs: number; readonly isBinding: boolean };
    }
  | {
      readonly type: "watch";
      readonly stage: string;
      /** Names this watch; its observations carry it back. */
      readonly token: number;
      readonly rules: readonly Rule[];
      readonly watchMinMs: number;
      /** Samples measured sooner than this after the order say nothing; absent counts from the order on. */
      readonly delayMs?: number;
      /** The chance at which its tests may take a harmless patch back; absent leaves it to the rules. */
      readonly level?: number;
    }
  | { readonly type: "conclude-watch"; readonly stage: string; readonly token: number }
  /** Ends the watches up to this token; one that began later is not meant. */
  | { readonly type: "stop-watch"; readonly token: number }
  | {
      readonly type: "set-deadline";
      readonly deadline: DeadlineName;
      readonly epoch: number;
      readonly dueAt: number;
    }
  | { readonly type: "supersede"; readonly patchId: string }
  /** Asks another patch to go: the next of a joint rollback. */
  | ({ readonly type: "request-rollback"; readonly patchId: string } & RollbackRequest)
  /** For the repository's record of its authors. */
  | ({ readonly type: "note-landing" } & LandingNote)
  | (RecordCommand & { readonly type: "note-revert" })
  /** Tell people; `about` names the situation, so that it can be looked up, and `text` says why. */
  | {
      readonly type: "page";
      readonly level: PageLevel;
      readonly about: PageTopic;
      readonly text: string;
    };

export type PageLevel = "info" | "warning" | "critical";
export type PageTopic =
  | "settled"
  | "held"
  | "vote-refused"
  | "reverted"
  | "revert-blocked"
  | "rollback-overdue"
  | "recovered"
  | "not-recovered";

export type PatchEffectType = PatchEffect["type"];
