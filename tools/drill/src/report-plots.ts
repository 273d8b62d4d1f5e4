/** The plots of a report, as SVG that needs nothing else. */
import type { DrillRun } from "@council/contracts";

/** What a run has a time for. */
export type Phase = "detectionMs" | "revertMs" | "recoveryMs";

const width = 900;
const left = 150;
const rowHeight = 24;

/** One row per fault, one dot per run. */
export function strip(runs: readonly DrillRun[], key: Phase): string {
  const dots = runs.flatMap((run) => {
    const ms = run[key];
    return ms === undefined ? [] : [{ fault: run.fault, ms }];
  });
  if (dots.length === 0) return "<p>Nothing was taken back.</p>";
  const names = [...new Set(dots.map(({ fault }) => fault))];
  const most = Math.max(...dots.map(({ ms }) => ms), 1000);
  const x = (ms: number) => left + (ms / most) * (width - left - 40);
  const height = names.length * rowHeight + 30;
  const rows = names.map((name, index) => {
    const y = index * rowHeight + 16;
    const marks = dots
      .filter(({ fault }) => fault === name)
      .map(
        ({ ms }) =>
          `<circle cx="${x(ms).toFixed(1)}" cy="${y}" r="5" fill="#0969da" fill-opacity=".6"><title>${inSeconds(ms)} s</title></circle>`,
      );
    return `<text x="0" y="${y + 4}">${escape(name)}</text><line x1="${left}" x2="${width - 40}" y1="${y}" y2="${y}" stroke="#d8dee4"/>${marks.join("")}`;
  });
  const ticks = [0, 0.25, 0.5, 0.75, 1].map(
    (part) =>
      `<text x="${x(most * part).toFixed(1)}" y="${height - 6}" text-anchor="middle">${inSeconds(most * part)}</text>`,
  );
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${key} by fault">${rows.join("")}${ticks.join("")}</svg>`;
}

const curveHeight = 220;
/** Powers of ten of what a breach needs; what lies beyond is drawn at the edge. */
const [leastPower, mostPower] = [-3, 2];

/** One line per run that tests took back: time of the watch to the right, evidence of harm upwards. */
export function evidenceCurves(runs: readonly DrillRun[]): string {
  const drawn = runs.flatMap(({ fault, trail }) =>
    trail && trail.length > 1 ? [{ fault, trail }] : [],
  );
  if (drawn.length === 0) return "<p>No test took anything back.</p>";
  const most = Math.max(...drawn.flatMap(({ trail }) => trail.map(([ms]) => ms)), 1);
  const x = (ms: number) => (left + (ms / most) * (width - left - 40)).toFixed(1);
  const y = (harm: number) => {
    const power = Math.min(mostPower, Math.max(leastPower, Math.log10(harm)));
    return (10 + ((mostPower - power) / (mostPower - leastPower)) * (curveHeight - 40)).toFixed(1);
  };
  const grid = Array.from({ length: mostPower - leastPower + 1 }, (_, at) => mostPower - at).map(
    (power) =>
      `<text x="${left - 12}" y="${Number(y(10 ** power)) + 4}" text-anchor="end">${10 ** power}</text><line x1="${left}" x2="${width - 40}" y1="${y(10 ** power)}" y2="${y(10 ** power)}" stroke="${power === 0 ? "#b42318" : "#d8dee4"}"/>`,
  );
  const curves = drawn.map(
    ({ fault, trail }) =>
      `<polyline fill="none" stroke="#0969da" stroke-opacity=".6" points="${trail.map(([ms, harm]) => `${x(ms)},${y(harm)}`).join(" ")}"><title>${escape(fault)}</title></polyline>`,
  );
  const ticks = [0, 0.5, 1].map(
    (part) =>
      `<text x="${x(most * part)}" y="${curveHeight - 6}" text-anchor="middle">${inSeconds(most * part)} s</text>`,
  );
  return `<svg viewBox="0 0 ${width} ${curveHeight}" role="img" aria-label="evidence of harm over time, the red line takes a patch back">${[...grid, ...curves, ...ticks].join("")}</svg>`;
}

export const inSeconds = (ms: number) => (ms / 1000).toFixed(2);

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
export const escape = (text: string) => text.replaceAll(/[&<>"']/g, (sign) => entities[sign] ?? "");
