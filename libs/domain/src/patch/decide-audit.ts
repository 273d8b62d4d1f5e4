import { mayLandAlone } from "../policy.ts";
import { verdictOf, type Vote } from "../quorum.ts";
import { nextHeads } from "../seating.ts";
import type { Opening, Seal } from "./command.ts";
import {
  accept,
  askForLane,
  type Decision,
  type Facts,
  ignore,
  page,
  releaseLane,
} from "./decision.ts";
import { headStop, stopSentence } from "../governance/stop.ts";
import { isWaived } from "../governance/waiver.ts";
import { askHeads, deadline, holdForBudget, rejected, stoppedSeats } from "./decide-intake.ts";
import type { PatchEffect } from "./effect.ts";
import type { HoldReason, PatchEvent } from "./event.ts";
import { evolve } from "./evolve.ts";
import type { PatchState } from "./state.ts";

type Auditing = PatchState & { kind: "auditing" };

/** A sealed vote joins the round; when the last one is in, all are opened together. */
export function recordSeal(
  state: PatchState,
  { head, nonce, seal }: { head: string; nonce: string; seal: Seal },
  facts: Facts,
): Decision {
  const refuse = (reason: string) => refuseSeal(state, head, reason);
  if (state.kind !== "auditing") return refuse("late: no round is open");
  const { round } = state;
  if (nonce !== round.nonce) return refuse("stale: sealed for another round");
  if (!round.seats.some((seat) => seat.head === head)) return refuse("forged: holds no seat");
  if (round.votes.some((vote) => vote.head === head && vote.rebound !== undefined))
    return refuse("double: its vote is carried over");
  if (round.suspended.some((each) => each.head === head)) return refuse("stale: it is suspended");
  const stop = headStop(facts.governance.stops, head, facts.now);
  if (stop) return refuse(`stopped: ${stopSentence(stop)}`);
  if (round.later.includes(head)) return refuse("early: has not been asked");
  if (!round.asked.includes(head)) return refuse("late: others are asked by now");
  const earlier = round.seals[head];
  if (earlier?.commitment === seal.commitment) return ignore("the same seal again");
  if (earlier) return refuse("double: another seal by this head");
  if (round.phase !== "sealing") return refuse("late: the seals are being opened");
  const sealed: PatchEvent = { type: "VoteSealed", head, seal };
  const heads = [...Object.keys(round.seals), head];
  if (heads.length < round.asked.length) return accept(state, [sealed], () => []);
  return unseal(state, [sealed], heads, facts);
}

/** Records what a seal held. P2: only a vote for exactly this candidate is taken. */
export function recordOpening(
  state: PatchState,
  { head, nonce, opening }: { head: string; nonce: string; opening: Opening },
  facts: Facts,
): Decision {
  if (state.kind !== "auditing" || state.round.nonce !== nonce) return ignore("round is over");
  if (state.round.phase !== "revealing" || !state.round.awaited.includes(head))
    return ignore("vote not awaited");
  const fault =
    opening.kind === "invalid" ? opening.reason : voteFault(state, head, opening.vote, facts);
  const event: PatchEvent =
    opening.kind === "valid" && fault === undefined
      ? { type: "VoteRecorded", vote: opening.vote, key: opening.key }
      : { type: "VoteRefused", head, reason: fault ?? "invalid" };
  const told = fault === undefined ? [] : [refusalNotice(head, fault)];
  if (state.round.awaited.length > 1) return accept(state, [event], () => told);
  const concluded = conclude(state, [event], facts);
  if (concluded.kind !== "accepted") return concluded;
  return { ...concluded, effects: [...concluded.effects, ...told] };
}

function voteFault(state: Auditing, head: string, vote: Vote, facts: Facts): string | undefined {
  const stop = headStop(facts.governance.stops, head, facts.now);
  if (stop) return `stopped: ${stopSentence(stop)}`;
  if (vote.patchId !== state.patch.id) return "cross-patch: signed for another patch";
  if (vote.head !== head) return "forged: signed by another head";
  if (vote.digest !== state.candidate.digest) return "another candidate: its digest differs";
  const { base, tree, semanticDigest } = vote.binding;
  const { candidate } = state;
  if (base !== candidate.base || tree !== candidate.tree)
    return "another candidate: its base or tree differs";
  if (semanticDigest !== candidate.semanticDigest)
    return "another candidate: its semantic digest differs";
  if (vote.nonce !== state.round.nonce) return "replayed: signed for another round";
  return vote.expiresAt < facts.now ? "expired" : undefined;
}

/** Time is up: the sealed votes are opened, then counted as they are. Silence is no vote (P3). */
export function reachAuditDeadline(state: Auditing, facts: Facts): Decision {
  const sealed = Object.keys(state.round.seals);
  if (state.round.phase === "sealing" && sealed.length > 0) return unseal(state, [], sealed, facts);
  return conclude(state, [], facts);
}

