import type { Suspension } from "../budget/spend-ledger.ts";
import { accept, type Decision, type Facts, ignore } from "./decision.ts";
import { failed, holdForBudget, startComparison } from "./decide-intake.ts";
import type { PatchEvent } from "./event.ts";
import { evolve } from "./evolve.ts";
import type { Render, Slot } from "./patch.ts";
import type { PatchState } from "./state.ts";

type Rendering = PatchState & { kind: "rendering" };

export function recordRender(state: PatchState, render: Render, facts: Facts): Decision {
  if (state.kind !== "rendering" || !state.awaiting.includes(render.slot))
    return ignore("render not awaited");
  return conclude(state, [{ type: "RenderRecorded", render }], facts);
}

/** What the builder of a slot could not do, and whether it was only for want of money. */
export interface RenderFailure {
  readonly reason: string;
  readonly suspension?: Suspension | undefined;
}

/** A builder that failed leaves the variance unknown; without render A there is nothing to land. */
export function failRenders(
  state: PatchState,
  slots: readonly Slot[],
  { reason, suspension }: RenderFailure,
  facts: Facts,
): Decision {
  if (state.kind !== "rendering") return ignore("render not awaited");
  const failing = slots.filter((slot) => state.awaiting.includes(slot));
  if (failing.length === 0) return ignore("render not awaited");
  const why = suspension ? { reason, suspension } : { reason };
  const events = failing.map((slot): PatchEvent => ({ type: "RenderFailed", slot, ...why }));
  return conclude(state, events, facts);
}

/**
 * When nothing is awaited any more: a render that could not be paid is waited for, so that an empty purse
 * neither loses a task nor spares a change its comparison; what is rendered already stays.
 */
function conclude(state: Rendering, events: readonly PatchEvent[], facts: Facts): Decision {
  const next = events.reduce<PatchState | undefined>(evolve, state);
  if (next?.kind !== "rendering" || next.awaiting.length > 0)
    return accept(state, events, () => []);
  const { unpaid = [], renders } = next;
  if (!renders.a && !unpaid.some(({ slot }) => slot === "a"))
    return failed(state, events, `render A failed${reasonIn(events)}`);
  if (unpaid.length === 0) return startComparison(state, events, state.base, facts);
  const slots = unpaid.map(({ slot }) => slot);
  const suspended = unpaid.map(({ suspension }) => suspension);
  return holdForBudget(state, events, suspended, facts, slots);
}

function reasonIn(events: readonly PatchEvent[]): string {
  const reasons = events.flatMap((event) =>
    event.type === "RenderFailed" && event.slot === "a" ? [`: ${event.reason}`] : [],
  );
  return reasons.join("");
}
