/** What was measured: every rule's newest reading, and how it came to be over the watch. */
import type { Observation, RuleReading } from "@council/domain";
import { lazy, Suspense, useState } from "react";
import { type PatchDetail, patchPath } from "./api.ts";
import { type Curve, curvesOf, type WatchEvidence } from "./evidence-curves.ts";
import { quantity } from "./quantity.ts";
import { useJson } from "./resource.ts";
import type { Store } from "./store.ts";
import type { Known } from "./use-patch.ts";

const EvidenceChart = lazy(() =>
  import("./evidence-chart.tsx").then((module) => ({ default: module.EvidenceChart })),
);

export function EvidenceSection(props: {
  readonly detail: PatchDetail;
  readonly known: Known | undefined;
  readonly store: Store;
}) {
  const { detail, known, store } = props;
  const isWatched = detail.kind === "watching";
  const { resource } = useJson<WatchEvidence>(store, `${patchPath(detail.id)}/evidence`, {
    round: detail.sequence,
    ...(isWatched ? { everyMs: 2000 } : {}),
  });
  const observation = newestObservation(detail, known);
  const curves = resource.kind === "ready" ? curvesOf(resource.value) : [];
  const broken = observation?.kind === "breach" ? observation.ruleId : undefined;
  const readings = (observation?.readings ?? []).filter(({ canary }) => canary !== undefined);
  if (curves.length === 0 && readings.length === 0 && !isWatched) return null;
  return (
    <section className="panel" aria-labelledby="evidence-title">
      <h2 id="evidence-title">Evidence</h2>
      {curves.length > 0 ? (
        <Curves curves={curves} broken={broken} />
      ) : (
        isWatched && <p className="soft">No samples yet. The curve begins with the first ones.</p>
      )}
      {readings.length > 0 && <Readings readings={readings} />}
    </section>
  );
}

function Curves(props: { readonly curves: readonly Curve[]; readonly broken: string | undefined }) {
  const { curves, broken } = props;
  const [chosen, choose] = useState<string>();
  const byDefault = curves.findLast(({ ruleId }) => ruleId === broken) ?? curves[0];
  const curve = curves.find(({ id }) => id === chosen) ?? byDefault;
  if (!curve) return null;
  const isBroken = curve.ruleId === broken && curve.stage === curves.at(-1)?.stage;
  return (
    <>
      <div className="choices is-wide" role="group" aria-label="Which rule">
        {curves.map(({ id, ruleId, stage }) => (
          <button
            key={id}
            type="button"
            aria-pressed={id === curve.id}
            data-tone={ruleId === broken && stage === curves.at(-1)?.stage ? "bad" : undefined}
            onClick={() => choose(id)}
          >
            {ruleId} <span className="soft">{stage}</span>
          </button>
        ))}
      </div>
      <Suspense fallback={<div className="chart" />}>
        <EvidenceChart curve={curve} isBroken={isBroken} />
      </Suspense>
    </>
  );
}

/** The breach if there was one, else the newest look that was told of. */
function newestObservation(detail: PatchDetail, known: Known | undefined): Observation | undefined {
  if (known?.cause?.kind === "breach") return known.cause.observation;
  for (const { event } of detail.timeline.toReversed()) {
    if ("observation" in event) return event.observation;
    if (event.type === "Held" && event.reason.kind === "inconclusive")
      return event.reason.observation;
  }
  return undefined;
}

const verdicts: Readonly<Record<string, string>> = {
  breach: "breach",
  within: "within",
  insufficient: "too little data",
};

function Readings({ readings }: { readonly readings: readonly RuleReading[] }) {
  return (
    <div className="table" tabIndex={0} role="region" aria-label="Readings">
      <table>
        <thead>
          <tr>
            <th scope="col">Rule</th>
            <th scope="col">Canary</th>
            <th scope="col">Baseline</th>
            <th scope="col">Limit</th>
            <th scope="col">Samples</th>
            <th scope="col">Verdict</th>
          </tr>
        </thead>
        <tbody>
          {readings.map(({ ruleId, canary, baseline, limit, unit, verdict, ...reading }) => (
            <tr key={ruleId} data-tone={verdict === "breach" ? "bad" : undefined}>
              <th scope="row">{ruleId}</th>
              <td>{quantity(canary, unit)}</td>
              <td>{quantity(baseline, unit)}</td>
              <td>{quantity(limit, unit)}</td>
              <td>{reading.canarySamples}</td>
              <td>{verdicts[verdict] ?? verdict}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
