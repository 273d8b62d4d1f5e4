/** What people decide about a held patch, and what they can never decide. */
import { countApproval, openStep } from "../governance/approval.ts";
import { hasEmergency } from "../governance/limits.ts";
import { headStop } from "../governance/stop.ts";
import { approvalsOf, silentHeads } from "../quorum.ts";
import type { PatchCommand } from "./command.ts";
import { requestLane } from "./decide-audit.ts";
import { rejected } from "./decide-intake.ts";
import { startRevert } from "./decide-revert.ts";
import { passStage } from "./decide-watch.ts";
import { accept, type Decision, type Facts, ignore, refuse } from "./decision.ts";
import type { PatchEvent } from "./event.ts";
import { evolve } from "./evolve.ts";
import { isGateReason } from "./landing-gate.ts";
import type { PatchState } from "./state.ts";

type Held = PatchState & { kind: "held" };
type Said<Type extends PatchCommand["type"]> = PatchCommand & { type: Type };

/**
 * A person decides what the policy left open. P2: a person can stand in for a missing extra
 * approval or for missing evidence, never for the quorum itself. P10: nor for a broken hard rule.
 */
export function approve(
  state: PatchState,
  { by, actor, reason }: Said<"approve">,
  facts: Facts,
): Decision {
  if (state.kind !== "held") return refuse(`a patch that is ${state.kind} awaits no approval`);
  const beyond = beyondApproval(state, facts);
  if (beyond !== undefined) return refuse(beyond);
  const { approvalSteps: steps } = state.patch.policy;
  const counted = countApproval({
    steps,
    given: state.approvals ?? [],
    by,
    delegations: facts.governance.delegations,
    authors: [state.patch.author, state.patch.sender],
    now: facts.now,
  });
  if (counted.kind === "refused") return refuse(counted.reason);
  const { kind: _, ...place } = counted;
  const said = { actor, by: by.name, reason, at: facts.now };
  const approved: PatchEvent = { type: "Approved", ...said, ...place };
  const after = evolve(state, approved);
  const given = after?.kind === "held" ? (after.approvals ?? []) : [];
  if (openStep(steps, given)) return accept(state, [approved], () => []);
  if (state.reason.kind !== "inconclusive") return requestLane(state, [approved], 0);
  const passing = passStage(state, state.reason.observation);
  if (passing.kind !== "accepted") return passing;
  return { ...passing, events: [approved, ...passing.events] };
}

/** Why no approval, whoever gives it, can let this patch go on; undefined when approvals can. */
export function beyondApproval(
  state: Held,
  { now, governance }: Pick<Facts, "now" | "governance">,
): string | undefined {
  switch (state.reason.kind) {
    case "autonomy":
      return state.patch.policy.autonomy === "observe"
        ? 'autonomy "observe" lands nothing, whoever approves'
        : undefined;
    case "budget":
    case "undecided": {
      if (!("candidate" in state)) return "it is not rendered yet: there is no candidate";
      const { candidate, patch } = state;
      const votes = state.votes.filter(({ head }) => !headStop(governance.stops, head, now));
      const given = approvalsOf(votes, candidate.digest);
      if (given < patch.policy.approvalsNeeded)
        return `only ${given} heads approve; a person cannot stand in for the quorum`;
      const silent = silentHeads({ seats: patch.policy.seats, votes, digest: candidate.digest });
      return silent.length > 0
        ? `${silent.join(", ")} has not voted; a person cannot stand in for its veto`
        : undefined;
    }
    case "inconclusive":
      return undefined;
    case "suspected":
      return "harm is being traced to one of the live patches; roll it back instead";
    case "paused":
      return "landings are paused; resume them instead";
    case "stopped":
      return "it is stopped; lift the stop instead";
    case "frozen":
    case "limited":
      return "it waits for its time; an admin may let it past that";
  }
}

/** A person says no: what has landed goes back (P4), what has not is rejected. */
export function deny(state: PatchState, { actor, reason }: Said<"deny">, facts: Facts): Decision {
  if (state.kind !== "held") return refuse(`a patch that is ${state.kind} awaits no decision`);
  const denied: PatchEvent = { type: "Denied", actor, reason };
  return state.landings.length > 0
    ? startRevert(state, [denied], { kind: "request", actor, reason }, facts)
    : rejected(state, [denied], `${actor} denied it: ${reason}`);
}

/** Nobody said yes in time, which is a no. P3: what has landed waits on; silence takes nothing back. */
export function expireApproval(state: Held): Decision {
  if (!isExpiring(state)) return ignore("its approval does not expire");
  return rejected(state, [], "no approval came in time");
}

/** Whether silence ends the wait of this patch. */
export const isExpiring = ({ reason, landings }: Held): boolean =>
  landings.length === 0 && (reason.kind === "autonomy" || reason.kind === "undecided");

/**
 * Lets one patch past freezes and limits until a time. P10: that is all it does; the quorum, hard rules,
 * approvals and stops hold as ever.
 */
export function grantBypass(
  state: PatchState,
  { by, actor, reason, until }: Said<"bypass">,
  facts: Facts,
): Decision {
  if (!by.roles.includes("admin")) return refuse("only an admin grants a bypass");
  if (until <= facts.now) return refuse("it would have ended already");
  const isOpen = ["rendering", "comparing", "auditing", "held", "landing"].includes(state.kind);
  if (!isOpen) return refuse(`a patch that is ${state.kind} needs no bypass`);
  const { patch } = state;
  if (!hasEmergency(patch, facts.governance.record, facts.now))
    return refuse(`the ${patch.policy.limits.emergenciesPerDay} emergencies of this day are used`);
  const granted: PatchEvent = { type: "BypassGranted", actor, reason, until };
  if (state.kind !== "held" || !isGateReason(state.reason))
    return accept(state, [granted], () => []);
  return requestLane(state, [granted, { type: "Resumed" }], state.stageIndex);
}
