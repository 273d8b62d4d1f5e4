import { type DashboardSpec, during, quantiles, query } from "./panel.ts";

export const rollbacks: DashboardSpec = {
  uid: "council-rollbacks",
  title: "Council: rollbacks",
  about: "What was taken back, why, and how long it took to see and to undo.",
  rows: [
    {
      title: "Rollbacks",
      panels: [
        {
          title: "Started, by reason",
          about: "The metric whose rule saw the breach, or a person's request.",
          unit: "short",
          isStat: true,
          queries: [query(during("gemini_rollback_triggered_total", "reason"), "{{reason}}")],
        },
        {
          title: "Ends",
          about: "Verified on the remote, blocked by later work, or later than promised.",
          unit: "short",
          isStat: true,
          queries: [
            query(
              during(
                'council_patch_events_total{type=~"Reverted|RevertBlocked|RollbackOverdue"}',
                "type",
              ),
              "{{type}}",
            ),
          ],
        },
        {
          title: "Time to revert",
          about: "From the decision to the verified revert. Promised are 90 s.",
          unit: "s",
          queries: quantiles("council_rollback_seconds"),
        },
        {
          title: "Time to detect",
          about: "From the begin of a stage's watch to the decision.",
          unit: "s",
          queries: quantiles("council_detection_seconds"),
        },
        {
          title: "Notices to people",
          about: "By level.",
          unit: "short",
          queries: [query(during("council_notices_total", "level"), "{{level}}")],
        },
        {
          title: "Notices by channel",
          about: "What Slack, the webhook and the pager took, and tries they did not take.",
          unit: "short",
          queries: [
            query(
              "sum by (channel, outcome) (increase(council_notices_sent_total[$__range]))",
              "{{channel}} {{outcome}}",
            ),
          ],
        },
      ],
    },
  ],
};
