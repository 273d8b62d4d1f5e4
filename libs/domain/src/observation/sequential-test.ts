/**
 * One anytime-valid test of a watched patch: plain data, at most 2 kB, that each look takes further. The
 * evidence is an e-value: under the null its chance of ever reaching x is at most 1/x (Ville 1939), so a
 * look after every batch costs nothing. The tests of one rule are averaged, which keeps that true under
 * any dependence; dependent evidence is never multiplied.
 */
import type { ArmValues } from "./arm-values.ts";
import { exceedanceLevels } from "./exceedance.ts";
import {
  climb,
  emptySpread,
  type Interval,
  type Ladder,
  meanInterval,
  quantileInterval,
  type Spread,
  spreadOf,
} from "./interval.ts";
import type { Evidence, Wealth } from "./observation.ts";
import { emptyTrack, follow, quantileAt, type QuantileTrack } from "./quantile-track.ts";
import { addCopy, firstCopy, grow, logEvidence, logMeanExp } from "./restart-mixture.ts";
import { type Arm, metricUnits, type TestRule } from "./rule.ts";
import { badness, betsOf, firstMemory, type Memory, stepTest } from "./test-methods.ts";

export interface TestState extends Evidence {
  readonly samples: Readonly<Record<Arm, number>>;
  /** Canary samples since the newest copy began. */
  readonly sinceCopy: number;
  /** Recent values, for the measured effect: counts and sums that are halved as they grow old. */
  readonly recent: Readonly<Record<Arm, { readonly count: number; readonly sum: number }>>;
  /** The canary's p95, where it is the statistic. */
  readonly tail?: QuantileTrack;
  /** What the interval of the canary's value follows from: of the p95, or of the mean. */
  readonly ladder?: Ladder;
  readonly spread?: Spread;
  readonly memory: Memory;
}

/** A new copy of the bets begins after so many canary samples. */
const copyEvery = 100;
/** The measured effect forgets half of what it knows when the canary has this many samples in it. */
const recentSamples = 2000;
const tailLevel = [0.95] as const;

export function beginTest(rule: TestRule): TestState {
  const { once, renewed } = betsOf(rule);
  const nothing = { count: 0, sum: 0 };
  return {
    copies: 1,
    once: mapWealth(once, (_, bets) => Array.from({ length: bets }, () => 0)),
    renewed: mapWealth(renewed, (_, bets) => firstCopy(bets)),
    samples: { baseline: 0, canary: 0 },
    sinceCopy: 0,
    recent: { baseline: nothing, canary: nothing },
    ...(hasTail(rule) ? { tail: emptyTrack } : {}),
    memory: firstMemory(rule),
  };
}

/** Takes in the values of one look. The same values in the same looks give the same state, bit for bit. */
export function advanceTest(rule: TestRule, state: TestState, values: ArmValues): TestState {
  if (values.baseline.length === 0 && values.canary.length === 0) return state;
  const { memory, increments } = stepTest(rule, state.memory, values);
  const sinceCopy = state.sinceCopy + values.canary.length;
  const isDue = sinceCopy >= copyEvery;
  const grown = (name: string, logs: readonly number[]) => grow(logs, increments[name] ?? []);
  return {
    copies: state.copies + (isDue ? 1 : 0),
    once: mapWealth(state.once, grown),
    renewed: mapWealth(state.renewed, (name, logs) =>
      isDue ? addCopy(grown(name, logs), state.copies) : grown(name, logs),
    ),
    samples: {
      baseline: state.samples.baseline + values.baseline.length,
      canary: state.samples.canary + values.canary.length,
    },
    sinceCopy: isDue ? 0 : sinceCopy,
    recent: remember(state.recent, values),
    ...spreadAfter(rule, state, values.canary),
    memory,
  };
}

