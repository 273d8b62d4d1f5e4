import { type DashboardSpec, during, quantiles, query } from "./panel.ts";

export const canary: DashboardSpec = {
  uid: "council-canary",
  title: "Council: canary",
  about: "What the watches see, and how sure they are.",
  rows: [
    {
      title: "Watches",
      panels: [
        {
          title: "Looks",
          about: "At watched patches, by what they showed.",
          unit: "short",
          queries: [query(during("council_observations_total", "verdict"), "{{verdict}}")],
        },
        {
          title: "Rules",
          about: "Readings by metric and verdict.",
          unit: "short",
          queries: [
            query(
              `${during("council_rule_readings_total", "metric, verdict")} > 0`,
              "{{metric}} {{verdict}}",
            ),
          ],
        },
        {
          title: "Evidence against the canary",
          about:
            "Natural logarithm of the e-value read last; a rule with alpha 0.01 decides at 4.6 (ln 100).",
          unit: "short",
          queries: [query("max by (metric) (council_evidence_log_e)", "{{metric}}")],
        },
        {
          title: "Accuracy",
          about: "Of the canary, as read last. Alert below 95 %.",
          unit: "percentunit",
          queries: [query("min(accuracy_baseline_score)", "accuracy")],
        },
      ],
    },
    {
      title: "Samples",
      panels: [
        {
          title: "Age of samples",
          about: "From accepting a batch to judging it.",
          unit: "s",
          queries: quantiles("council_sample_delay_seconds"),
        },
        {
          title: "Samples of nothing watched",
          about: "Wrong patch id, or measured before the watch.",
          unit: "short",
          isStat: true,
          queries: [query(during("council_samples_unwatched_total", "service"), "unwatched")],
        },
        {
          title: "Sources",
          about: "Looks at sources, by whether the canary could be seen.",
          unit: "short",
          queries: [query(during("council_source_looks_total", "sight"), "{{sight}}")],
        },
      ],
    },
  ],
};
