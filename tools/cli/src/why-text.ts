import type { WhyCard, WhyEvidence, WhyMetric, WhyPoint } from "@council/domain";
import { printable } from "./terminal.ts";

/** The card as lines for a terminal. Text of the patch cannot move the cursor or colour anything. */
export function whyText(card: WhyCard): string {
  const { metric } = card;
  const took = card.endedAt === undefined ? "" : ` in ${card.endedAt - card.decidedAt} ms`;
  return [
    `${card.title} (${card.patchId}, ${card.repository}): ${card.kind}${took}`,
    card.sentence,
    ...(metric ? ["", ...metricLines(metric), ...chartLines(card.series, metric)] : []),
    ...(card.evidence ? ["", ...evidenceLines(card.evidence)] : []),
    "",
    "What happened",
    ...card.events.map(
      ({ sequence, at, type, detail }) =>
        `  ${String(sequence).padStart(4)}  ${new Date(at).toISOString()}  ${type}  ${detail}`,
    ),
    ...(card.keptBy.length > 0 ? ["", "What would have kept it"] : []),
    ...card.keptBy.map((line) => `  ${line}`),
  ]
    .map(printable)
    .join("\n");
}

function metricLines(metric: WhyMetric): string[] {
  const { name, statistic, unit, canary, baseline, threshold, interval } = metric;
  const value = (given: number | undefined) =>
    given === undefined ? "none" : `${Number(given.toPrecision(4))} ${unit}`;
  return [
    `Rule ${metric.ruleId}: ${name} ${statistic}, ${metric.worse} is worse`,
    `  canary     ${value(canary)}  (${metric.canarySamples} samples)`,
    `  baseline   ${value(baseline)}  (${metric.baselineSamples} samples)`,
    `  threshold  ${value(threshold)}`,
    ...(interval ? [`  interval   ${value(interval.low)} to ${value(interval.high)}`] : []),
  ];
}

const mostBar = 40;

/** One bar per look and arm, to one scale. */
function chartLines(series: readonly WhyPoint[], { unit }: WhyMetric): string[] {
  const values = series.flatMap(({ canary = 0, baseline = 0, threshold = 0 }) => [
    canary,
    baseline,
    threshold,
  ]);
  const most = Math.max(...values.map(Math.abs), 0);
  if (most === 0) return [];
  const bar = (name: string, value: number | undefined) =>
    value === undefined
      ? []
      : [
          `  ${name.padEnd(9)} ${"█".repeat(Math.round((Math.abs(value) / most) * mostBar)).padEnd(mostBar)} ${Number(value.toPrecision(4))} ${unit}`,
        ];
  return series.flatMap(({ stage, at, canary, baseline, threshold }) => [
    `  ${stage}, ${new Date(at).toISOString()}`,
    ...bar("canary", canary),
    ...bar("baseline", baseline),
    ...bar("threshold", threshold),
  ]);
}

const curveColumns = 60;
/** Powers of ten of what a breach needs; the outermost rows hold what lies beyond them. */
const curveRows = [2, 1, 0, -1, -2, -3] as const;

/** The evidence against its threshold, time to the right. */
function evidenceLines({ points, level }: WhyEvidence): string[] {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return [];
  const span = last.at - first.at || 1;
  const columnOf = (at: number) => Math.round(((at - first.at) / span) * (curveColumns - 1));
  const rows = new Map(points.map(({ at, harm }) => [columnOf(at), rowOf(harm)]));
  const cell = (row: number, column: number) =>
    rows.get(column) === row ? "●" : row === 0 ? "─" : " ";
  return [
    `Evidence of harm, as a multiple of what a breach needs, over ${Math.round((last.at - first.at) / 1000)} s`,
    ...curveRows.map((row) => {
      const cells = Array.from({ length: curveColumns }, (_, column) => cell(row, column));
      return `  ${String(10 ** row).padStart(6)} ${cells.join("")}`.trimEnd();
    }),
    ...(level === undefined
      ? []
      : [
          `Level: these tests take a harmless patch back with a chance of ${Number((100 * level).toPrecision(3))} % at most`,
        ]),
  ];
}

const rowOf = (harm: number) => Math.min(2, Math.max(-3, Math.floor(Math.log10(harm))));
