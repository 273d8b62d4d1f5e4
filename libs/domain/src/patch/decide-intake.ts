import { capNames } from "../budget/spend-accounts.ts";
import type { Suspension } from "../budget/spend-ledger.ts";
import { refusedBefore } from "../governance/repository-record.ts";
import { grantedPaths, pathRefusal } from "../governance/sender-paths.ts";
import { waiversOf } from "../governance/waiver.ts";
import { builderStop, headStop, type Stop, stopSentence } from "../governance/stop.ts";
import { isTierAbove, type Seat } from "../policy.ts";
import { seatsOf } from "../seating.ts";
import { carriedHeads } from "./carried-votes.ts";
import { accept, type Decision, type Facts, ignore, page, releaseLane } from "./decision.ts";
import type { PatchEffect } from "./effect.ts";
import type { PatchEvent } from "./event.ts";
import type { Candidate, Comparison, Patch, Render, Slot } from "./patch.ts";
import type { PatchState } from "./state.ts";

/** A patch is taken up once (P1); what it brought is render A, what is missing is asked of builders. */
export function submit(state: PatchState | undefined, patch: Patch, facts: Facts): Decision {
  if (state) return ignore("already submitted");
  const events: PatchEvent[] = [{ type: "PatchSubmitted", patch }];
  if (patch.diff !== undefined) {
    const render: Render = { slot: "a", diff: patch.diff, provider: "author", family: "author" };
    events.push({ type: "RenderRecorded", render });
  }
  const wanted: readonly Slot[] = patch.diff === undefined ? ["a", "b"] : ["b"];
  const isStopped = (slot: Slot) => builderStop(facts.governance.stops, slot, facts.now);
  const asked = patch.task ? wanted.filter((slot) => patch.policy.builders.includes(slot)) : [];
  const slots = asked.filter((slot) => !isStopped(slot));
  if (patch.diff === undefined && !slots.includes("a"))
    return accept(
      undefined,
      [...events, { type: "Rejected", reason: noBuilder(isStopped("a")) }],
      () => [],
    );
  const superseding: PatchEffect[] =
    patch.supersedes === undefined ? [] : [{ type: "supersede", patchId: patch.supersedes }];
  if (slots.length === 0) return startComparison(undefined, events, patch.base, facts, superseding);
  return accept(undefined, [...events, { type: "RenderingStarted", slots }], (next) => [
    ...askBuilders(next, facts),
    ...superseding,
  ]);
}

const noBuilder = (stop: Stop | undefined) =>
  stop ? `no builder to render it: ${stopSentence(stop)}` : "a task, but no builder to render it";

/** Asks the builders that are awaited, and says when they have to be done. */
export function askBuilders(next: PatchState, facts: Facts): readonly PatchEffect[] {
  if (next.kind !== "rendering") return [];
  const { base, patch } = next;
  return [
    ...next.awaiting.flatMap((slot): PatchEffect[] =>
      patch.task ? [{ type: "render", slot, base, task: patch.task }] : [],
    ),
    deadline(next, "render", facts.now + patch.policy.renderTimeoutMs),
  ];
}

export function startComparison(
  state: PatchState | undefined,
  events: readonly PatchEvent[],
  base: string,
  facts: Facts,
  more: readonly PatchEffect[] = [],
): Decision {
  return accept(state, [...events, { type: "ComparisonStarted", base }], (next) => {
    const { a, b } = next.renders;
    if (!a) return [];
    const renders = b ? { a: a.diff, b: b.diff } : { a: a.diff };
    return [
      { type: "compare", base, ...renders },
      deadline(next, "compare", facts.now + next.patch.policy.compareTimeoutMs),
      ...more,
    ];
  });
}

