import type { Delivery, Outcome } from "@council/bus";
import { answer, readAssignment } from "@council/contracts";
import { barLanding, type GitPerforming, landPatch } from "./land-patch.ts";
import { revertPatch } from "./revert-patch.ts";

/** Does what was decided to the repository, then tells the patch what came of it. */
export async function performGit(git: GitPerforming, delivery: Delivery): Promise<Outcome> {
  const { message } = delivery;
  const assignment = readAssignment(message.body, ["land", "cancel-landing", "revert"]);
  if (!assignment) throw new Error(`not for git: ${message.type}`);
  const { patch, effect } = assignment;
  const { effectId } = effect;
  switch (effect.type) {
    case "land":
      return answer(delivery.message, {
        type: "record-landing",
        effectId,
        outcome: await landPatch(git, delivery, { patch, effect }),
      });
    case "cancel-landing":
      return answer(delivery.message, {
        type: "record-landing",
        effectId,
        outcome: await barLanding(git, delivery, { patch, effect }),
      });
    case "revert":
      return answer(delivery.message, {
        type: "record-revert",
        effectId,
        outcome: await revertPatch(git, delivery, { patch, effect }),
      });
  }
}
