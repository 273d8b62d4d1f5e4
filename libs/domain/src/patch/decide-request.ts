import type { RollbackRequest } from "./command.ts";
import { accept, type Decision, type Facts, ignore, refuse, releaseLane } from "./decision.ts";
import { cancelLanding } from "./decide-landing.ts";
import { startRevert } from "./decide-revert.ts";
import type { RevertCause } from "./event.ts";
import { askNext, meetJoint } from "./joint-rollback.ts";
import type { PatchState } from "./state.ts";

/** An operator wants the patch gone, in whatever state it is (P4). */
export function requestRollback(
  state: PatchState,
  { actor, reason, joint }: RollbackRequest,
  facts: Facts,
): Decision {
  const cause = { kind: "request", actor, reason, ...(joint ? { joint } : {}) } as const;
  const met = meetJoint(state, cause);
  if (met) return met;
  switch (state.kind) {
    case "submitted":
    case "rendering":
    case "comparing":
    case "auditing":
      return withdrawn(state, cause);
    case "held":
      return state.landings.length > 0
        ? startRevert(state, [], cause, facts)
        : withdrawn(state, cause);
    case "landing":
      if (state.push) return cancelLanding(state, cause);
      return state.landings.length > 0
        ? startRevert(state, [], cause, facts)
        : withdrawn(state, cause);
    case "watching":
    case "settled":
    case "revert-blocked":
      return startRevert(state, [], cause, facts);
    case "reverting":
    case "reverted":
      return ignore(`already ${state.kind}`);
    case "rejected":
    case "failed":
    case "superseded":
    case "withdrawn":
      return refuse(`nothing of it has landed: it is ${state.kind}`);
  }
}

/** The author takes the patch back before it landed; afterwards only a rollback does. */
export function withdraw(
  state: PatchState,
  { actor, reason }: { actor: string; reason: string },
): Decision {
  if (state.landings.length > 0 || (state.kind === "landing" && state.push))
    return refuse("it is on a branch already; request a rollback");
  switch (state.kind) {
    case "submitted":
    case "rendering":
    case "comparing":
    case "auditing":
    case "held":
    case "landing":
      return withdrawn(state, { kind: "request", actor, reason });
    default:
      return refuse(`it is ${state.kind}`);
  }
}

/** A newer revision takes over, unless this one has landed (P6: no vote carries over). */
export function supersede(state: PatchState, by: string): Decision {
  const isLive = ["submitted", "rendering", "comparing", "auditing", "held", "landing"].includes(
    state.kind,
  );
  const isUntouched = state.landings.length === 0 && !(state.kind === "landing" && state.push);
  if (!isLive || !isUntouched) return ignore(`it is ${state.kind}`);
  return accept(state, [{ type: "Superseded", by }], (next) => [releaseLane(next)]);
}

function withdrawn(state: PatchState, cause: RevertCause & { kind: "request" }): Decision {
  const { actor, reason } = cause;
  return accept(state, [{ type: "Withdrawn", actor, reason }], (next) => [
    releaseLane(next),
    ...askNext(next, cause),
  ]);
}
