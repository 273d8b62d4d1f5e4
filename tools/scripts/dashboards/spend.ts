import { type DashboardSpec, during, quantiles, query } from "./panel.ts";

const byWindow = (title: string, about: string, metric: string) => ({
  title,
  about,
  unit: "currencyUSD" as const,
  queries: [query(`max by (window) (${metric})`, "{{window}}")],
});

export const spend: DashboardSpec = {
  uid: "council-spend",
  title: "Council: spend",
  about: "What models cost, against the caps.",
  rows: [
    {
      title: "Caps",
      panels: [
        {
          title: "Used",
          about: "Spent or reserved, of each cap. Alerts at 75 % and 90 %.",
          unit: "percentunit",
          isStat: true,
          queries: [query("council:budget_used:ratio", "{{window}}")],
        },
        {
          title: "Burn rate",
          about: "Above 1 the daily cap does not last until midnight UTC.",
          unit: "short",
          isStat: true,
          queries: [query("max(cost_daily_burn_rate)", "day")],
        },
        {
          title: "Suspended",
          about: "1 while a paid head may not spend.",
          unit: "short",
          isStat: true,
          queries: [query("max(council_degraded)", "degraded")],
        },
        byWindow("Spent", "Settled calls.", "council_budget_settled_usd"),
        byWindow(
          "Reserved",
          "Calls under way, at their worst case.",
          "council_budget_reserved_usd",
        ),
        byWindow("Caps", "As configured.", "council_budget_limit_usd"),
        {
          title: "Calls refused",
          about: "Before they were made, by the cap or switch in the way.",
          unit: "short",
          queries: [query(during("council_budget_refused_total", "cap"), "{{cap}}")],
        },
      ],
    },
    {
      title: "Models",
      panels: [
        {
          title: "Cost",
          about: "By who asked.",
          unit: "currencyUSD",
          queries: [query(during("council_model_cost_usd_total", "instance"), "{{instance}}")],
        },
        {
          title: "Tokens",
          about: "Input with what was cached, output with reasoning.",
          unit: "short",
          queries: [query(during("council_model_tokens_total", "direction"), "{{direction}}")],
        },
        {
          title: "Time of calls",
          about: "Each try by itself, by outcome.",
          unit: "s",
          queries: quantiles("council_model_call_seconds", "outcome"),
        },
        {
          title: "Another model answered",
          about: "Such answers do not count.",
          unit: "short",
          isStat: true,
          queries: [query(during("council_model_mismatch_total", "service"), "{{service}}")],
        },
      ],
    },
  ],
};
