import type { Dossier, RecoveryWatch } from "./state.ts";

/** The watch for recovery of a patch that was just taken back; undefined where none is kept. */
export function recoveryOf({ cause, patch, latestToken }: Dossier): RecoveryWatch | undefined {
  const { stages, recoveryTimeoutMs = 0 } = patch.policy;
  if (cause?.kind !== "breach" || recoveryTimeoutMs === 0) return undefined;
  // Where traffic is steered, the canary gets none any more: that this was read back is the recovery.
  if (stages.some(({ weightPercent }) => weightPercent !== undefined)) return undefined;
  // No landing follows, so no watch of this patch has or will have this token.
  return { stage: cause.stage, token: latestToken + 1 };
}

/** What a verdict on recovery says, in words. */
export const recoveryWords = {
  healthy: "recovered after the revert",
  breach: "harm goes on after the revert",
  inconclusive: "recovery after the revert not shown",
  watching: "recovery is looked for",
} as const;