/** P3: a variance that could not be measured never counts as small. */
export function recordComparison(
  state: PatchState,
  base: string,
  comparison: Comparison,
  facts: Facts,
): Decision {
  if (state.kind !== "comparing") return ignore("comparison not awaited");
  if (base !== state.base) return ignore("comparison of an older base");
  // P2: what is voted on stands on the base that was asked about, and on no other.
  if (comparison.kind === "compared" && comparison.candidate.base !== base)
    return ignore("a candidate on another base");
  const recorded: PatchEvent = { type: "ComparisonRecorded", comparison };
  if (comparison.kind === "refused") return rejected(state, [recorded], comparison.reason);
  const barred = barredChange(state, comparison.candidate, facts);
  if (barred !== undefined) return rejected(state, [recorded], barred);
  const { policy } = state.patch;
  if (comparison.variance.kind === "unknown" && policy.onUnknownVariance === "reject")
    return rejected(state, [recorded], `variance unknown: ${comparison.variance.reason}`);
  return startAudit(state, [recorded], comparison, facts);
}

/** Why nobody needs to vote on this: its sender may not touch that, or it was taken back before. */
function barredChange(
  { patch }: PatchState,
  candidate: Candidate,
  { governance }: Facts,
): string | undefined {
  const { sender, policy } = patch;
  const granted = grantedPaths(policy.senderPaths, sender);
  const forbidden = pathRefusal(granted, sender, candidate.paths);
  if (forbidden !== undefined) return forbidden;
  const before = refusedBefore(governance.record, candidate);
  // Who asks for it to come again has released it.
  if (!before || patch.relands?.patchId === before.patchId) return undefined;
  return `the same change was taken back as ${before.patchId} (${before.reason}); an operator may release it`;
}

/**
 * Opens a round of votes on the candidate. Votes that outlive a moved base are in it from the start (P6). Seats that may not spend are not asked, and the others have
 * to agree among themselves as many as ever; where they are too few, the patch waits (P2).
 */
export function startAudit(
  state: PatchState,
  events: readonly PatchEvent[],
  comparison: Comparison & { kind: "compared" },
  facts: Facts,
): Decision {
  const { policy } = state.patch;
  const { candidate } = comparison;
  const reasons = escalations(state, comparison, candidate);
  const isEscalated = reasons.length > 0;
  const seats = seatsOf(policy.seats, isEscalated);
  const approvals = isEscalated ? seats.length : policy.approvalsNeeded;
  const carried = carriedHeads(state, comparison, seats, facts.now);
  const { repository } = state.patch;
  const { paths } = candidate;
  const waivers = waiversOf(facts.governance.waivers, { repository, paths }, facts.now);
  const suspended = suspendedSeats(seats, facts).filter(({ head }) => !carried.includes(head));
  const started: PatchEvent = {
    type: "AuditStarted",
    nonce: facts.cause,
    candidate,
    seats,
    requirement: { approvals, reasons },
    suspended,
    ...(carried.length > 0 ? { carried } : {}),
    ...(waivers.length > 0 ? { waivers } : {}),
  };
  if (seats.length - suspended.length < policy.approvalsNeeded)
    return holdForBudget(state, [...events, started], suspended, facts);
  return accept(state, [...events, started], (next) => askHeads(next, facts));
}

/** Asks the heads of the present wave, and says when they have to be done. */
export function askHeads(next: PatchState, facts: Facts): readonly PatchEffect[] {
  if (next.kind !== "auditing") return [];
  const { candidate, round } = next;
  const { auditTimeoutMs } = next.patch.policy;
  // Votes outlive the deadline that opens them, or those of a round with a silent head would all be late.
  const expiresAt = facts.now + 3 * auditTimeoutMs;
  const { nonce, waivers } = round;
  const waived = waivers ? { waivers } : {};
  return [
    ...round.asked.map((head): PatchEffect => ({
      type: "audit",
      head,
      nonce,
      candidate,
      expiresAt,
      ...waived,
    })),
    deadline(next, "audit", facts.now + auditTimeoutMs),
  ];
}

/** How often a switch that no clock turns is looked at again, milliseconds. */
export const budgetRecheckMs = 20_000;

/** The paid seats that may not spend now, and those that are stopped; money alone suspends no other seat. */
function suspendedSeats(seats: readonly Seat[], facts: Facts): Suspension[] {
  const isModel = (head: string) => seats.some((seat) => seat.isModel && seat.head === head);
  const stopped = stoppedSeats(seats, facts);
  const isStopped = (head: string) => stopped.some((each) => each.head === head);
  const unpaid = facts.suspended.filter(({ head }) => isModel(head) && !isStopped(head));
  return [...unpaid, ...stopped];
}

