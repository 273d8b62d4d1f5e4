/** `POST /webhook/meta`: figures pushed by existing clients, as samples of the patch they name. */
import { metaSchema } from "@council/contracts";
import { type Metric, metricUnits, type Sample } from "@council/domain";
import type { BusCall } from "./bounded-bus.ts";
import type { GuardedRepositories } from "./guarded-repositories.ts";
import { findPatch } from "./patch-names.ts";
import { checked, invalidBody, parseJson } from "./read-body.ts";
import { sendSamples } from "./take-samples.ts";
import type { Signed } from "./verify-signature.ts";

export interface TakingMeta {
  readonly call: BusCall;
  readonly repositories: GuardedRepositories;
  readonly clock: () => number;
}

/** Times below this are in seconds: as milliseconds they would be before March 1973. */
const secondsBelow = 100_000_000_000;

const pushedMetrics: readonly Metric[] = ["unit_coverage", "latency_regression", "cost_delta"];

export async function takeMeta(deps: TakingMeta, signed: Signed): Promise<void> {
  const body = checked(metaSchema, parseJson(signed.text));
  const meta: Partial<Record<Metric, number>> = body.meta;
  const at = timeOf(body.timestamp, deps.clock());
  const samples = pushedMetrics.flatMap((metric): Sample[] => {
    const value = meta[metric];
    return value === undefined
      ? []
      : [{ metric, arm: "canary", value, unit: metricUnits[metric], at }];
  });
  if (samples.length === 0) {
    const remedy = `send at least one of ${pushedMetrics.join(", ")}`;
    throw invalidBody([{ field: "meta", detail: "holds no figure", remedy }]);
  }
  const { id } = await findPatch(deps, String(body.pr_id), "pr_id");
  await sendSamples(deps, signed, new Map([[id, samples]]));
}

function timeOf(timestamp: number | string | undefined, now: number): number {
  if (timestamp === undefined) return now;
  const given = typeof timestamp === "number" ? timestamp : Date.parse(timestamp);
  const isSeconds = typeof timestamp === "number" && Math.abs(timestamp) < secondsBelow;
  const at = Math.round(isSeconds ? given * 1000 : given);
  if (Number.isSafeInteger(at)) return at;
  const remedy = "send an ISO 8601 time, or seconds since the epoch";
  throw invalidBody([{ field: "timestamp", detail: "is not a time", remedy }]);
}
