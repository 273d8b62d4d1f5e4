import type { Stage } from "./policy.ts";

const watch = { watchMinMs: 60_000, watchMaxMs: 600_000 } as const;
const canary = { branch: "council/canary", ...watch } as const;

/** The stages in force where traffic can be steered and the policy names none. */
export const rampedStages: readonly Stage[] = [
  { name: "canary-5", weightPercent: 5, ...canary },
  { name: "canary-25", weightPercent: 25, ...canary },
  { name: "canary-50", weightPercent: 50, ...canary },
  { name: "target", weightPercent: 100, ...watch },
];
