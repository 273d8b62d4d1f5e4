/**
 * The watch over one patch at one stage: windows of samples per metric and arm, judged rule by rule.
 * Pure and resumable: the whole state is data, stored after every batch, so a crash changes no verdict.
 * P3: whatever is missing makes a rule `insufficient`, never a breach and never a pass.
 */
import type { Observation, RuleReading } from "./observation.ts";
import { type Arm, type Metric, metricUnits, type Rule, type Statistic } from "./rule.ts";

/** One measurement. `value` is in the unit of its metric. */
export interface Sample {
  readonly metric: Metric;
  readonly arm: Arm;
  readonly value: number;
  readonly unit: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface WatchState {
  readonly patchId: string;
  readonly stage: string;
  /** Which watch of this patch it is; goes back with every verdict. */
  readonly token: number;
  readonly startedAt: number;
  readonly watchMinMs: number;
  readonly rules: readonly Rule[];
  readonly windows: Readonly<Record<string, Readonly<Record<Arm, readonly number[]>>>>;
  /** Looks in a row that breached, by rule. */
  readonly streaks: Readonly<Record<string, number>>;
  readonly refusedSamples: number;
  /** Set once a verdict was given; it is given once. */
  readonly concluded?: "healthy" | "breach";
}

export interface Look {
  readonly state: WatchState;
  readonly observation: Observation;
}

/** Begins with empty windows at `startedAt`. */
export function startWatch(input: {
  patchId: string;
  stage: string;
  token: number;
  startedAt: number;
  watchMinMs: number;
  rules: readonly Rule[];
}): WatchState {
  return { ...input, windows: {}, streaks: {}, refusedSamples: 0 };
}

/** Takes a batch of samples in and looks at every rule once. */
export function observe(state: WatchState, samples: readonly Sample[], at: number): Look {
  if (state.concluded)
    return { state, observation: watching(at, "a verdict was given already", []) };
  const usable = samples.filter(isUsable);
  const windows = addSamples(state.rules, state.windows, usable);
  const fresh = new Set(
    usable.filter((sample) => sample.arm === "canary").map((sample) => sample.metric),
  );
  const readings = state.rules.map((rule) => readRule(rule, windows));
  const streaks = { ...state.streaks };
  for (const [index, rule] of state.rules.entries()) {
    const verdict = readings[index]?.verdict;
    if (verdict !== "breach") streaks[rule.id] = 0;
    else if (fresh.has(rule.metric)) streaks[rule.id] = (streaks[rule.id] ?? 0) + 1;
  }
  const refusedSamples = state.refusedSamples + samples.length - usable.length;
  const next = { ...state, windows, streaks, refusedSamples };
  const observation = judge(next, readings, at);
  const isVerdict = observation.kind === "healthy" || observation.kind === "breach";
  return { state: isVerdict ? { ...next, concluded: observation.kind } : next, observation };
}

/** The watch is over: what is not shown healthy by now is inconclusive. */
export function conclude(state: WatchState, at: number): Look {
  const { state: next, observation } = observe(state, [], at);
  if (observation.kind !== "watching" || state.concluded) return { state: next, observation };
  return { state: next, observation: { ...observation, kind: "inconclusive" } };
}

function judge(state: WatchState, readings: readonly RuleReading[], at: number): Observation {
  const broken = state.rules.find((rule) => (state.streaks[rule.id] ?? 0) >= rule.confirmations);
  if (broken) {
    const why = readings.find((reading) => reading.ruleId === broken.id)?.detail ?? broken.id;
    return { kind: "breach", at, ruleId: broken.id, why, readings };
  }
  const open = state.rules.filter((rule, index) => {
    const verdict = readings[index]?.verdict;
    return verdict === "breach" || (rule.isRequired && verdict !== "within");
  });
  if (open.length > 0) {
    const missing = open.map(
      (rule) => readings.find((reading) => reading.ruleId === rule.id)?.detail ?? rule.id,
    );
    return watching(at, `not settled: ${missing.join("; ")}`, readings);
  }
  if (at - state.startedAt < state.watchMinMs)
    return watching(at, "within limits, still young", readings);
  return { kind: "healthy", at, why: "every rule is within its limit", readings };
}

const watching = (at: number, why: string, readings: readonly RuleReading[]): Observation => ({
  kind: "watching",
  at,
  why,
  readings,
});

/** NaN, infinities, negative values and foreign units are no evidence. */
function isUsable(sample: Sample): boolean {
  const isSigned = sample.metric === "latency_regression" || sample.metric === "cost_delta";
  return (
    metricUnits[sample.metric] === sample.unit &&
    Number.isFinite(sample.value) &&
    (isSigned || sample.value >= 0)
  );
}

/** Appends the new values and keeps the newest of each arm; one pass, however many samples came. */
function addSamples(
  rules: readonly Rule[],
  windows: WatchState["windows"],
  samples: readonly Sample[],
): WatchState["windows"] {
  const grown: Record<string, Record<Arm, readonly number[]>> = { ...windows };
  for (const metric of new Set(rules.map((rule) => rule.metric))) {
    const sizes = rules.filter((rule) => rule.metric === metric).map((rule) => rule.windowSamples);
    const own = samples.filter((sample) => sample.metric === metric);
    if (own.length === 0) continue;
    const newest = (arm: Arm) => {
      const added = own.filter((sample) => sample.arm === arm).map(({ value }) => value);
      return [...(windows[metric]?.[arm] ?? []), ...added].slice(-Math.max(...sizes));
    };
    grown[metric] = { baseline: newest("baseline"), canary: newest("canary") };
  }
  return grown;
}

/** One rule against the windows; every number it used is in the reading. */
function readRule(rule: Rule, windows: WatchState["windows"]): RuleReading {
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

function limitOf(rule: Rule, baseline: number | undefined): number | undefined {
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

const show = (value: number) => String(Number(value.toPrecision(4)));
