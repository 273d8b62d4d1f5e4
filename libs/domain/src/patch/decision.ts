import type { Suspension } from "../budget/spend-ledger.ts";
import { claimOf } from "../claim.ts";
import type { LaneShare } from "../lane.ts";
import { laneWorkOf } from "../look-ahead.ts";
import { maxLiveOf } from "../policy.ts";
import type { Governance } from "../governance/governance.ts";
import type { PageLevel, PageTopic, PatchEffect } from "./effect.ts";
import type { PatchEvent } from "./event.ts";
import { evolve } from "./evolve.ts";
import type { PatchState } from "./state.ts";

/** What the outside knows at the moment of a decision: nothing else enters it (P5). */
export interface Facts {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Identity of the message that asks; unique, so it also serves as a nonce. */
  readonly cause: string;
  /** What people said and the repository has seen. Rollbacks never ask (P4). */
  readonly governance: Governance;
  /** Heads that may not spend now. */
  readonly suspended: readonly Suspension[];
}

export type Decision =
  | {
      readonly kind: "accepted";
      readonly events: readonly PatchEvent[];
      readonly effects: readonly PatchEffect[];
      readonly state: PatchState | undefined;
    }
  /** True but without consequence, such as a deadline that no longer matters or a second delivery. */
  | { readonly kind: "ignored"; readonly reason: string }
  /** Asked for something the state does not allow; the asker should be told. */
  | { readonly kind: "refused"; readonly reason: string };

/** Folds the events, then derives the effects from the state they lead to. */
export function accept(
  state: PatchState | undefined,
  events: readonly PatchEvent[],
  effectsOf: (next: PatchState) => readonly PatchEffect[],
): Decision {
  const folded = events.reduce<PatchState | undefined>(evolve, state);
  return { kind: "accepted", events, effects: folded ? effectsOf(folded) : [], state: folded };
}

/** Asks for the lane, beside others where policy and change allow it. */
export function askForLane(next: PatchState): PatchEffect {
  const share = shareOf(next);
  const { comparison, patch } = next;
  const work = laneWorkOf(
    patch.policy,
    comparison?.kind === "compared" ? comparison.candidate : undefined,
  );
  const known = { ...(share ? { share } : {}), ...(work ? { work } : {}) };
  return { type: "request-lane", epoch: next.epoch, ...known };
}

/** How the patch may be live beside others; undefined when it stands alone. */
export function shareOf({ patch, comparison }: PatchState): LaneShare | undefined {
  const maxLive = maxLiveOf(patch.policy);
  const claim = maxLive > 1 ? claimOf(comparison) : undefined;
  if (!claim || comparison?.kind !== "compared") return undefined;
  const { variance } = comparison;
  return { maxLive, claim, variance: variance.kind === "measured" ? variance.high : 1 };
}

/** Gives the lane back, or its place in the queue. */
export function releaseLane(next: PatchState): PatchEffect & { readonly type: "release-lane" } {
  return { type: "release-lane", epoch: next.epoch };
}

/** Ends every watch there has been so far; delivered late, it leaves a newer one alone. */
export function stopWatch(next: PatchState): PatchEffect {
  return { type: "stop-watch", token: next.latestToken };
}

/** A word to people; `text` says what happened and why. */
export function page(level: PageLevel, about: PageTopic, text: string): PatchEffect {
  return { type: "page", level, about, text };
}

export const ignore = (reason: string): Decision => ({ kind: "ignored", reason });
export const refuse = (reason: string): Decision => ({ kind: "refused", reason });
