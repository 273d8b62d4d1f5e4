import type { PatchCommand } from "./command.ts";
import { reachAuditDeadline, recordOpening, recordSeal } from "./decide-audit.ts";
import { takeBlame, watchAnew } from "./decide-blame.ts";
import { failed, recordComparison, submit } from "./decide-intake.ts";
import { grantLane, recheck, recordLanding } from "./decide-landing.ts";
import { failRenders, recordRender } from "./decide-render.ts";
import { requestRollback, supersede, withdraw } from "./decide-request.ts";
import { concludeRecovery } from "./decide-recovery.ts";
import { reachRollbackDeadline, recordRevert } from "./decide-revert.ts";
import { approve, deny, expireApproval, grantBypass } from "./decide-approval.ts";
import { recordObservation } from "./decide-watch.ts";
import { accept, type Decision, type Facts, ignore, refuse } from "./decision.ts";
import { passOn } from "./joint-rollback.ts";
import type { PatchState } from "./state.ts";

/**
 * The one place where the fate of a patch is decided: from its state, what is asked and the facts
 * of the moment to events and effects. Total, synchronous, without I/O, clock or chance: the same
 * input gives the same answer, so every decision can be recomputed (P5).
 */
export function decide(
  state: PatchState | undefined,
  command: PatchCommand,
  facts: Facts,
): Decision {
  if (command.type === "submit") return submit(state, command.patch, facts);
  if (!state)
    return fromLane.includes(command.type) ? ignore("no such patch") : refuse("no such patch");
  switch (command.type) {
    case "record-render":
      return recordRender(state, command.render, facts);
    case "fail-render":
      return failRenders(state, [command.slot], command, facts);
    case "record-comparison":
      return recordComparison(state, command.base, command.comparison, facts);
    case "record-seal":
      return recordSeal(state, command, facts);
    case "record-opening":
      return recordOpening(state, command, facts);
    case "grant-lane":
      return grantLane(state, command, facts);
    case "take-blame":
      return takeBlame(state, command, facts);
    case "watch-anew":
      return watchAnew(state, command, facts);
    case "record-landing":
      return passOn(state, recordLanding(state, command.effectId, command.outcome, facts));
    case "record-observation":
      return recordObservation(state, command, facts);
    case "record-revert":
      return passOn(state, recordRevert(state, command.effectId, command.outcome, facts));
    case "reach-deadline":
      return reachDeadline(state, command, facts);
    case "request-rollback":
      return requestRollback(state, command, facts);
    case "approve":
      return approve(state, command, facts);
    case "deny":
      return deny(state, command, facts);
    case "bypass":
      return grantBypass(state, command, facts);
    case "withdraw":
      return withdraw(state, command);
    case "supersede":
      return supersede(state, command.by);
  }
}

const fromLane: readonly PatchCommand["type"][] = ["grant-lane", "take-blame", "watch-anew"];

/** A deadline matters only in the epoch that set it. */
function reachDeadline(
  state: PatchState,
  { deadline, epoch }: { deadline: string; epoch: number },
  facts: Facts,
): Decision {
  if (epoch !== state.epoch) return ignore("deadline of an older epoch");
  switch (state.kind) {
    case "rendering":
      return failRenders(state, state.awaiting, { reason: "not rendered in time" }, facts);
    case "comparing":
      return failed(state, [], "not compared in time");
    case "auditing":
      return reachAuditDeadline(state, facts);
    case "watching": {
      const stage = state.patch.policy.stages[state.stageIndex]?.name ?? "target";
      return accept(state, [], () => [{ type: "conclude-watch", stage, token: state.token }]);
    }
    case "held":
      return deadline === "approval" ? expireApproval(state) : recheck(state, facts);
    case "reverting":
      return reachRollbackDeadline(state);
    case "reverted":
      return concludeRecovery(state);
    default:
      return ignore(`no ${deadline} deadline while ${state.kind}`);
  }
}