/** What is known of the canary's p95 or mean; the part for the interval begins anew when the effect forgets. */
function spreadAfter(
  rule: TestRule,
  { tail, ladder, spread, recent }: TestState,
  values: readonly number[],
): Pick<TestState, "tail" | "ladder" | "spread"> {
  if (rule.kind === "share") return {};
  const isOver = forgets(recent);
  if (!tail) return { spread: spreadOf((isOver ? undefined : spread) ?? emptySpread, values) };
  const next = follow(tailLevel, tail, values);
  const middle = next.at[0];
  if (middle === undefined) return { tail: next };
  const climbed = climb(isOver ? undefined : ladder, [...tail.seed, ...values], middle);
  return climbed ? { tail: next, ladder: climbed } : { tail: next };
}

/** ln e-value of a rule: its tests averaged, each a mixture over its bets. */
export function logEvidenceOf({ once, renewed, copies }: Evidence): number {
  return logMeanExp([
    ...Object.values(once).map(logMeanExp),
    ...Object.values(renewed).map((logs) => logEvidence(logs, copies)),
  ]);
}

const mapWealth = <Value>(
  from: Readonly<Record<string, Value>>,
  change: (name: string, value: Value) => number[],
): Wealth =>
  Object.fromEntries(Object.entries(from).map(([name, value]) => [name, change(name, value)]));

/** Where the canary's p95 or mean lies, as far as it is known. */
export function intervalOf(rule: TestRule, { ladder, spread }: TestState): Interval | undefined {
  if (ladder) return quantileInterval(ladder, tailLevel[0]);
  if (!spread) return undefined;
  return meanInterval(spread, metricUnits[rule.metric] === "ratio" ? 1 : Infinity);
}

/** What was measured on each arm, in the metric's unit, and how much worse the canary is. */
export interface Estimate {
  readonly baseline?: number;
  readonly canary?: number;
  /** In the measure of `minEffect`; absent without both arms. */
  readonly effect?: number;
}

/** Point estimates over recent samples: p95 of latency, the mean of everything else. */
export function estimate(rule: TestRule, state: TestState): Estimate {
  const { samples } = state;
  if (rule.kind === "share") {
    const all = samples.baseline + samples.canary;
    return all === 0 ? {} : pick(rule.canaryRatio, samples.canary / all);
  }
  const mean = (arm: Arm) => {
    const { count, sum } = state.recent[arm];
    return count === 0 ? undefined : sum / count;
  };
  const means = pick(mean("baseline"), mean("canary"));
  if (rule.metric === "latency" || rule.metric === "cost") return ofSize(rule, state, means);
  if (means.baseline === undefined || means.canary === undefined) return means;
  return { ...means, effect: badness(rule, means.canary) - badness(rule, means.baseline) };
}

/** The effect on a size is the larger of those on its mean and, where that is the statistic, its p95. */
function ofSize(rule: TestRule, { tail, memory }: TestState, means: Estimate): Estimate {
  const baseline = memory.exceedance?.track ?? emptyTrack;
  const shown = hasTail(rule)
    ? pick(
        quantileAt(exceedanceLevels, baseline, 0.95),
        quantileAt(tailLevel, tail ?? emptyTrack, 0.95),
      )
    : means;
  const effects = [worsening(means), worsening(shown)].filter((effect) => effect !== undefined);
  return effects.length === 0 ? shown : { ...shown, effect: Math.max(...effects) };
}

const hasTail = (rule: TestRule) => rule.kind === "sequential" && rule.metric === "latency";

const pick = (baseline: number | undefined, canary: number | undefined): Estimate => ({
  ...(baseline === undefined ? {} : { baseline }),
  ...(canary === undefined ? {} : { canary }),
});

/** Canary over baseline, less one; at most a billion. */
function worsening({ baseline, canary }: Estimate): number | undefined {
  if (baseline === undefined || canary === undefined) return undefined;
  if (canary === 0) return baseline === 0 ? 0 : -1;
  return Math.min(canary / baseline - 1, 1e9);
}

const forgets = ({ canary }: TestState["recent"]) => canary.count > recentSamples;

function remember(recent: TestState["recent"], values: ArmValues): TestState["recent"] {
  const scale = forgets(recent) ? 0.5 : 1;
  const add = (arm: Arm) => ({
    count: recent[arm].count * scale + values[arm].length,
    sum: values[arm].reduce((sum, value) => sum + value, recent[arm].sum * scale),
  });
  return { baseline: add("baseline"), canary: add("canary") };
}
