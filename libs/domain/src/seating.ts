import type { Seat } from "./policy.ts";
import type { Vote } from "./quorum.ts";

/** The seats of one round. An arbiter sits only where the renders disagree or the change is risky. */
export function seatsOf(seats: readonly Seat[], isEscalated: boolean): readonly Seat[] {
  return isEscalated ? seats : seats.filter((seat) => !seat.isArbiter);
}

/**
 * The heads to ask next, cheapest first: seats of one order are asked together. The first time so many
 * orders are asked that the approvals needed can come together and nobody who must vote is left out;
 * later one order at a time. Empty when everybody has been asked.
 */
export function nextHeads(
  seats: readonly Seat[],
  asked: readonly string[],
  approvalsNeeded: number,
): readonly string[] {
  const open = seats.filter(({ head }) => !asked.includes(head));
  const orders = [...new Set(open.map(orderOf))].sort((one, other) => one - other);
  let heads: readonly string[] = [];
  for (const order of orders) {
    heads = open.filter((seat) => orderOf(seat) <= order).map(({ head }) => head);
    if (asked.length > 0) break;
    const isMissing = open.some(({ head, mustVote }) => mustVote && !heads.includes(head));
    if (heads.length >= approvalsNeeded && !isMissing) break;
  }
  return heads;
}

/**
 * The first heads of a round in which these votes stand already: only as many as are still lacking, but
 * everybody who costs nothing, for they look at the new tree.
 */
export function firstHeads(
  seats: readonly Seat[],
  votes: readonly Vote[],
  approvalsNeeded: number,
): readonly string[] {
  const given = votes.filter(({ verdict }) => verdict === "approve").length;
  const heads = nextHeads(seats, [], Math.max(0, approvalsNeeded - given));
  if (votes.length === 0) return heads;
  return seats.flatMap(({ head, isModel }) => (!isModel || heads.includes(head) ? [head] : []));
}

const orderOf = ({ order = 0 }: Seat) => order;
