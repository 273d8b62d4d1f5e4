import { type DashboardSpec, during, quantiles, query } from "./panel.ts";

export const quorum: DashboardSpec = {
  uid: "council-quorum",
  title: "Council: audit quorum",
  about: "Who votes how, how fast, and how far the two renders agree.",
  rows: [
    {
      title: "Votes",
      panels: [
        {
          title: "Votes that counted",
          about: "By head and verdict.",
          unit: "short",
          queries: [query(during("council_votes_total", "head, verdict"), "{{head}} {{verdict}}")],
        },
        {
          title: "Silent heads",
          about: "Rounds in which a head was asked and did not vote.",
          unit: "short",
          isStat: true,
          queries: [query(during("council_heads_silent_total", "head"), "{{head}}")],
        },
        {
          title: "Votes refused",
          about: "Forged, replayed and cross-patch are attacks until explained.",
          unit: "short",
          queries: [query(during("council_votes_refused_total", "reason"), "{{reason}}")],
        },
        {
          title: "Time to a verdict",
          about: "From asking the heads to the verdict.",
          unit: "s",
          queries: quantiles("council_quorum_seconds"),
        },
        {
          title: "Time to a vote",
          about: "By head.",
          unit: "s",
          queries: quantiles("council_vote_seconds", "head"),
        },
      ],
    },
    {
      title: "Renders",
      panels: [
        {
          title: "Variance of the last comparison",
          about: "Upper bound of the structural distance of the two renders.",
          unit: "percent",
          queries: [query("max(quorum_ast_diff_percent)", "variance")],
        },
        {
          title: "Changes whose meaning was hashed",
          about: "Or could not be.",
          unit: "short",
          isStat: true,
          queries: [query(during("builder_meta_explained_total", "result"), "{{result}}")],
        },
      ],
    },
  ],
};
