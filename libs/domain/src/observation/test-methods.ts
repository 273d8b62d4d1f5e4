/** What each anytime-valid rule counts, and what its bets gain from the values of one look. */
import { type ArmValues, closeBlock, noValues } from "./arm-values.ts";
import { differenceIncrements, meanIncrements, stakeBets } from "./betting.ts";
import { oddsGrid, oddsIncrements, type Tally } from "./block-odds.ts";
import { countIncrements } from "./event-counts.ts";
import { emptyExceedance, exceed, exceedanceBets, type ExceedanceState } from "./exceedance.ts";
import { emptyTrack, follow, type QuantileTrack } from "./quantile-track.ts";
import { rankBets, rankIncrements } from "./rank-sum.ts";
import type { SequentialLimitRule, SequentialRule, ShareRule, TestRule } from "./rule.ts";

/** What a rule remembers between looks besides its wealth; which fields there are is its metric's. */
export interface Memory {
  readonly odds?: {
    readonly past: Tally;
    readonly open: { readonly baseline: Tally; readonly canary: Tally };
  };
  readonly exceedance?: ExceedanceState;
  readonly waiting?: ArmValues;
  /** What the baseline did in its newest samples, where the canary has a limit. */
  readonly lately?: Tally;
  /** Past p99 of the baseline, where differences of cost are cut. */
  readonly cap?: QuantileTrack;
}

export type Increments = Readonly<Record<string, readonly number[]>>;

interface Step {
  readonly memory: Memory;
  readonly increments: Increments;
}

const noTally: Tally = { count: 0, bad: 0 };
const capLevel = [0.99] as const;
/** An arm that has waited for the other for so many samples is not its contemporary any more. */
const longestWait = 2000;

/** The baseline's newest samples are forgotten by halves when there are more than this. */
const latelySamples = 400;

type Bets = Readonly<Record<string, number>>;

/** How many bets each test of a rule places, and which of them begin anew again and again. */
export function betsOf(rule: TestRule): { readonly once: Bets; readonly renewed: Bets } {
  if (rule.kind === "share")
    return { once: {}, renewed: { more: oddsGrid.length, fewer: oddsGrid.length } };
  if (rule.kind === "sequential-limit") return { once: {}, renewed: { mean: stakeBets } };
  switch (rule.metric) {
    case "latency":
      return { once: { exceedance: exceedanceBets, ranks: rankBets }, renewed: { late: rankBets } };
    case "cost":
      return { once: { difference: stakeBets, ranks: rankBets }, renewed: { late: rankBets } };
    default:
      return { once: {}, renewed: { odds: oddsGrid.length } };
  }
}

/**
 * Two equal arms drift apart for minutes now and then, and bets that begin anew see every such time. They
 * therefore tolerate this many times what the bets from the start do.
 */
const lateFactor = 2;

/** What a rule remembers before its first sample. */
export function firstMemory(rule: TestRule): Memory {
  if (rule.kind === "sequential-limit") return { lately: noTally };
  if (rule.kind === "share") return {};
  switch (rule.metric) {
    case "latency":
      return { exceedance: emptyExceedance, waiting: noValues };
    case "cost":
      return { cap: emptyTrack, waiting: noValues };
    default:
      return { odds: { past: noTally, open: { baseline: noTally, canary: noTally } } };
  }
}

/** The log factors of every bet for the values of one look. */
export function stepTest(rule: TestRule, memory: Memory, values: ArmValues): Step {
  if (rule.kind === "share") return { memory, increments: shareStep(rule, values) };
  if (rule.kind === "sequential-limit") return limitStep(rule, memory, values);
  switch (rule.metric) {
    case "latency":
      return latencyStep(rule, memory, values);
    case "cost":
      return costStep(rule, memory, values);
    default:
      return oddsStep(rule, memory, values);
  }
}

