import { freezeAt } from "../governance/freeze.ts";
import { limitReached } from "../governance/limits.ts";
import { isInForce, landingStop } from "../governance/stop.ts";
import type { Facts } from "./decision.ts";
import type { HoldReason } from "./event.ts";
import type { PatchState } from "./state.ts";

/** How long a landing held by a pause waits before it looks again, milliseconds. */
const pauseRecheckMs = 2000;
/** The same for every other gate: a person may open it before its time. */
const gateRecheckMs = 5000;
const longRecheckMs = 60_000;

/** Holds that end by themselves: the gate is looked at again until it is open. */
export type GateReason = Extract<HoldReason, { kind: "paused" | "stopped" | "frozen" | "limited" }>;

export interface ClosedGate {
  readonly reason: GateReason;
  /** Milliseconds since the epoch. */
  readonly recheckAt: number;
}

export const isGateReason = (reason: HoldReason): reason is GateReason =>
  ["paused", "stopped", "frozen", "limited"].includes(reason.kind);

/**
 * What keeps a patch from landing at this moment, the strongest first. Only landings ask; nothing that
 * takes a patch back comes by here (P4). A bypass opens freezes and limits, and never a stop.
 */
export function closedGate(
  { patch, landings, bypass }: PatchState,
  { now, governance }: Pick<Facts, "now" | "governance">,
): ClosedGate | undefined {
  const stop = landingStop(governance.stops, patch, now);
  if (stop?.scope.kind === "global")
    return { reason: { kind: "paused" }, recheckAt: now + pauseRecheckMs };
  if (stop) return { reason: { kind: "stopped", stop }, recheckAt: now + gateRecheckMs };
  if (bypass && isInForce(bypass, now)) return undefined;
  const freeze = freezeAt(patch.policy.freezes, now);
  if (freeze && !governance.isFreezeExempt) return waiting({ kind: "frozen", ...freeze }, now);
  // What is on a branch already goes on: the quota was taken when it began.
  const limit = landings.length > 0 ? undefined : limitReached(patch, governance.record, now);
  return limit && waiting({ kind: "limited", ...limit }, now);
}

function waiting(reason: GateReason & { readonly until: number }, now: number): ClosedGate {
  return { reason, recheckAt: Math.min(reason.until, now + longRecheckMs) };
}
