import { type ArmValues, noValues } from "./arm-values.ts";
import { type Arm, type Metric, metricUnits } from "./rule.ts";

/** One measurement. `value` is in the unit of its metric. */
export interface Sample {
  readonly metric: Metric;
  readonly arm: Arm;
  readonly value: number;
  readonly unit: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** A batch by metric and arm, in the order it came. */
export interface Batch {
  readonly values: ReadonlyMap<Metric, ArmValues>;
  /** The newest time of a usable sample, by metric. */
  readonly newestAt: ReadonlyMap<Metric, number>;
  readonly refused: number;
}

/** Sorts a batch; NaN, infinities, values a metric cannot have and foreign units are no evidence (P3). */
export function sortSamples(samples: readonly Sample[]): Batch {
  const values = new Map<Metric, Record<Arm, number[]>>();
  const newestAt = new Map<Metric, number>();
  let refused = 0;
  for (const sample of samples) {
    if (!isUsable(sample)) {
      refused += 1;
      continue;
    }
    let arms = values.get(sample.metric);
    if (!arms) values.set(sample.metric, (arms = { baseline: [], canary: [] }));
    arms[sample.arm].push(sample.value);
    newestAt.set(sample.metric, Math.max(sample.at, newestAt.get(sample.metric) ?? sample.at));
  }
  return { values, newestAt, refused };
}

/** The values of a metric in a batch. */
export const valuesOf = (batch: Batch, metric: Metric): ArmValues =>
  batch.values.get(metric) ?? noValues;

/** No metric has values beyond it in its unit; sums of larger ones would overflow. */
const largestValue = 1e15;

function isUsable({ metric, arm, unit, value }: Sample): boolean {
  const isSigned = metric === "latency_regression" || metric === "cost_delta";
  return (
    (arm === "baseline" || arm === "canary") &&
    metricUnits[metric] === unit &&
    Math.abs(value) <= largestValue &&
    (isSigned || value >= 0) &&
    (unit !== "ratio" || value <= 1)
  );
}
