/** What people switch for everybody in the small world, and what that uses up. */
import type { Budget } from "./budget.ts";
import type { Step, World } from "./small-world.ts";

/** Landings are paused, one patch is stopped, and both go on. */
export function switchSteps(world: World): Step[] {
  const { budget } = world;
  const steps: Step[] = [];
  if (!world.isPaused && budget.pauses > 0)
    steps.push({ label: "! paused", world: { ...spent(world, "pauses"), isPaused: true } });
  if (world.stopped === undefined && budget.stops > 0)
    for (const id of Object.keys(world.patches))
      steps.push({ label: `! ${id} stopped`, world: { ...spent(world, "stops"), stopped: id } });
  if (world.stopped !== undefined) {
    const { stopped: _, ...lifted } = world;
    steps.push({ label: "lifted", world: lifted });
  }
  if (world.isPaused) steps.push({ label: "resumed", world: { ...world, isPaused: false } });
  if (!world.isBroke && budget.shortages > 0)
    steps.push({ label: "! money gone", world: { ...spent(world, "shortages"), isBroke: true } });
  if (world.isBroke) steps.push({ label: "money back", world: { ...world, isBroke: false } });
  return steps;
}

export const spent = (world: World, what: keyof Budget): World => ({
  ...world,
  budget: { ...world.budget, [what]: world.budget[what] - 1 },
});
