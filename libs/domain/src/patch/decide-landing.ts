import type { Suspension } from "../budget/spend-ledger.ts";
import { countedAuthor } from "../governance/limits.ts";
import { headStop, isInForce } from "../governance/stop.ts";
import type { Stage } from "../policy.ts";
import type { LandingOutcome, PatchCommand } from "./command.ts";
import {
  accept,
  type Decision,
  type Facts,
  ignore,
  releaseLane,
  shareOf,
  stopWatch,
} from "./decision.ts";
import {
  askBuilders,
  budgetRecheckMs,
  deadline,
  failed,
  startAudit,
  startComparison,
} from "./decide-intake.ts";
import { startRevert } from "./decide-revert.ts";
import type { PatchEffect } from "./effect.ts";
import type { BudgetHold, PatchEvent, RevertCause } from "./event.ts";
import { closedGate, type ClosedGate, isGateReason } from "./landing-gate.ts";
import { requestLane } from "./decide-audit.ts";
import type { Landing } from "./patch.ts";
import type { PatchState } from "./state.ts";
import { isAtLastStage, levelIn, watchStage } from "./watch-stage.ts";

type Landingish = PatchState & { kind: "landing" };

/** The lane is ours: land, unless the gate is closed. Who no longer wants it gives it back. */
export function grantLane(
  state: PatchState,
  { token, beside = [], discoveries }: PatchCommand & { type: "grant-lane" },
  facts: Facts,
): Decision {
  if (state.kind === "held" && isGateReason(state.reason)) return ignore("held at the gate");
  if (state.kind !== "landing") return accept(state, [], () => releaseUnlessUsed(state));
  if (state.push) return ignore("already landing");
  const closed = closedGate(state, facts);
  if (closed) return holdAtGate(state, [], closed);
  const stage = stageAt(state);
  if (!stage) return failed(state, [], "the policy names no such stage");
  // P1: one effect id per attempt; git refuses to land the same id twice, or once it is cancelled.
  const effectId = `${state.patch.id}.${state.epoch}.${stage.name}`;
  const others = beside.length > 0 ? { beside } : {};
  const row = discoveries === undefined ? {} : { discoveries };
  const started: PatchEvent = {
    type: "LandingStarted",
    stage: stage.name,
    token,
    effectId,
    ...others,
    ...row,
  };
  return accept(state, [started], () => [landEffect(state, stage, effectId, token)]);
}

function landEffect(state: Landingish, stage: Stage, effectId: string, token: number): PatchEffect {
  const { policy, targetBranch } = state.patch;
  const earlier = policy.stages.slice(0, state.stageIndex);
  const branch = stage.branch ?? targetBranch;
  const standing = state.landings.findLast((landing) => landing.branch === branch);
  return {
    type: "land",
    effectId,
    token,
    stage: stage.name,
    branch,
    candidate: state.candidate,
    ...(stage.branch === undefined ? {} : { levelWith: targetBranch }),
    earlierBranches: earlier.flatMap((entry) => (entry.branch === undefined ? [] : [entry.branch])),
    ...(standing ? { standing } : {}),
    ...(stage.weightPercent === undefined ? {} : { weightPercent: stage.weightPercent }),
  };
}

/** What git answered. P9: a landed tree other than the audited one is taken back at once. */
export function recordLanding(
  state: PatchState,
  effectId: string,
  outcome: LandingOutcome,
  facts: Facts,
): Decision {
  if (state.kind !== "landing" || state.push?.effectId !== effectId)
    return ignore("landing not awaited");
  switch (outcome.kind) {
    case "landed":
      return landed(state, outcome, facts);
    case "base-moved":
      return baseMoved(state, outcome.head, facts);
    case "cancelled":
      return cancelled(state, facts);
    case "refused":
      return giveUp(state, outcome.reason, facts);
  }
}

function landed(state: Landingish, outcome: Landing & { kind: "landed" }, facts: Facts): Decision {
  const { kind: _, ...landing } = outcome;
  const { stage, tree } = landing;
  const event: PatchEvent = { type: "Landed", landing };
  if (tree !== state.candidate.tree) {
    const reason = `landed tree ${tree} is not the audited tree ${state.candidate.tree}`;
    return startRevert(state, [event], { kind: "request", actor: "council", reason }, facts);
  }
  if (state.intent) return startRevert(state, [event], state.intent, facts);
  const { token = 0, discoveries } = state.push ?? {};
  const level = levelIn(state.patch.policy, { token, discoveries });
  return accept(state, [event, { type: "WatchStarted", stage, ...level }], (next) => [
    ...watchStage(next, level, facts),
    ...(state.landings.length === 0 ? [noteLanding(state, facts)] : []),
    ...letOthersIn(next, facts),
  ]);
}

/** The first stage is where a patch counts against the quota of its author. */
function noteLanding({ patch, bypass }: PatchState, { now }: Facts): PatchEffect {
  const isEmergency = bypass !== undefined && isInForce(bypass, now);
  const note = { patchId: patch.id, author: countedAuthor(patch), at: now };
  return { type: "note-landing", ...note, ...(isEmergency ? { isEmergency } : {}) };
}

/**
 * From its last stage on a patch pushes no landing any more, only reverts, which ask no fence: whoever
 * is let in beside it is the only one who pushes (P1).
 */
function letOthersIn(next: PatchState, { now }: Facts): readonly PatchEffect[] {
  if (next.kind !== "watching" || !isAtLastStage(next) || !shareOf(next)) return [];
  return [{ type: "share-lane", epoch: next.epoch, landedAt: now }];
}