/** The seats of stopped heads: suspended until somebody lifts the stop, or it runs out. */
export function stoppedSeats(
  seats: readonly Seat[],
  { governance, now }: Pick<Facts, "governance" | "now">,
): Suspension[] {
  return seats.flatMap(({ head }) => {
    const stop = headStop(governance.stops, head, now);
    if (!stop) return [];
    return [{ head, cap: "stop", reason: stopSentence(stop), resetAt: stop.until ?? 0 }];
  });
}

/**
 * The patch waits for money, and goes on when the first cap opens again. What a cap that is raised would
 * let through is known, or an operator's switch is in the way: these are looked at from time to time.
 * Whatever else has no clock waits for a person.
 */
export function holdForBudget(
  state: PatchState,
  events: readonly PatchEvent[],
  suspended: readonly Suspension[],
  facts: Facts,
  slots?: readonly Slot[],
): Decision {
  const isCap = (cap: string) => capNames.some((name) => name === cap);
  // A stop may be lifted while its refusal is still on its way here.
  const isVisible = ({ head, cap, neededMicroUsd }: Suspension) =>
    cap === "emergency-stop" ||
    cap === "stop" ||
    (isCap(cap) && neededMicroUsd !== undefined) ||
    facts.suspended.some((each) => each.head === head);
  const times = suspended.flatMap((each) => {
    if (isVisible(each)) return [facts.now + budgetRecheckMs];
    return each.resetAt > facts.now ? [each.resetAt] : [];
  });
  const recheckAt = times.length > 0 ? Math.min(...times) : 0;
  const detail = suspended.map(({ head, reason }) => `${head} is suspended: ${reason}`).join("; ");
  const wanted = slots ? { slots } : {};
  const held: PatchEvent = {
    type: "Held",
    reason: { kind: "budget", suspended, ...wanted, detail, recheckAt },
  };
  return accept(state, [...events, held], (next) => [
    releaseLane(next),
    ...(recheckAt > 0 ? [deadline(next, "recheck", recheckAt)] : []),
    page("warning", "held", `held: ${detail}`),
  ]);
}

/** Why more than the usual approvals are asked for: the renders disagree, or the change is risky. */
function escalations(
  state: PatchState,
  comparison: Comparison & { kind: "compared" },
  candidate: Candidate,
): string[] {
  const { policy } = state.patch;
  const { variance, critical } = comparison;
  const reasons: string[] = [];
  if (variance.kind === "unknown") reasons.push(`variance unknown: ${variance.reason}`);
  else if (!(variance.high <= policy.varianceLimit))
    reasons.push(
      `variance up to ${percent(variance.high)} is over ${percent(policy.varianceLimit)}`,
    );
  const { a, b } = state.renders;
  if (a && b && a.family === b.family)
    reasons.push(`both renders are of the family "${a.family}": their agreement says little`);
  if (critical.length > 0)
    reasons.push(`renders differ critically: ${critical.slice(0, 3).join(", ")}`);
  if (isTierAbove(candidate.tier, "service")) reasons.push(`tier ${candidate.tier}`);
  return reasons;
}

export function rejected(
  state: PatchState,
  events: readonly PatchEvent[],
  reason: string,
): Decision {
  return accept(state, [...events, { type: "Rejected", reason }], (next) => [releaseLane(next)]);
}

export function failed(state: PatchState, events: readonly PatchEvent[], reason: string): Decision {
  return accept(state, [...events, { type: "Failed", reason }], (next) => [releaseLane(next)]);
}

export function deadline(
  next: PatchState,
  name: (PatchEffect & { type: "set-deadline" })["deadline"],
  dueAt: number,
): PatchEffect {
  return { type: "set-deadline", deadline: name, epoch: next.epoch, dueAt };
}

const percent = (ratio: number) => `${(ratio * 100).toFixed(2)} %`;
