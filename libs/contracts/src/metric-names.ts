/** Metric names kept from the system Council succeeds; every other name starts with `council_`. */
export const inheritedMetrics = {
  astDiffPercent: "quorum_ast_diff_percent",
  metaExplained: "builder_meta_explained_total",
  rollbackTriggered: "gemini_rollback_triggered_total",
  dailyBurnRate: "cost_daily_burn_rate",
  accuracyScore: "accuracy_baseline_score",
} as const;
