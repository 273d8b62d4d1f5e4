/** A report as one page that needs nothing else: tables, and plots as SVG. */
import type { DrillReport, DrillRun } from "@council/contracts";
import { escape, evidenceCurves, inSeconds, type Phase, strip } from "./report-plots.ts";

const style = `body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #d8dee4;vertical-align:top}
.bad{color:#b42318;font-weight:600}.good{color:#1a7f37;font-weight:600}.faint{color:#59636e}code{font-size:.85em;overflow-wrap:anywhere}
svg{max-width:100%;height:auto}svg text{font:12px system-ui,sans-serif;fill:#1b1f24}`;

/** The page; `before` is the report this one is compared with. */
export function renderPage(report: DrillReport, before: DrillReport | undefined): string {
  const { outcome, startedAt, endedAt, target, seed } = report;
  const seconds = ((endedAt - startedAt) / 1000).toFixed(0);
  const cause = report.abortedBecause ? `<p class="bad">${escape(report.abortedBecause)}</p>` : "";
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Drill ${new Date(endedAt).toISOString()}</title><style>${style}</style>
<h1>Drill: <span class="${outcome === "passed" ? "good" : "bad"}">${outcome}</span></h1>
<p>${new Date(startedAt).toISOString()}, ${seconds} s, ${report.runs.length} runs of ${report.faults.length} faults, seed ${seed}.
Patch: ${escape(target.title)} on <code>${escape(target.base)}</code>.</p>${cause}
<h2>Before it began</h2>${preflightTable(report)}
<h2>How fast</h2>${summaryTable(report, before)}
<h2>From the fault to the decision, seconds</h2>${strip(report.runs, "detectionMs")}
<h2>From the decision to the verified revert, seconds</h2>${strip(report.runs, "revertMs")}
<h2>From the verified revert until the measurements had recovered, seconds</h2>${strip(report.runs, "recoveryMs")}
<h2>Evidence until it was taken back</h2>${evidenceCurves(report.runs)}
<h2>Runs</h2>${runsTable(report.runs)}
<p class="faint">Report <code>${report.digest}</code>, after <code>${report.prev}</code>; rules <code>${report.rulesDigest}</code>;
${escape(
  Object.entries(report.versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(", "),
)}.</p>
</html>
`;
}

function preflightTable({ preflight }: DrillReport): string {
  return table(
    ["Check", "", "Detail"],
    preflight.map(({ name, holds, detail }) => [escape(name), verdict(holds), escape(detail)]),
  );
}

function summaryTable({ summary }: DrillReport, before: DrillReport | undefined): string {
  const row = (name: string, key: Phase) => {
    const [now, then] = [summary[key], before?.summary[key]];
    if (!now) return [name, "0", "", "", "", ""];
    const times = [now.p50, now.p95, now.max].map((ms) => `${inSeconds(ms)} s`);
    return [name, String(now.count), ...times, then ? `${inSeconds(then.p95)} s` : "none"];
  };
  const { runs, takenBack, upperBoundRatio } = summary.harmless;
  const bound = (upperBoundRatio * 100).toFixed(1);
  return `${table(
    ["", "Runs", "p50", "p95", "Longest", "p95 of the report before"],
    [
      row("Fault to decision", "detectionMs"),
      row("Decision to verified revert", "revertMs"),
      row("Verified revert to recovery", "recoveryMs"),
    ],
  )}<p>${takenBack} of ${runs} harmless patches were taken back: with 95 % confidence fewer than ${bound} % would be.</p>`;
}

function runsTable(runs: readonly DrillRun[]): string {
  const rows = runs.map((run) => [
    escape(run.fault),
    run.stage,
    escape(run.ending),
    duration(run.detectionMs),
    run.canarySamples === undefined ? "" : String(run.canarySamples),
    duration(run.revertMs),
    duration(run.recoveryMs),
    escape(run.ruleId ?? ""),
    verdict(run.isClean),
    run.deviations.length === 0
      ? `<span class="good">as due</span> <span class="faint">${escape(run.why ?? "")}</span>`
      : `<span class="bad">${escape(run.deviations.join("; "))}</span>`,
  ]);
  const titles = [
    "Fault",
    "Stage",
    "Ending",
    "Found after",
    "Samples",
    "Taken back in",
    "Recovered after",
    "Rule",
  ];
  return table([...titles, "Clean", "Result"], rows);
}

const duration = (ms: number | undefined) => (ms === undefined ? "" : `${inSeconds(ms)} s`);

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = titles.map((title) => `<th>${title}</th>`).join("");
  const body = rows.map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`);
  return `<table><thead><tr>${head}</tr></thead><tbody>${body.join("")}</tbody></table>`;
}

const verdict = (holds: boolean) =>
  `<span class="${holds ? "good" : "bad"}">${holds ? "ok" : "FAILS"}</span>`;
