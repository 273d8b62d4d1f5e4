import type { Seat } from "../policy.ts";
import { firstHeads } from "../seating.ts";
import type { PatchEvent } from "./event.ts";
import { recoveryOf } from "./recovery.ts";
import type { Audited, AuditRound, Dossier, PatchState } from "./state.ts";

/**
 * Folds one event into the state. Total and pure: replaying the ledger of a patch gives its state,
 * byte for byte (P5). An event that does not belong to the state leaves it as it is.
 */
export function evolve(state: PatchState | undefined, event: PatchEvent): PatchState | undefined {
  if (event.type === "PatchSubmitted") {
    if (state) return state;
    const { patch } = event;
    const lists = { renders: {}, votes: [], landings: [], reverts: [] };
    const counts = { epoch: 1, rebases: 0, latestToken: 0 };
    return { kind: "submitted", patch, base: patch.base, ...lists, ...counts };
  }
  if (!state) return undefined;
  return (
    evolveIntake(state, event) ?? evolveAudit(state, event) ?? evolveLife(state, event) ?? state
  );
}

function evolveIntake(state: PatchState, event: PatchEvent): PatchState | undefined {
  switch (event.type) {
    case "RenderingStarted":
      return { ...next(state), kind: "rendering", awaiting: event.slots };
    case "RenderRecorded": {
      const renders = { ...state.renders, [event.render.slot]: event.render };
      if (state.kind !== "rendering") return { ...state, renders };
      return {
        ...state,
        renders,
        awaiting: state.awaiting.filter((slot) => slot !== event.render.slot),
      };
    }
    case "RenderFailed":
      return state.kind === "rendering" ? withoutRender(state, event) : state;
    case "ComparisonStarted":
      return { ...next(state), kind: "comparing", base: event.base };
    case "ComparisonRecorded":
      return { ...state, comparison: event.comparison };
    case "BaseMoved":
      return { ...state, base: event.to, rebases: state.rebases + 1, landings: [] };
    default:
      return undefined;
  }
}

function withoutRender(
  state: PatchState & { kind: "rendering" },
  { slot, suspension }: PatchEvent & { type: "RenderFailed" },
): PatchState {
  const awaiting = state.awaiting.filter((each) => each !== slot);
  if (!suspension) return { ...state, awaiting };
  return { ...state, awaiting, unpaid: [...(state.unpaid ?? []), { slot, suspension }] };
}

function evolveAudit(state: PatchState, event: PatchEvent): PatchState | undefined {
  if (event.type === "AuditStarted") {
    const { candidate, nonce, seats, requirement, suspended, carried = [], waivers } = event;
    const votes = state.votes.flatMap((vote) =>
      carried.includes(vote.head) ? [{ ...vote, rebound: candidate.digest }] : [],
    );
    const isOpen = ({ head }: Seat) =>
      !carried.includes(head) && !suspended.some((each) => each.head === head);
    const open = seats.filter(isOpen);
    const asked = firstHeads(open, votes, requirement.approvals);
    const later = open.flatMap(({ head }) => (asked.includes(head) ? [] : [head]));
    const waived = waivers ? { waivers } : {};
    const waves = { nonce, seats, requirement, suspended, asked, later, ...waived };
    const round = { ...waves, seals: {}, awaited: [], votes, phase: "sealing" } as const;
    return { ...next(state), kind: "auditing", candidate, votes, round };
  }
  if (state.kind !== "auditing") return undefined;
  const inRound = (round: AuditRound): PatchState => ({ ...state, round, votes: round.votes });
  const { round } = state;
  switch (event.type) {
    case "SeatsAsked": {
      const { heads: asked } = event;
      const later = round.later.filter((head) => !asked.includes(head));
      const wave = { ...round, asked, later, seals: {}, awaited: [], phase: "sealing" } as const;
      return { ...state, epoch: state.epoch + 1, round: wave };
    }
    case "VoteSealed":
      return inRound({ ...round, seals: { ...round.seals, [event.head]: event.seal } });
    case "VotesUnsealed":
      return {
        ...state,
        epoch: state.epoch + 1,
        round: { ...round, phase: "revealing", awaited: event.heads },
      };
    case "VoteRecorded":
      return inRound({
        ...round,
        awaited: round.awaited.filter((head) => head !== event.vote.head),
        votes: [...round.votes, event.vote],
      });
    case "VoteRefused":
      return inRound({ ...round, awaited: round.awaited.filter((head) => head !== event.head) });
    case "VerdictReached":
      return { ...state, verdict: event.verdict };
    default:
      return undefined;
  }
}

