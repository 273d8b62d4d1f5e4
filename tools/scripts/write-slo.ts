/**
 * Writes prometheus/rules/slo.yaml: `node tools/scripts/write-slo.ts`.
 *
 * Windows and factors are those of "Alerting on SLOs" in Google's Site Reliability Workbook, chapter 5,
 * for a period of 30 days: a page at 2 % of the budget in an hour or 5 % in six, a ticket at 10 % in a
 * day or in three. Each needs its short window too, so that it ends soon after the errors do.
 */
import { writeFile } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { stringify } from "yaml";

export const rulesFile = fileURLToPath(new URL("../../prometheus/rules/slo.yaml", import.meta.url));

interface Slo {
  readonly name: string;
  readonly about: string;
  /** Share of events that are good, 0–1. */
  readonly objective: number;
  /** Selectors of counters; `bad` are among `all`. */
  readonly bad: (window: string) => string;
  readonly all: string;
}

const requests = "council_http_requests_total";
const seconds = "council_http_seconds";
const messages = "council_messages_total";

const slos: readonly Slo[] = [
  {
    name: "gateway-availability",
    about: "requests to the gateway are answered without a fault of its own",
    objective: 0.999,
    bad: (window) => `sum(rate(${requests}{status="5xx"}[${window}]))`,
    all: requests,
  },
  {
    name: "gateway-latency",
    about: "requests to the gateway are answered within 250 ms",
    objective: 0.99,
    bad: (window) =>
      `(sum(rate(${seconds}_count[${window}])) - sum(rate(${seconds}_bucket{le="0.25"}[${window}])))`,
    all: `${seconds}_count`,
  },
  {
    name: "messages",
    about: "messages are worked off at the first try",
    objective: 0.99,
    bad: (window) => `sum(rate(${messages}{outcome=~"failed|dead-lettered|data-loss"}[${window}]))`,
    all: messages,
  },
];

const windows = ["5m", "30m", "1h", "2h", "6h", "1d", "3d"] as const;
/** A ratio of fewer events in the long window is chance. */
const fewestEvents = 50;
const severities = [
  {
    alert: "CouncilSloPage",
    severity: "critical",
    pairs: [
      { factor: 14.4, short: "5m", long: "1h" },
      { factor: 6, short: "30m", long: "6h" },
    ],
  },
  {
    alert: "CouncilSloTicket",
    severity: "warning",
    pairs: [
      { factor: 3, short: "2h", long: "1d" },
      { factor: 1, short: "6h", long: "3d" },
    ],
  },
] as const;
const runbook = "docs/runbooks/slo-burn.md";

/** The text of the file. */
export function sloRules(): string {
  const groups = slos.map((slo) => ({
    name: `council-slo-${slo.name}`,
    rules: [...recordings(slo), ...alerts(slo)],
  }));
  const text = stringify({ groups }, { lineWidth: 0 });
  return `# Written by tools/scripts/write-slo.ts; change it there.\n${text}`;
}

function recordings({ name: slo, objective, bad, all }: Slo) {
  const labels = { slo };
  const ratios = windows.map((window) => ({
    record: `slo:sli_error:ratio_rate${window}`,
    expr: `${bad(window)} / sum(rate(${all}[${window}]))`,
    labels,
  }));
  const budget = Number((1 - objective).toFixed(6));
  return [
    ...ratios,
    { record: "slo:objective:ratio", expr: `vector(${objective})`, labels },
    {
      record: "slo:current_burn_rate:ratio",
      expr: `slo:sli_error:ratio_rate5m{slo="${slo}"} / ${budget}`,
      labels,
    },
    {
      record: "slo:budget_remaining:ratio3d",
      expr: `1 - slo:sli_error:ratio_rate3d{slo="${slo}"} / ${budget}`,
      labels,
    },
  ];
}

function alerts({ name: slo, about, objective, all }: Slo) {
  const budget = Number((1 - objective).toFixed(6));
  const ratio = (window: string) => `slo:sli_error:ratio_rate${window}{slo="${slo}"}`;
  const burning = severities.map(({ alert, severity, pairs }) => ({
    alert,
    expr: pairs
      .map(({ factor, short, long }) => {
        const limit = Number((factor * budget).toFixed(6));
        const isEnough = `and on () sum(increase(${all}[${long}])) >= ${fewestEvents}`;
        return `(${ratio(short)} > ${limit} and ${ratio(long)} > ${limit} ${isEnough})`;
      })
      .join(" or "),
    labels: { severity, slo },
    annotations: {
      summary: `The error budget of "${about}" (${objective * 100} %) burns too fast.`,
      runbook: runbook,
    },
  }));
  const absent = {
    alert: "CouncilSloAbsent",
    expr: `absent(${all})`,
    for: "10m",
    labels: { severity: "warning", slo },
    annotations: { summary: `Nothing tells whether ${about}.`, runbook: runbook },
  };
  return [...burning, absent];
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  await writeFile(rulesFile, sloRules());