/** P6: on a moved base nothing carries over unseen; the same diff is compared and audited again (`carried-votes.ts`). */
function baseMoved(state: Landingish, head: string, facts: Facts): Decision {
  // Nothing of it is left on a branch: git has levelled the stage branches before it answered.
  const moved: PatchEvent = { type: "BaseMoved", from: state.base, to: head };
  if (state.intent) return withdrawUnlanded(state, [moved], state.intent);
  if (state.rebases >= state.patch.policy.maxRebases) {
    const reason = `its base moved ${state.rebases + 1} times while it was being landed`;
    return failed(state, [moved], reason);
  }
  return startComparison(state, [moved], head, facts, [stopWatch(state)]);
}

function giveUp(state: Landingish, reason: string, facts: Facts): Decision {
  if (state.landings.length === 0) return failed(state, [], reason);
  return startRevert(
    state,
    [],
    state.intent ?? { kind: "request", actor: "council", reason },
    facts,
  );
}

/** Nothing landed and nothing will: what waited for that can go on. */
function cancelled(state: Landingish, facts: Facts): Decision {
  if (!state.intent) return holdAtGate(state, [], closedGate(state, facts) ?? opening(facts));
  if (state.landings.length > 0) return startRevert(state, [], state.intent, facts);
  return withdrawUnlanded(state, [], state.intent);
}

/** It was stopped while it was pushed, and nothing stops it any more. */
const opening = ({ now }: Facts): ClosedGate => ({ reason: { kind: "paused" }, recheckAt: now });

/**
 * Waits at the gate. In a pause nothing lands, so the order in the lane is kept; any other gate may be open
 * for those behind. What is on a branch already keeps the lane whatever it waits for.
 */
function holdAtGate(
  state: Landingish | Held,
  events: readonly PatchEvent[],
  { reason, recheckAt }: ClosedGate,
): Decision {
  const isLeaving = reason.kind !== "paused" && state.landings.length === 0;
  return accept(state, [...events, { type: "Held", reason }], (next) => [
    ...(isLeaving ? [releaseLane(next)] : []),
    deadline(next, "recheck", recheckAt),
  ]);
}

type Held = PatchState & { kind: "held" };

/** Whether what the patch waits for has come: money for its heads, or the end of a pause. */
export function recheck(state: Held, facts: Facts): Decision {
  if (state.reason.kind === "budget") return recheckBudget(state, state.reason, facts);
  return recheckGate(state, facts);
}

/**
 * The renders are asked for, or the round starts anew, once one that was suspended may spend again; until
 * then it is looked at again.
 */
function recheckBudget(state: Held, { suspended, slots }: BudgetHold, facts: Facts): Decision {
  const { comparison } = state;
  const { stops } = facts.governance;
  const isStill = ({ head }: Suspension) =>
    facts.suspended.some((each) => each.head === head) ||
    headStop(stops, head, facts.now) !== undefined;
  if (suspended.every(isStill))
    return accept(state, [], (next) => [deadline(next, "recheck", facts.now + budgetRecheckMs)]);
  if (slots)
    return accept(state, [{ type: "Resumed" }, { type: "RenderingStarted", slots }], (next) =>
      askBuilders(next, facts),
    );
  if (comparison?.kind !== "compared") return ignore("nothing to audit");
  return startAudit(state, [{ type: "Resumed" }], comparison, facts);
}

/** The gate is looked at again until it is open; the patch then asks for its lane, held already or not. */
function recheckGate(state: Held, facts: Facts): Decision {
  if (!isGateReason(state.reason)) return ignore("not held at the gate");
  const closed = closedGate(state, facts);
  if (!closed) return requestLane(state, [{ type: "Resumed" }], state.stageIndex);
  if (closed.reason.kind !== state.reason.kind) return holdAtGate(state, [], closed);
  return accept(state, [], (next) => [deadline(next, "recheck", closed.recheckAt)]);
}

function releaseUnlessUsed(state: PatchState): readonly PatchEffect[] {
  const isUsing = [
    "watching",
    "reverting",
    "held",
    "comparing",
    "auditing",
    "revert-blocked",
  ].includes(state.kind);
  return isUsing ? [] : [releaseLane(state)];
}

/**
 * A rollback that meets a push under way: the push is cancelled, and what git answers decides.
 * Saying "it has not landed" without barring it would let a stopped process land it later (P1).
 */
export function cancelLanding(state: Landingish, cause: RevertCause): Decision {
  const { push } = state;
  if (!push || state.intent) return ignore("already to be reverted");
  const stage = stageAt(state);
  const branch = stage?.branch ?? state.patch.targetBranch;
  return accept(state, [{ type: "RevertRequested", cause }], () => [
    {
      type: "cancel-landing",
      effectId: push.effectId,
      token: push.token,
      stage: stage?.name ?? "target",
      branch,
    },
  ]);
}

function stageAt(state: Landingish): Stage | undefined {
  return state.patch.policy.stages[state.stageIndex];
}

/** A rollback overtook the push, and git says that nothing of the patch is on a branch. */
function withdrawUnlanded(
  state: Landingish,
  events: readonly PatchEvent[],
  intent: RevertCause,
): Decision {
  const actor = intent.kind === "request" ? intent.actor : "streaming-auditor";
  const event: PatchEvent = { type: "Withdrawn", actor, reason: "rolled back before it landed" };
  return accept(state, [...events, event], (next) => [releaseLane(next), stopWatch(next)]);
}
