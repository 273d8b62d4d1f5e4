import { type DashboardSpec, during, quantiles, query } from "./panel.ts";

const event = (type: string) => `council_patch_events_total{type="${type}"}`;
const count = (title: string, about: string, types: readonly [string, string][]) => ({
  title,
  about,
  unit: "short" as const,
  isStat: true,
  queries: types.map(([type, legend]) => query(during(event(type), "type"), legend)),
});

export const overview: DashboardSpec = {
  uid: "council-overview",
  title: "Council: overview",
  about: "Is it up, what lands, what is taken back, and does it keep its objectives.",
  rows: [
    {
      title: "Patches",
      panels: [
        count("Outcomes", "Patches that came to rest in the shown time.", [
          ["Settled", "settled"],
          ["Reverted", "reverted"],
          ["Rejected", "rejected"],
          ["Failed", "failed"],
        ]),
        count("Waiting for a person", "A hold, a blocked revert or an overdue one.", [
          ["Held", "held"],
          ["RevertBlocked", "revert blocked"],
          ["RollbackOverdue", "rollback overdue"],
        ]),
        {
          title: "Events",
          about: "What happened to patches.",
          unit: "short",
          queries: [
            query(
              "sum by (type) (increase(council_patch_events_total[$__rate_interval])) > 0",
              "{{type}}",
            ),
          ],
        },
      ],
    },
    {
      title: "Council itself",
      panels: [
        {
          title: "Services that answer",
          about: "1 for each process Prometheus can read.",
          unit: "short",
          isStat: true,
          queries: [query('up{job=~"council.*"}', "{{instance}}")],
        },
        {
          title: "Error budget left",
          about:
            "Share of the budget of three days that is left; the alerts are in prometheus/rules/slo.yaml.",
          unit: "percentunit",
          isStat: true,
          queries: [query("slo:budget_remaining:ratio3d", "{{slo}}")],
        },
        {
          title: "Requests",
          about: "Answers of the gateway by class of status.",
          unit: "reqps",
          queries: [
            query(
              "sum by (status) (rate(council_http_requests_total[$__rate_interval]))",
              "{{status}}",
            ),
          ],
        },
        {
          title: "Time to answer",
          about: "Of the gateway; live feeds are not counted.",
          unit: "s",
          queries: quantiles("council_http_seconds"),
        },
      ],
    },
  ],
};
