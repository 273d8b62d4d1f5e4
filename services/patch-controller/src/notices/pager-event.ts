import type { Notice } from "@council/contracts";

/** What belongs to one incident: all about one rollback call once. */
const incidentOf: Readonly<Record<Notice["about"], string>> = {
  settled: "end",
  held: "hold",
  "vote-refused": "vote",
  reverted: "rollback",
  "revert-blocked": "rollback",
  "rollback-overdue": "rollback",
  recovered: "rollback",
  "not-recovered": "rollback",
};

/** A notice as an event of PagerDuty's Events API v2. The same notice twice is one incident. */
export function pagerEvent(notice: Notice, routingKey: string): object {
  const { level, about, text, patch, links } = notice;
  return {
    routing_key: routingKey,
    event_action: "trigger",
    dedup_key: `council/${patch.id}/${incidentOf[about]}`,
    client: "Council",
    client_url: links.patch,
    links: [{ href: links.patch, text: "The patch in the console" }],
    payload: {
      summary: `${patch.repository} ${patch.targetBranch}: ${text}`.slice(0, 1024),
      source: `council/${patch.repository}`,
      severity: level,
      timestamp: new Date(notice.at).toISOString(),
      component: patch.repository,
      group: patch.targetBranch,
      class: about,
      custom_details: { ...patch, notice: notice.id, runbook: links.runbook },
    },
  };
}
