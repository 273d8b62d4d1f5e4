import { type PatchState, restingKinds } from "@council/domain";
import { holdersOf } from "./invariants.ts";
import type { World } from "./small-world.ts";

/** Everything is where only a person moves it on, or waits behind such a patch. */
export function isResting({ patches, lane }: World): boolean {
  const waitsForPerson = (state: PatchState | undefined) =>
    state !== undefined &&
    ((restingKinds.includes(state.kind) && !isRecovering(state)) ||
      (state.kind === "held" &&
        !["paused", "stopped", "budget", "suspected"].includes(state.reason.kind)));
  const holders = holdersOf(lane).map((id) => patches[id]);
  return Object.values(patches).every(
    (state) =>
      waitsForPerson(state) ||
      (state.kind === "landing" &&
        holders.some((holder) => holder !== state && waitsForPerson(holder))),
  );
}

/** Whether people wait to hear if it helped. */
export const isRecovering = (state: PatchState) =>
  state.kind === "reverted" && state.recovery !== undefined && !state.recovery.observation;
