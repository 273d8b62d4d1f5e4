import type { Assignment } from "@council/contracts";
import type { Drain, LandingOutcome } from "@council/domain";
import type { GitPerforming } from "../land-patch.ts";
import { sequenceOf } from "./steer-traffic.ts";

/**
 * Gives a landing the traffic of its stage. Throws when that cannot be done, so that the effect is tried
 * again: a canary without its share would be watched on nothing.
 */
export async function withTraffic(
  { trafficOf }: Pick<GitPerforming, "trafficOf">,
  { patch, effect }: Assignment<"land">,
  outcome: LandingOutcome,
): Promise<LandingOutcome> {
  const steer = trafficOf(patch.repository, patch.targetBranch);
  const { weightPercent, effectId, stage, token } = effect;
  if (outcome.kind !== "landed" || weightPercent === undefined || !steer) return outcome;
  const { id: patchId, repository } = patch;
  const order = { effectId, patchId, repository, stage, weightPercent };
  const steered = await steer({ ...order, sequence: sequenceOf(token, false) });
  if (steered.kind === "failed") throw new Error(steered.reason);
  // Overtaken: a rollback came first, and the patch will hear of it.
  return steered.kind === "overtaken" ? outcome : { ...outcome, weightPercent };
}

/** Takes the canary's traffic away; undefined when there is none to take. Never rejects (P4). */
export async function drainTraffic(
  { trafficOf }: Pick<GitPerforming, "trafficOf">,
  { patch, effect }: Assignment<"revert">,
): Promise<Drain | undefined> {
  const steer = trafficOf(patch.repository, patch.targetBranch);
  const { drain, effectId, landings } = effect;
  if (!drain || !steer) return undefined;
  const { id: patchId, repository } = patch;
  const stage = landings[0]?.stage ?? "";
  const order = { effectId, patchId, repository, stage, weightPercent: 0 };
  const steered = await steer({ ...order, sequence: sequenceOf(drain.token, true) });
  return steered.kind === "failed" ? steered : { kind: "drained" };
}
