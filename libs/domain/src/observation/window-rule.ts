/** Rules with a limit on a window of the newest samples: simple, and blind to how often they are looked at. */
import type { ArmValues } from "./arm-values.ts";
import type { RuleReading } from "./observation.ts";
import {
  type Arm,
  type Metric,
  metricUnits,
  type Rule,
  type Statistic,
  type WindowRule,
} from "./rule.ts";
import { type Batch, valuesOf } from "./samples.ts";

export type Windows = Readonly<Record<string, ArmValues>>;

export const isWindowRule = (rule: Rule): rule is WindowRule =>
  rule.kind === "absolute" || rule.kind === "relative";

/** Appends the new values and keeps the newest of each arm that a rule still looks at. */
export function addToWindows(rules: readonly Rule[], windows: Windows, batch: Batch): Windows {
  const sizes = new Map<Metric, number>();
  for (const rule of rules)
    if (isWindowRule(rule))
      sizes.set(rule.metric, Math.max(rule.windowSamples, sizes.get(rule.metric) ?? 0));
  const grown: Record<string, ArmValues> = { ...windows };
  for (const [metric, size] of sizes) {
    const added = valuesOf(batch, metric);
    if (added.baseline.length + added.canary.length === 0) continue;
    const newest = (arm: Arm) => [...(windows[metric]?.[arm] ?? []), ...added[arm]].slice(-size);
    grown[metric] = { baseline: newest("baseline"), canary: newest("canary") };
  }
  return grown;
}

/** One rule against the windows; every number it used is in the reading. */
export function readWindow(rule: WindowRule, windows: Windows): RuleReading {
  const arms = windows[rule.metric] ?? { baseline: [], canary: [] };
  const canary = arms.canary.slice(-rule.windowSamples);
  const baseline = rule.kind === "relative" ? arms.baseline.slice(-rule.windowSamples) : [];
  const core = {
    ruleId: rule.id,
    metric: rule.metric,
    unit: metricUnits[rule.metric],
    statistic: rule.statistic,
    canarySamples: canary.length,
    baselineSamples: baseline.length,
  };
  const value = statisticOf(rule.statistic, canary);
  const reference = statisticOf(rule.statistic, baseline);
  const limit = limitOf(rule, reference);
  const fewest =
    rule.kind === "relative" ? Math.min(canary.length, baseline.length) : canary.length;
  if (value === undefined || limit === undefined || fewest < rule.minSamples)
    return {
      ...core,
      verdict: "insufficient",
      detail: `${rule.metric}: ${fewest} of ${rule.minSamples} samples`,
    };
  const isBeyond = rule.worse === "higher" ? value > limit : value < limit;
  return {
    ...core,
    verdict: isBeyond ? "breach" : "within",
    canary: value,
    ...(reference === undefined ? {} : { baseline: reference }),
    limit,
    detail: describe(core, isBeyond ? "beyond" : "within", value, limit, reference),
  };
}

function describe(
  core: { metric: string; unit: string; statistic: string; canarySamples: number },
  place: string,
  value: number,
  limit: number,
  reference: number | undefined,
): string {
  const { metric, statistic, unit, canarySamples } = core;
  const against = reference === undefined ? "" : `, baseline ${show(reference)} ${unit}`;
  const line = `${metric} ${statistic} ${show(value)} ${unit} is ${place} the limit of ${show(limit)} ${unit}`;
  return `${line} (${canarySamples} samples${against})`;
}

function limitOf(rule: WindowRule, baseline: number | undefined): number | undefined {
  if (rule.kind === "absolute") return rule.limit;
  if (baseline === undefined) return undefined;
  return rule.worse === "higher"
    ? baseline * (1 + rule.tolerance)
    : baseline * (1 - rule.tolerance);
}

/** Mean, newest value, or the nearest-rank 95th percentile; undefined without samples. */
function statisticOf(statistic: Statistic, values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  switch (statistic) {
    case "last":
      return values.at(-1);
    case "mean":
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    case "p95": {
      const sorted = values.toSorted((left, right) => left - right);
      return sorted[Math.ceil(sorted.length * 0.95) - 1];
    }
  }
}

/** Four digits: for people. */
export const show = (value: number) => String(Number(value.toPrecision(4)));
