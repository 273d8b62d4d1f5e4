/**
 * `POST /v1/metrics`: OTLP metrics as samples of the patches they name. Only metrics called
 * `council.<metric>` are meant for Council; a pipeline may send everything else along.
 */
import {
  type OtlpAttributes,
  type OtlpMetric,
  type OtlpMetrics,
  otlpMetricsSchema,
  otlpNames,
} from "@council/contracts";
import { type Arm, type Metric, metricUnits, type Sample } from "@council/domain";
import type { Rejected } from "./otlp-encoding.ts";
import { partitionOn } from "./patch-names.ts";
import { type BodySchema, checked, invalidBody } from "./read-body.ts";
import { type Sampling, sendSamples } from "./take-samples.ts";
import type { Signed } from "./verify-signature.ts";

const mostPoints = 5000;
const mostReason = 300;

/** UCUM's way of writing the units of Council's metrics; their own names are taken too. */
const otherUnits: Readonly<Record<string, string>> = {
  "1": "ratio",
  "%": "percent",
  "{micro-usd}": "micro-usd",
  "{usd}": "usd",
};

interface Point {
  readonly metric: OtlpMetric;
  readonly attributes: OtlpAttributes;
  readonly atNano: string | number;
  readonly value: number | string | undefined;
}

/**
 * Takes in what can be a sample; the rest is told in the answer, as OTLP has it, and not to be sent again.
 * The same body again is the same delivery (P1). Throws GatewayError `body-invalid`.
 */
export async function takeOtlp(
  deps: Sampling,
  request: unknown,
  signed: Signed,
): Promise<Rejected | undefined> {
  const schema: BodySchema<OtlpMetrics> = otlpMetricsSchema;
  const points = pointsOf(checked(schema, request));
  if (points.length > mostPoints) {
    const detail = `${points.length} data points for Council, at most ${mostPoints} are taken`;
    throw invalidBody([{ field: "body", detail, remedy: "export smaller batches" }]);
  }
  const batches = new Map<string, Sample[]>();
  const faults: string[] = [];
  for (const point of points) {
    const read = sampleOf(point, deps.partitions);
    if (typeof read === "string") {
      faults.push(read);
      continue;
    }
    const batch = batches.get(read.patch);
    if (batch) batch.push(read.sample);
    else batches.set(read.patch, [read.sample]);
  }
  await sendSamples(deps, signed, batches);
  if (faults.length === 0) return undefined;
  const errorMessage = [...new Set(faults)].join("; ").slice(0, mostReason);
  return { rejectedDataPoints: faults.length, errorMessage };
}

function pointsOf({ resourceMetrics }: OtlpMetrics): Point[] {
  return resourceMetrics.flatMap(({ resource, scopeMetrics }) =>
    scopeMetrics
      .flatMap(({ metrics }) => metrics)
      .filter(({ name }) => name.startsWith(otlpNames.metricPrefix))
      .flatMap((metric) => pointsIn(metric, resource?.attributes ?? [])),
  );
}

/** A gauge's value, or the mean of what a histogram gathered since its last point. */
function pointsIn(metric: OtlpMetric, outer: OtlpAttributes): Point[] {
  const { gauge, histogram } = metric;
  const gauges = (gauge?.dataPoints ?? []).map((point) => ({
    point,
    value: point.asDouble ?? (point.asInt === undefined ? undefined : Number(point.asInt)),
  }));
  const isDelta = [1, "AGGREGATION_TEMPORALITY_DELTA"].includes(
    histogram?.aggregationTemporality ?? 0,
  );
  const means = (histogram?.dataPoints ?? []).map((point) => {
    const mean = Number(point.sum) / Number(point.count);
    return { point, value: isDelta ? mean : undefined };
  });
  return [...gauges, ...means].map(({ point, value }) => ({
    metric,
    attributes: [...point.attributes, ...outer], // the point's own come first
    atNano: point.timeUnixNano,
    value: (point.flags & 1) === 1 ? undefined : value,
  }));
}

function sampleOf(
  { metric, attributes, atNano, value }: Point,
  partitions: number,
): { readonly patch: string; readonly sample: Sample } | string {
  const { name, unit } = metric;
  const own = name.slice(otlpNames.metricPrefix.length);
  if (!isMetric(own)) return `${name.slice(0, 60)} is no metric of Council`;
  if ((otherUnits[unit] ?? unit) !== metricUnits[own])
    return `${name} is measured in ${metricUnits[own]}, not in ${unit.slice(0, 20) || "no unit"}`;
  const patch = attributeOf(attributes, otlpNames.patch);
  if (patch === undefined || partitionOn({ partitions }, patch) === undefined)
    return `${name}: ${otlpNames.patch} is no patch id`;
  const arm = attributeOf(attributes, otlpNames.arm);
  if (!isArm(arm)) return `${name}: ${otlpNames.arm} is neither baseline nor canary`;
  if (typeof value !== "number" || !Number.isFinite(value))
    return `${name} has no value: send gauges, or histograms with delta temporality`;
  const at = Math.floor(Number(atNano) / 1e6);
  if (!(at > 0 && Number.isSafeInteger(at))) return `${name} has no time`;
  return { patch, sample: { metric: own, arm, value, unit: metricUnits[own], at } };
}

const isMetric = (name: string): name is Metric => Object.hasOwn(metricUnits, name);
const isArm = (text: string | undefined): text is Arm => text === "baseline" || text === "canary";

function attributeOf(attributes: OtlpAttributes, key: string): string | undefined {
  return attributes.find((attribute) => attribute.key === key)?.value?.stringValue;
}
