import { noticeLevels } from "@council/contracts";
import { defineSettings } from "@council/runtime";

const levels = (env: string, whom: string, chosen: readonly (typeof noticeLevels)[number][]) =>
  ({
    env,
    kind: "list",
    oneOf: noticeLevels,
    default: chosen,
    meaning: `The levels of notices that ${whom} gets, comma separated.`,
  }) as const;

/** Who is told of what. Addresses are secrets: whoever knows one can post there. */
export const noticeSettings = defineSettings({
  slackUrl: {
    env: "SLACK_WEBHOOK_URL",
    kind: "secret",
    meaning: "Incoming webhook of Slack, or of a chat that understands Slack's messages.",
  },
  slackLevels: levels("COUNCIL_SLACK_LEVELS", "Slack", ["warning", "critical"]),
  noticeUrl: {
    env: "COUNCIL_NOTICE_URL",
    kind: "secret",
    meaning: "Where notices are posted as signed JSON.",
  },
  noticeSecret: {
    env: "COUNCIL_NOTICE_SECRET",
    kind: "secret",
    meaning: "Signs the notices posted to `COUNCIL_NOTICE_URL`: `whsec_<base64>`.",
  },
  noticeLevels: levels("COUNCIL_NOTICE_LEVELS", "that address", ["info", "warning", "critical"]),
  pagerKey: {
    env: "COUNCIL_PAGER_KEY",
    kind: "secret",
    meaning: "Routing key of a pager that takes PagerDuty's events (Events API v2).",
  },
  pagerUrl: {
    env: "COUNCIL_PAGER_URL",
    kind: "url",
    schemes: ["https", "http"],
    default: "https://events.pagerduty.com/v2/enqueue",
    meaning: "Where the pager takes its events.",
  },
  pagerLevels: levels("COUNCIL_PAGER_LEVELS", "the pager", ["critical"]),
  consoleUrl: {
    env: "COUNCIL_CONSOLE_URL",
    kind: "url",
    schemes: ["https", "http"],
    default: "http://127.0.0.1:8080",
    meaning: "Where operators open the console; notices link there.",
  },
  runbooks: {
    env: "COUNCIL_RUNBOOKS",
    kind: "string",
    default: "docs/runbooks",
    meaning: "Address or folder of the runbooks; notices name the page in it.",
  },
});
