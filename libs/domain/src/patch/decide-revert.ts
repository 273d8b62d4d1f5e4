import type { RevertOutcome } from "./command.ts";
import { accept, type Decision, type Facts, ignore, releaseLane, stopWatch } from "./decision.ts";
import { deadline } from "./decide-intake.ts";
import type { PatchEvent, RevertCause } from "./event.ts";
import type { PatchState } from "./state.ts";

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
    { type: "revert", effectId, landings: [...next.landings].reverse(), reason: sentence(cause) },
    stopWatch(next),
    deadline(next, "rollback", facts.now + state.patch.policy.rollbackTimeoutMs),
  ]);
}

/** Why, in one sentence. */
export function sentence(cause: RevertCause): string {
  return cause.kind === "breach"
    ? `${cause.stage}: ${cause.observation.why}`
    : `${cause.actor} asked: ${cause.reason}`;
}

export function recordRevert(
  state: PatchState,
  effectId: string,
  outcome: RevertOutcome,
): Decision {
  if (state.kind !== "reverting" || state.effectId !== effectId)
    return ignore("revert not awaited");
  const { reverts } = outcome;
  if (outcome.kind === "reverted")
    return accept(state, [{ type: "Reverted", reverts }], (next) => [
      releaseLane(next),
      { type: "page", level: "critical", text: `reverted: ${sentence(state.cause)}` },
    ]);
  const hunks = outcome.kind === "conflict" ? outcome.hunks : [];
  const reason =
    outcome.kind === "conflict" ? "later changes touch the same lines" : outcome.reason;
  // The lane stays taken: nothing more lands on a branch that could not be cleaned.
  return accept(state, [{ type: "RevertBlocked", reason, hunks, reverts }], () => [
    { type: "page", level: "critical", text: `revert blocked: ${reason}` },
  ]);
}

/** The rollback deadline only ever calls for a person; the revert goes on. */
export function reachRollbackDeadline(state: PatchState & { kind: "reverting" }): Decision {
  const { rollbackTimeoutMs: timeoutMs } = state.patch.policy;
  return accept(state, [{ type: "RollbackOverdue", timeoutMs }], () => [
    { type: "page", level: "critical", text: `rollback not verified within ${timeoutMs} ms` },
  ]);
}