function unseal(
  state: Auditing,
  events: readonly PatchEvent[],
  heads: readonly string[],
  facts: Facts,
): Decision {
  const { nonce, asked } = state.round;
  const absent = asked.filter((head) => !heads.includes(head));
  const { candidate } = state;
  return accept(state, [...events, { type: "VotesUnsealed", heads, absent }], (next) => [
    ...heads.map((head): PatchEffect => ({ type: "reveal", head, nonce, candidate })),
    deadline(next, "audit", facts.now + state.patch.policy.auditTimeoutMs),
  ]);
}

function conclude(state: Auditing, events: readonly PatchEvent[], facts: Facts): Decision {
  const { seats, requirement, later } = state.round;
  const folded = events.reduce<PatchState | undefined>(evolve, state);
  const { stops } = facts.governance;
  // A head that was stopped after it voted is not counted either.
  const votes = (folded?.votes ?? []).filter(({ head }) => !headStop(stops, head, facts.now));
  const { digest } = state.candidate;
  const authorFamily = state.renders.a?.family ?? "";
  const judge = (cast: readonly Vote[]) =>
    verdictOf({ seats, votes: cast, requirement, digest, authorFamily });
  const verdict = judge(votes);
  // Asking costs money: only heads whose approval could still decide are asked.
  const best = () => judge([...votes, ...later.map((head) => approvalBy(state, head))]);
  if (verdict.kind === "undecided" && later.length > 0 && best().kind === "approved") {
    const asked = seats.flatMap(({ head }) => (later.includes(head) ? [] : [head]));
    const heads = nextHeads(seats, asked, requirement.approvals);
    return accept(state, [...events, { type: "SeatsAsked", heads }], (next) =>
      askHeads(next, facts),
    );
  }
  const reached: PatchEvent[] = [...events, { type: "VerdictReached", verdict }];
  if (verdict.kind === "rejected") return rejected(state, reached, verdict.reason.detail);
  // Who waits for a person leaves the lane to others.
  const hold = (reason: HoldReason, why: string) =>
    accept(state, [...reached, { type: "Held", reason }], (next) => [
      releaseLane(next),
      deadline(next, "approval", facts.now + state.patch.policy.approvalTimeoutMs),
      // A repository that only observes is not waiting for anybody.
      page(next.patch.policy.autonomy === "observe" ? "info" : "warning", "held", `held: ${why}`),
    ]);
  if (verdict.kind === "undecided") {
    const unpaid = votes.flatMap(({ head, suspension }) =>
      suspension ? [{ head, ...suspension }] : [],
    );
    const suspended = [...state.round.suspended, ...unpaid, ...stoppedSeats(seats, facts)];
    if (suspended.length > 0) return holdForBudget(state, reached, suspended, facts);
    return hold({ kind: "undecided", verdict }, verdict.reason.detail);
  }
  const detail = personNeeded(state, votes);
  if (detail === undefined) return requestLane(state, reached, 0);
  return hold({ kind: "autonomy", detail }, detail);
}

/** Why an approved candidate does not land by itself; no approval answers a question (P11). */
function personNeeded(
  { patch, candidate, round: { waivers = [] } }: Auditing,
  votes: readonly Vote[],
): string | undefined {
  const { autonomy } = patch.policy;
  const asked = votes.flatMap(({ head, findings }) =>
    findings
      .filter((finding) => finding.severity === "question" && !isWaived(finding, waivers))
      .map(
        ({ ruleId, path }) => `${head} asks for a person: ${ruleId}${path ? ` in ${path}` : ""}`,
      ),
  );
  if (asked.length > 0) return [...new Set(asked)].slice(0, 5).join("; ");
  if (mayLandAlone(autonomy, candidate.tier)) return undefined;
  return `autonomy "${autonomy}" lets a person decide on tier ${candidate.tier}`;
}

/** What a head would have to say for the candidate to be approved; it is counted nowhere else. */
function approvalBy({ patch, candidate, round }: Auditing, head: string): Vote {
  const { digest, base, tree, semanticDigest } = candidate;
  const { nonce } = round;
  const said = { verdict: "approve", findings: [], metaHash: "", expiresAt: 0 } as const;
  const binding = { base, tree, semanticDigest, policyDigest: "" };
  return { patchId: patch.id, head, digest, binding, nonce, ...said };
}

/** P2: the only way into a landing; the caller has an approval of exactly this candidate. */
export function requestLane(
  state: PatchState,
  events: readonly PatchEvent[],
  stageIndex: number,
): Decision {
  const stage = state.patch.policy.stages[stageIndex]?.name ?? "target";
  return accept(state, [...events, { type: "LaneRequested", stage }], (next) => [askForLane(next)]);
}

/** Says so and changes nothing: the head's own, earlier seal is still to be opened. */
function refuseSeal(state: PatchState, head: string, reason: string): Decision {
  return accept(state, [{ type: "SealRefused", head, reason }], () => [
    refusalNotice(head, reason),
  ]);
}

function refusalNotice(head: string, reason: string): PatchEffect {
  return page("warning", "vote-refused", `vote of ${head} refused: ${reason}`);
}
