import { type DashboardSpec, during, quantiles, query } from "./panel.ts";

export const bus: DashboardSpec = {
  uid: "council-bus",
  title: "Council: bus",
  about: "Inboxes, the work on them, and what the processes use.",
  rows: [
    {
      title: "Inboxes",
      panels: [
        {
          title: "Length",
          about: "Messages not worked off.",
          unit: "short",
          queries: [query("max by (inbox) (council_inbox_length)", "{{inbox}}")],
        },
        {
          title: "Age of the oldest message",
          about: "Alert above five minutes; sample-sources waits on purpose.",
          unit: "s",
          queries: [query("max by (inbox) (council_inbox_oldest_seconds)", "{{inbox}}")],
        },
        {
          title: "Messages",
          about: "Worked off, by outcome.",
          unit: "ops",
          queries: [
            query(
              "sum by (outcome) (rate(council_messages_total[$__rate_interval]))",
              "{{outcome}}",
            ),
          ],
        },
        {
          title: "Given up",
          about: "Moved aside, or lost by Redis.",
          unit: "short",
          isStat: true,
          queries: [
            query(
              during('council_messages_total{outcome=~"dead-lettered|data-loss"}', "outcome"),
              "{{outcome}}",
            ),
          ],
        },
        {
          title: "Time of a message",
          about: "From taking it up to its commit, by service.",
          unit: "s",
          queries: quantiles("council_message_seconds", "service"),
        },
      ],
    },
    {
      title: "Processes",
      panels: [
        {
          title: "Memory",
          about: "Resident.",
          unit: "bytes",
          queries: [query("process_resident_memory_bytes", "{{service}} {{instance}}")],
        },
        {
          title: "Processor",
          about: "Cores used.",
          unit: "short",
          queries: [
            query("rate(process_cpu_seconds_total[$__rate_interval])", "{{service}} {{instance}}"),
          ],
        },
        {
          title: "Delay of the event loop",
          about: "99th percentile.",
          unit: "s",
          queries: [query("nodejs_eventloop_lag_p99_seconds", "{{service}} {{instance}}")],
        },
      ],
    },
  ],
};