function evolveLife(state: PatchState, event: PatchEvent): PatchState | undefined {
  switch (event.type) {
    case "Rejected":
      return { ...next(state), kind: "rejected", reason: event.reason };
    case "Failed":
      return { ...next(state), kind: "failed", reason: event.reason };
    case "Superseded":
      return { ...next(state), kind: "superseded", by: event.by };
    case "Withdrawn":
      return { ...next(state), kind: "withdrawn", actor: event.actor };
    case "BypassGranted": {
      const { actor, reason, until } = event;
      return { ...state, bypass: { actor, reason, until } };
    }
    default:
      return "candidate" in state ? evolveAudited(state, event) : heldUnrendered(state, event);
  }
}

/** What waits for its renders has no candidate, and can be held for money alone. */
function heldUnrendered(state: PatchState, event: PatchEvent): PatchState | undefined {
  if (event.type !== "Held" || event.reason.kind !== "budget") return undefined;
  return { ...next(state), kind: "held", reason: event.reason, stageIndex: 0 };
}

function evolveAudited(state: PatchState & Audited, event: PatchEvent): PatchState | undefined {
  const into = { ...next(state), candidate: state.candidate };
  const stageIndex = "stageIndex" in state ? state.stageIndex : 0;
  const indexOf = (stage: string) =>
    Math.max(
      0,
      state.patch.policy.stages.findIndex((entry) => entry.name === stage),
    );
  switch (event.type) {
    case "Held": {
      const token = tokenOf(state);
      return {
        ...into,
        kind: "held",
        reason: event.reason,
        stageIndex,
        ...(token === undefined ? {} : { token }),
      };
    }
    case "Approved":
      return state.kind === "held" && "candidate" in state
        ? withApproval(state as HeldAudited, event)
        : undefined;
    case "LaneRequested":
      return { ...into, kind: "landing", stageIndex: indexOf(event.stage) };
    case "LandingStarted": {
      const { effectId, token, discoveries } = event;
      const push = { effectId, token, ...(discoveries === undefined ? {} : { discoveries }) };
      const latestToken = Math.max(state.latestToken, event.token);
      return { ...into, kind: "landing", latestToken, stageIndex: indexOf(event.stage), push };
    }
    case "RevertRequested":
      return state.kind === "landing" ? { ...state, intent: event.cause } : undefined;
    case "Landed":
      return { ...state, landings: [...state.landings, event.landing] };
    case "WatchStarted": {
      const token = event.token ?? tokenOf(state) ?? 0;
      const latestToken = Math.max(state.latestToken, token);
      return { ...into, kind: "watching", latestToken, stageIndex, token, extensions: 0 };
    }
    case "WatchExtended":
      if (state.kind !== "watching") return undefined;
      return { ...state, epoch: state.epoch + 1, extensions: state.extensions + 1 };
    case "Settled":
      return { ...into, kind: "settled" };
    default:
      return evolveRevert(state, event);
  }
}

function evolveRevert(state: PatchState & Audited, event: PatchEvent): PatchState | undefined {
  const into = { ...next(state), candidate: state.candidate };
  switch (event.type) {
    case "RevertStarted": {
      const { cause, effectId, at } = event;
      return { ...into, kind: "reverting", cause, effectId, startedAt: at };
    }
    case "Reverted": {
      const recovery = recoveryOf(state);
      const { reverts } = event;
      return { ...into, kind: "reverted", reverts, ...(recovery ? { recovery } : {}) };
    }
    case "RecoveryJudged":
      if (state.kind !== "reverted" || !state.recovery) return undefined;
      return { ...state, recovery: { ...state.recovery, observation: event.observation } };
    case "RevertBlocked": {
      const { reason, hunks, reverts } = event;
      return { ...into, kind: "revert-blocked", reason, hunks, reverts };
    }
    default:
      return undefined;
  }
}

type HeldAudited = Extract<PatchState, { kind: "held" } & Audited>;

function withApproval(
  state: HeldAudited,
  { step, by, onBehalfOf, reason, at }: PatchEvent & { type: "Approved" },
): PatchState {
  const stoodIn = onBehalfOf === undefined ? {} : { onBehalfOf };
  const approvals = [...(state.approvals ?? []), { step, by, reason, at, ...stoodIn }];
  return { ...state, approvals };
}

/** The fencing token of the lane, while the patch holds it. */
export function tokenOf(state: PatchState): number | undefined {
  if (state.kind === "landing") return state.push?.token;
  return "token" in state ? state.token : undefined;
}

/** The facts a patch carries from one kind of state into the next, in a new epoch. */
function next(state: PatchState): Dossier {
  const { patch, base, renders, rebases, comparison, verdict, votes, cause, bypass } = state;
  const { landings, latestToken, reverts } = state;
  return {
    patch,
    epoch: state.epoch + 1,
    base,
    renders,
    rebases,
    latestToken,
    ...(comparison ? { comparison } : {}),
    ...(verdict ? { verdict } : {}),
    votes,
    landings,
    reverts,
    ...(cause ? { cause } : {}),
    ...(bypass ? { bypass } : {}),
  };
}
