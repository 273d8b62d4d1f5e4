/** The caps on spending, each with how far it is used up. */
import type { SpendStop, SpendSum, Suspension } from "@council/domain";
import { dollars, quantity } from "./quantity.ts";
import { When } from "./when.tsx";

export interface WindowReport {
  readonly cap: string;
  readonly limitMicroUsd: number | null;
  readonly heldMicroUsd: number;
  readonly spentMicroUsd: number;
  readonly resetAt: number;
  readonly usedRatio?: number;
  readonly burnRate?: number;
  readonly projectedMicroUsd?: number;
}

/** `GET /v1/spend`. */
export interface SpendReport {
  readonly mode: string;
  readonly suspended: readonly Suspension[];
  readonly stop?: SpendStop;
  readonly windows: readonly WindowReport[];
  readonly heads: readonly WindowReport[];
  readonly month: Readonly<Record<"head" | "model" | "repository", readonly SpendSum[]>>;
}

const names: Readonly<Record<string, string>> = {
  hour: "This hour",
  day: "Today",
  month: "This month",
};
const nameOf = (cap: string) => names[cap] ?? cap.replace(/^head:/, "Today, ");

export function Caps({ reports }: { readonly reports: readonly WindowReport[] }) {
  return (
    <ul className="caps">
      {reports.map((report) => (
        <Cap key={report.cap} report={report} />
      ))}
    </ul>
  );
}

function Cap({ report }: { readonly report: WindowReport }) {
  const { cap, limitMicroUsd, heldMicroUsd, spentMicroUsd, resetAt } = report;
  const { usedRatio, burnRate, projectedMicroUsd } = report;
  const facts: [string, string][] = [
    ["Held", dollars(heldMicroUsd)],
    ["Used", quantity(usedRatio, "ratio")],
    ["Burn", burnRate === undefined ? "–" : `${burnRate.toFixed(2)} ×`],
    ["Projected", projectedMicroUsd === undefined ? "–" : dollars(projectedMicroUsd)],
  ];
  return (
    <li data-tone={toneOf(usedRatio)}>
      <h2>{nameOf(cap)}</h2>
      <p className="cap-spent">
        <b>{dollars(spentMicroUsd)}</b>{" "}
        {limitMicroUsd === null ? "no cap" : `of ${dollars(limitMicroUsd)}`}
      </p>
      <Meter report={report} />
      <dl>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p className="soft">
        resets <When at={resetAt} />
      </p>
    </li>
  );
}

/** Spent and held as a share of the limit, with a mark where the window is headed. */
export function Meter({ report }: { readonly report: WindowReport }) {
  const { limitMicroUsd, spentMicroUsd, heldMicroUsd, usedRatio, projectedMicroUsd } = report;
  const share = (microUsd: number) =>
    limitMicroUsd ? `${Math.min(100, (100 * microUsd) / limitMicroUsd)}%` : "0%";
  const isMarked = limitMicroUsd !== null && (projectedMicroUsd ?? 0) > 0;
  return (
    <span className="meter" data-tone={toneOf(usedRatio)} aria-hidden="true">
      <i className="meter-spent" style={{ width: share(spentMicroUsd) }} />
      <i className="meter-held" style={{ width: share(heldMicroUsd) }} />
      {isMarked && <i className="meter-headed" style={{ left: share(projectedMicroUsd ?? 0) }} />}
    </span>
  );
}

function toneOf(usedRatio = 0): "bad" | "warn" | undefined {
  if (usedRatio >= 0.9) return "bad";
  return usedRatio >= 0.75 ? "warn" : undefined;
}
