import { type DashboardSpec, query } from "./panel.ts";

export const drills: DashboardSpec = {
  uid: "council-drills",
  title: "Council: drills",
  about: "What drills have proven of the rules in force, and how the newest one went.",
  rows: [
    {
      title: "Drills",
      panels: [
        {
          title: "Unproven policies",
          about: "Repositories whose rules no comprehensive drill has passed lately.",
          unit: "short",
          isStat: true,
          queries: [query("max(council_unproven_policies)", "unproven")],
        },
        {
          title: "Since the newest drill",
          about: "Counted from 1970 while there is no drill that can be trusted.",
          unit: "s",
          isStat: true,
          queries: [query("time() - max(council_drill_ended_timestamp_seconds)", "age")],
        },
        {
          title: "Runs of the newest drill",
          about: "A run deviates when something else came of its fault than must.",
          unit: "short",
          isStat: true,
          queries: [query("max by (outcome) (council_drill_runs)", "{{outcome}}")],
        },
        {
          title: "Time to detect, in the newest drill",
          about: "From the fault to the decision.",
          unit: "s",
          queries: [
            query('max by (share) (council_drill_seconds{phase="detection"})', "{{share}}"),
          ],
        },
        {
          title: "Time to take back, in the newest drill",
          about: "From the decision to the verified revert. Promised are 90 s, in a drill 120 s.",
          unit: "s",
          queries: [query('max by (share) (council_drill_seconds{phase="revert"})', "{{share}}")],
        },
        {
          title: "Time to recover, in the newest drill",
          about: "From the verified revert until the measurements were shown to have recovered.",
          unit: "s",
          queries: [query('max by (share) (council_drill_seconds{phase="recovery"})', "{{share}}")],
        },
      ],
    },
  ],
};