/** The share of bad in a value of accuracy (lower is worse) or of errors (higher is worse). */
export const badness = (rule: TestRule, value: number): number =>
  rule.worse === "lower" ? 1 - value : value;

function shareStep({ canaryRatio }: ShareRule, { baseline, canary }: ArmValues): Increments {
  if (canaryRatio === undefined) return {};
  const events = { baseline: baseline.length, canary: canary.length };
  const exposure = { baseline: 1 - canaryRatio, canary: canaryRatio };
  return {
    more: countIncrements(events, exposure),
    fewer: countIncrements(events, exposure, { direction: "fewer" }),
  };
}

/**
 * The limit is the policy's, or what the baseline lately did itself where that is worse: harm that both
 * arms share is not the patch's. Either is known before the values that are bet on.
 */
function limitStep(rule: SequentialLimitRule, { lately }: Memory, values: ArmValues): Step {
  const known = lately ?? noTally;
  const limit = badness(rule, rule.limit);
  const shared = known.count >= rule.minSamples ? known.bad / known.count : 0;
  const canary = values.canary.map((value) => badness(rule, value));
  const scale = known.count > latelySamples ? 0.5 : 1;
  const next = {
    count: known.count * scale + values.baseline.length,
    bad: values.baseline.reduce((sum, value) => sum + badness(rule, value), known.bad * scale),
  };
  return {
    memory: { lately: next },
    increments: { mean: meanIncrements(canary, Math.max(limit, shared)) },
  };
}

function latencyStep(rule: SequentialRule, memory: Memory, values: ArmValues): Step {
  const { block, waiting } = closeBlock(memory.waiting ?? noValues, values);
  const known = memory.exceedance ?? emptyExceedance;
  const exceeded = exceed(known, values.baseline, values.canary, rule.tolerance);
  return {
    memory: { exceedance: exceeded.state, waiting },
    increments: {
      exceedance: exceeded.increments,
      ...rankSteps(rule, block),
    },
  };
}

function costStep(rule: SequentialRule, memory: Memory, values: ArmValues): Step {
  const { tolerance } = rule;
  const { block, waiting } = closeBlock(memory.waiting ?? noValues, values);
  const track = memory.cap ?? emptyTrack;
  const cap = track.at[0] ?? 0;
  const difference =
    cap > 0 ? differenceIncrements(block.baseline, block.canary, { cap, tolerance }) : [];
  const next = follow(capLevel, track, values.baseline);
  return { memory: { cap: next, waiting }, increments: { difference, ...rankSteps(rule, block) } };
}

function rankSteps({ tolerance }: SequentialRule, { baseline, canary }: ArmValues): Increments {
  const tolerances = [tolerance, lateFactor * tolerance];
  const [ranks = [], late = []] = rankIncrements(baseline, canary, tolerances);
  return { ranks, late };
}

function oddsStep(rule: SequentialRule, { odds }: Memory, values: ArmValues): Step {
  const past = odds?.past ?? noTally;
  const add = (tally: Tally, more: readonly number[]): Tally => ({
    count: tally.count + more.length,
    bad: more.reduce((sum, value) => sum + badness(rule, value), tally.bad),
  });
  const open = {
    baseline: add(odds?.open.baseline ?? noTally, values.baseline),
    canary: add(odds?.open.canary ?? noTally, values.canary),
  };
  const nothing = { baseline: noTally, canary: noTally };
  if (open.baseline.count === 0 || open.canary.count === 0) {
    const isStale = open.baseline.count + open.canary.count > longestWait;
    return { memory: { odds: { past, open: isStale ? nothing : open } }, increments: {} };
  }
  const seen = { count: past.count + open.baseline.count, bad: past.bad + open.baseline.bad };
  return {
    memory: { odds: { past: seen, open: nothing } },
    increments: { odds: oddsIncrements(open, past, expectedBad) },
  };
}

/** The share of bad answers that is assumed before any was seen. */
const expectedBad = 0.05;
