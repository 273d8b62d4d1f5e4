import { busSettings, defineSettings, repositorySettings } from "@council/runtime";

export const settings = {
  ...busSettings,
  ...repositorySettings,
  ...defineSettings({
    compareTimeoutMs: {
      env: "COUNCIL_COMPARE_TIMEOUT",
      kind: "durationMs",
      default: "30s",
      meaning: "How long one comparison may take before the patch is escalated.",
    },
    compareWorkers: {
      env: "COUNCIL_COMPARE_WORKERS",
      kind: "integer",
      default: 1,
      min: 1,
      max: 32,
      meaning: "Worker threads that compare; they end when idle.",
    },
  }),
} as const;
