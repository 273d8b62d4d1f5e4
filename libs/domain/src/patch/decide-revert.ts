import type { RevertOutcome } from "./command.ts";
import {
  accept,
  type Decision,
  type Facts,
  ignore,
  page,
  releaseLane,
  shareOf,
  stopWatch,
} from "./decision.ts";
import { deadline } from "./decide-intake.ts";
import { watchRecovery } from "./decide-recovery.ts";
import { countedAuthor } from "../governance/limits.ts";
import type { PatchEffect } from "./effect.ts";
import type { PatchEvent, RevertCause } from "./event.ts";
import { stopWords } from "./joint-rollback.ts";
import type { ConflictHunk, Landing } from "./patch.ts";
import type { PatchState } from "./state.ts";

type Reverting = PatchState & { kind: "reverting" };

/** Takes back every landing, newest first. P4: no pause, freeze or budget is asked. */
export function startRevert(
  state: PatchState,
  events: readonly PatchEvent[],
  cause: RevertCause,
  facts: Facts,
): Decision {
  // P1: one id per revert of a patch; git finds it in the branch and does not revert twice.
  const effectId = `${state.patch.id}.${state.epoch}.revert`;
  const started: PatchEvent = { type: "RevertStarted", cause, effectId, at: facts.now };
  return accept(state, [...events, started], (next) => [
    {
      type: "revert",
      effectId,
      landings: toRevert(next),
      reason: sentence(cause),
      ...drain(state),
      ...check(state, cause),
    },
    stopWatch(next),
    // The branch is not what it was audited as until the revert is through: nobody is let in meanwhile.
    ...(shareOf(state) ? [{ type: "close-lane", epoch: next.epoch } as const] : []),
    deadline(next, "rollback", facts.now + state.patch.policy.rollbackTimeoutMs),
  ]);
}

/** Newest first; stages that only moved traffic stand on one commit, and it is reverted once (P1). */
function toRevert({ landings }: PatchState): Landing[] {
  const isFirst = ({ branch, commit }: Landing, index: number) =>
    landings.findIndex((each) => each.branch === branch && each.commit === commit) === index;
  return landings.filter(isFirst).reverse();
}

/** A settled patch has no canary any more: the traffic may be another patch's by now. */
function drain({ kind, patch, latestToken }: PatchState): { drain?: { token: number } } {
  const isSteered = patch.policy.stages.some((stage) => stage.weightPercent !== undefined);
  return isSteered && kind !== "settled" ? { drain: { token: latestToken } } : {};
}

/**
 * P4: a breach, and what Council takes back of itself, goes whatever the tests say. A person who asks is
 * told that they fail, and has only to ask again.
 */
function check(
  { kind, patch }: PatchState,
  cause: RevertCause,
): { check?: { timeoutMs: number; isBinding: boolean } } {
  const timeoutMs = patch.policy.revertTestTimeoutMs;
  if (timeoutMs === undefined) return {};
  const isAsked = cause.kind === "request" && cause.actor !== "council";
  return { check: { timeoutMs, isBinding: isAsked && kind !== "revert-blocked" } };
}

/** Why, in one sentence. */
export function sentence(cause: RevertCause): string {
  if (cause.kind === "request") {
    const { actor, reason, joint } = cause;
    const before = joint && joint.rest.length > 0 ? ` (before ${joint.rest.join(", ")})` : "";
    return `${actor} asked: ${reason}${before}`;
  }
  const { stage, observation, ranking = [] } = cause;
  const [first] = ranking;
  const traced =
    first && ranking.length > 1 ? `; likeliest of ${ranking.length}: ${first.why}` : "";
  return `${stage}: ${observation.why}${traced}`;
}

export function recordRevert(
  state: PatchState,
  effectId: string,
  outcome: RevertOutcome,
  { now }: Pick<Facts, "now">,
): Decision {
  if (state.kind !== "reverting" || state.effectId !== effectId)
    return ignore("revert not awaited");
  const { reverts } = outcome;
  const found = {
    ...(outcome.drain ? { drain: outcome.drain } : {}),
    ...(outcome.check ? { check: outcome.check } : {}),
  };
  const traffic =
    outcome.drain?.kind === "failed" ? `; traffic was not taken away: ${outcome.drain.reason}` : "";
  const tests =
    outcome.check?.kind === "failed" ? `; the tests fail without it: ${outcome.check.reason}` : "";
  if (outcome.kind === "reverted")
    return accept(state, [{ type: "Reverted", reverts, ...found }], (next) => [
      { ...releaseLane(next), ...discovery(state.cause) },
      noteRevert(state, now),
      ...watchRecovery(next, { now }),
      page("critical", "reverted", `reverted: ${sentence(state.cause)}${traffic}${tests}`),
    ]);
  const hunks = outcome.kind === "conflict" ? outcome.hunks : [];
  const reason =
    outcome.kind === "conflict" ? "later changes touch the same lines" : outcome.reason;
  // The lane stays taken: nothing more lands on a branch that could not be cleaned.
  return accept(state, [{ type: "RevertBlocked", reason, hunks, reverts, ...found }], (next) => [
    ...(shareOf(state) ? [{ type: "block-lane", epoch: next.epoch } as const] : []),
    page(
      "critical",
      "revert-blocked",
      `revert blocked: ${reason}${placesOf(hunks)}${traffic}${tests}${stopWords(state.patch.id, state.cause)}; what has to go with it: council revert-plan ${state.patch.id}`,
    ),
  ]);
}

/** Where the two sides meet, for whoever is called; the hunks themselves are in the state. */
function placesOf(hunks: readonly ConflictHunk[]): string {
  const places = [...new Set(hunks.map(({ branch, path }) => `${path} on ${branch}`))];
  const shown = places.slice(0, 3).join(", ");
  return places.length === 0 ? "" : ` (${shown}${places.length > 3 ? ", …" : ""})`;
}

/** Whether tests took the patch back: not a person, and not a limit on a window, which is no test. */
function discovery(cause: RevertCause): { readonly isDiscovery?: true } {
  if (cause.kind !== "breach") return {};
  const { ruleId, readings } = cause.observation;
  const isTested = readings.some((each) => each.ruleId === ruleId && each.evidence !== undefined);
  return isTested ? { isDiscovery: true } : {};
}

/** The author's record, and what is not to come again. */
function noteRevert({ patch, candidate, cause, renders }: Reverting, now: number): PatchEffect {
  const { semanticDigest, alphaDigest } = candidate;
  const { id: patchId, repository, policy } = patch;
  const built = renders.a && renders.a.provider !== "author" ? { builder: "a" } : {};
  const digests = { semanticDigest, ...(alphaDigest === undefined ? {} : { alphaDigest }) };
  return {
    type: "note-revert",
    repository,
    patchId,
    author: countedAuthor(patch),
    ...built,
    at: now,
    isAutomatic: cause.kind === "breach",
    change: { patchId, ...digests, reason: sentence(cause), at: now },
    limits: policy.limits,
  };
}

/** The rollback deadline only ever calls for a person; the revert goes on. */
export function reachRollbackDeadline(state: PatchState & { kind: "reverting" }): Decision {
  const { rollbackTimeoutMs: timeoutMs } = state.patch.policy;
  return accept(state, [{ type: "RollbackOverdue", timeoutMs }], () => [
    page("critical", "rollback-overdue", `rollback not verified within ${timeoutMs} ms`),
  ]);
}
