import type { Delivery, Outcome } from "@council/bus";
import { answer, readAssignment } from "@council/contracts";
import { GitError } from "@council/git";
import { describeSpan } from "@council/runtime";
import { barLanding, type GitPerforming, landOrBar } from "./land-patch.ts";
import { revertPatch } from "./revert-patch.ts";
import { drainTraffic, withTraffic } from "./traffic/perform-traffic.ts";

/** Does what was decided to the repository, then tells the patch what came of it. */
export async function performGit(git: GitPerforming, delivery: Delivery): Promise<Outcome> {
  const { message } = delivery;
  const assignment = readAssignment(message.body, ["land", "cancel-landing", "revert"]);
  if (!assignment) throw new Error(`not for git: ${message.type}`);
  const { patch, effect } = assignment;
  const { effectId } = effect;
  describeSpan({ "council.effect": effectId, "council.repository": patch.repository });
  switch (effect.type) {
    case "land": {
      const landed = await refusedOr(() => landOrBar(git, delivery, { patch, effect }));
      const outcome = await withTraffic(git, { patch, effect }, landed);
      return answer(message, { type: "record-landing", effectId, outcome });
    }
    case "cancel-landing": {
      const outcome = await refusedOr(() => barLanding(git, delivery, { patch, effect }));
      return answer(message, { type: "record-landing", effectId, outcome });
    }
    case "revert": {
      const early = await drainTraffic(git, { patch, effect });
      const done = await refusedOr(() => revertPatch(git, delivery, { patch, effect }));
      // P4: the revert never waited for it; what failed before it is tried once more after it.
      const drain = early?.kind === "failed" ? await drainTraffic(git, { patch, effect }) : early;
      const taken = done.kind === "refused" ? { reverts: [], ...done } : done;
      const outcome = { ...taken, ...(drain ? { drain } : {}) };
      return answer(message, { type: "record-revert", effectId, outcome });
    }
  }
}

/** Longest reason the patch takes, characters. */
const maxReason = 4000;

/** What git will never take, such as an impossible branch name, is an answer; trying again is none. */
async function refusedOr<Done extends { readonly kind: string }>(
  perform: () => Promise<Done>,
): Promise<Done | { readonly kind: "refused"; readonly reason: string }> {
  try {
    return await perform();
  } catch (error) {
    if (!(error instanceof GitError) || error.code !== "invalid-argument") throw error;
    return { kind: "refused", reason: error.message.slice(0, maxReason) };
  }
}
