import type { Patch } from "@council/domain";
import { type Forges, isLabelled } from "@council/forge";
import { changeOf } from "./report-patch.ts";

/** The label, and what somebody has to be at the forge for it to count. */
export const exemptLabel = "freeze-exempt";
const exemptRole = "maintain";

/** Longer nobody waits for a forge: the landing is held, and it is asked again. */
const timeoutMs = 5000;

/**
 * Whether a change carries the label by the hand of somebody who may give it. Never rejects: a forge that
 * does not answer exempts nothing, for landings fail closed.
 */
export function freezeExemption(
  forges: Forges,
  onError: (patchId: string, error: unknown) => void,
): (patch: Patch) => Promise<boolean> {
  return async (patch) => {
    const change = changeOf(forges, patch);
    if (!change) return false;
    try {
      const late = AbortSignal.timeout(timeoutMs);
      const labels = await Promise.race([
        change.forge.readLabels(change.number),
        new Promise<never>((_, reject) => {
          late.addEventListener("abort", () => reject(new Error("no answer in time")));
        }),
      ]);
      return isLabelled(labels, exemptLabel, exemptRole);
    } catch (error) {
      onError(patch.id, error);
      return false;
    }
  };
}
