/** Why a patch was taken back or is held: one sentence, the number, and the limit it passed. */
import type { Observation, WhyCard as Card, WhyMetric } from "@council/domain";
import type { ReactNode } from "react";
import { type PatchDetail, patchPath } from "./api.ts";
import { quantity, span } from "./quantity.ts";
import { useJson } from "./resource.ts";
import type { Store } from "./store.ts";
import type { Known } from "./use-patch.ts";
import { kindOf } from "./words.ts";

const lead: { readonly [Kind in PatchDetail["kind"]]?: string } = {
  reverted: "Reverted because",
  reverting: "Being reverted because",
  held: "Held because",
  rejected: "Rejected because",
  failed: "Failed because",
  "revert-blocked": "The revert needs a person because",
};

export function WhyCard(props: {
  readonly detail: PatchDetail;
  readonly known: Known | undefined;
  readonly store: Store;
}) {
  const { detail } = props;
  if (!detail.why) return null;
  return isTakenBack(detail.kind) ? <RevertCard {...props} /> : <Stated detail={detail} />;
}

const isTakenBack = (kind: PatchDetail["kind"]) =>
  kind === "reverting" || kind === "reverted" || kind === "revert-blocked";

/** The gateway's card; what the ledger says stands here until it is in. */
function RevertCard(props: {
  readonly detail: PatchDetail;
  readonly known: Known | undefined;
  readonly store: Store;
}) {
  const { detail, known, store } = props;
  const path = `${patchPath(detail.id)}/why`;
  const { resource } = useJson<Card>(store, path, { round: detail.sequence });
  const observation = known?.cause?.kind === "breach" ? known.cause.observation : undefined;
  const card = resource.kind === "ready" ? resource.value : undefined;
  const metric = card?.metric ?? (observation && measured(observation));
  return (
    <Stated detail={detail}>
      {metric && <Gauge metric={metric} />}
      {observation?.trail && <HarmCurve trail={observation.trail} level={observation.level} />}
      {card && card.cause === "breach" && card.keptBy.length > 0 && (
        <div className="kept">
          <h3>It would have stayed with</h3>
          <ul>
            {card.keptBy.map((way) => (
              <li key={way}>{way}</li>
            ))}
          </ul>
        </div>
      )}
    </Stated>
  );
}

function Stated(props: { readonly detail: PatchDetail; readonly children?: ReactNode }) {
  const { detail, children } = props;
  return (
    <section className="why" data-tone={kindOf(detail.kind).tone} aria-labelledby="why-title">
      <h2 id="why-title">{lead[detail.kind] ?? kindOf(detail.kind).label}</h2>
      <p className="why-sentence">{detail.why}</p>
      {children}
      <p className="why-foot">{took(detail)}</p>
    </section>
  );
}

type Measured = Pick<
  WhyMetric,
  "ruleId" | "unit" | "canary" | "baseline" | "threshold" | "canarySamples" | "interval"
>;

function measured({ ruleId, readings }: Observation): Measured | undefined {
  const found = readings.find((reading) => reading.ruleId === ruleId);
  if (found?.canary === undefined || found.limit === undefined) return undefined;
  const { limit: threshold, ...reading } = found;
  return { ...reading, threshold };
}

function Gauge({ metric }: { readonly metric: Measured }) {
  const { canary, baseline, threshold: limit, unit, ruleId, canarySamples, interval } = metric;
  if (canary === undefined || limit === undefined) return null;
  const ends = interval ? [interval.low, interval.high] : [];
  const values = [canary, limit, ...ends, ...(baseline === undefined ? [] : [baseline])];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = (high - low || Math.abs(high) || 1) * 0.35;
  const from = low - room;
  const at = (value: number) => `${((value - from) / (high + room - from)) * 100}%`;
  const [start, end] = [Math.min(canary, limit), Math.max(canary, limit)];
  return (
    <figure className="gauge">
      <figcaption>
        <span>
          <b>{quantity(canary, unit)}</b> measured
        </span>
        {interval && (
          <span>
            between{" "}
            <b>
              {quantity(interval.low, unit)} and {quantity(interval.high, unit)}
            </b>
          </span>
        )}
        <span>
          <b>{quantity(limit, unit)}</b> limit
        </span>
        {baseline !== undefined && (
          <span>
            <b>{quantity(baseline, unit)}</b> baseline
          </span>
        )}
        <span>
          <b>{canarySamples}</b> samples
        </span>
        <span>
          rule <b>{ruleId}</b>
        </span>
      </figcaption>
      <div className="gauge-line" aria-hidden="true">
        <i
          className="gauge-beyond"
          style={{ left: at(start), width: `calc(${at(end)} - ${at(start)})` }}
        />
        {interval && (
          <i
            className="gauge-interval"
            style={{
              left: at(interval.low),
              width: `calc(${at(interval.high)} - ${at(interval.low)})`,
            }}
          />
        )}
        {baseline !== undefined && <i className="gauge-baseline" style={{ left: at(baseline) }} />}
        <i className="gauge-limit" style={{ left: at(limit) }} />
        <i className="gauge-canary" style={{ left: at(canary) }} />
      </div>
    </figure>
  );
}

const [curveWidth, curveHeight] = [600, 72];
/** Powers of ten of what a breach needs that are drawn; what lies beyond is drawn at the edge. */
const [leastPower, mostPower] = [-3, 2];

/** How the evidence grew, in powers of ten, against what a breach needs. */
function HarmCurve({
  trail,
  level,
}: {
  readonly trail: NonNullable<Observation["trail"]>;
  readonly level: number | undefined;
}) {
  const [first, last] = [trail[0]?.[0] ?? 0, trail.at(-1)?.[0] ?? 0];
  if (trail.length < 2 || last === first) return null;
  const y = (harm: number) => {
    const power = Math.min(mostPower, Math.max(leastPower, Math.log10(harm)));
    return (curveHeight * (mostPower - power)) / (mostPower - leastPower);
  };
  const x = (since: number) => (curveWidth * (since - first)) / (last - first);
  const points = trail.map(([since, harm]) => `${x(since).toFixed(1)},${y(harm).toFixed(1)}`);
  return (
    <figure className="harm">
      <figcaption>
        Evidence of harm over {span(last - first)}; the dashed line takes it back
        {level !== undefined &&
          `, a harmless patch with a chance of ${Number((100 * level).toPrecision(2))} % at most`}
      </figcaption>
      <svg
        viewBox={`0 -2 ${curveWidth} ${curveHeight + 4}`}
        preserveAspectRatio="none"
        aria-hidden="true"
      >
        <line x1="0" x2={curveWidth} y1={y(1)} y2={y(1)} />
        <polyline points={points.join(" ")} />
      </svg>
    </figure>
  );
}

/** From the decision to the verified revert. */
function took({ timeline }: PatchDetail): string {
  const started = timeline.find(({ event }) => event.type === "RevertStarted");
  const done = timeline.find(({ event }) => event.type === "Reverted");
  if (!started || !done) return "";
  return `Taken back and verified in ${span(done.at - started.at)}.`;
}
