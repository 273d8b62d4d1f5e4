/**
 * The watch over one patch at one stage: windows of samples and anytime-valid tests, judged rule by rule.
 * Pure and resumable: the whole state is data, stored after every batch, so a crash changes no verdict.
 * P3: whatever is missing makes a rule `insufficient`, never a breach and never a pass.
 */
import { judge, type Moment, wouldFire } from "./judge.ts";
import type { Observation, RuleReading } from "./observation.ts";
import { readTest } from "./read-test.ts";
import type { Rule } from "./rule.ts";
import { type Batch, type Sample, sortSamples, valuesOf } from "./samples.ts";
import { advanceTest, beginTest, type TestState } from "./sequential-test.ts";
import { emptyTrail, extendTrail, pointsOf, type Trail } from "./trail.ts";
import { addToWindows, isWindowRule, readWindow, type Windows } from "./window-rule.ts";

export interface WatchState {
  readonly patchId: string;
  readonly stage: string;
  /** Which watch of this patch it is; goes back with every verdict. */
  readonly token: number;
  readonly startedAt: number;
  readonly watchMinMs: number;
  readonly rules: readonly Rule[];
  /** The level of its tests in the row of its lane; absent leaves it to the rules. */
  readonly level?: number;
  readonly windows: Windows;
  /** Looks in a row that breached, by rule. */
  readonly streaks: Readonly<Record<string, number>>;
  /** Anytime-valid tests, by rule. */
  readonly tests: Readonly<Record<string, TestState>>;
  /** The newest time a usable sample was measured at, by metric. */
  readonly newestAt: Readonly<Record<string, number>>;
  readonly refusedSamples: number;
  /** When rules on trial would have taken the patch back, by rule. */
  readonly fired?: Readonly<Record<string, number>>;
  /** How the evidence of all tests together grew. */
  readonly trail?: Trail;
  /** Set once a verdict was given; it is given once. */
  readonly concluded?: "healthy" | "breach";
}

export interface Look {
  readonly state: WatchState;
  readonly observation: Observation;
}

/** A source that measured nothing for so long is blind, milliseconds. */
const quietAfterMs = 60_000;

/** Begins with empty windows and no evidence at `startedAt`. */
export function startWatch(input: {
  patchId: string;
  stage: string;
  token: number;
  startedAt: number;
  watchMinMs: number;
  rules: readonly Rule[];
  level?: number;
}): WatchState {
  return { ...input, windows: {}, streaks: {}, tests: {}, newestAt: {}, refusedSamples: 0 };
}

/** Takes a batch of samples in and looks at every rule once. */
export function observe(state: WatchState, samples: readonly Sample[], at: number): Look {
  if (state.concluded) {
    const why = "a verdict was given already";
    return { state, observation: { kind: "watching", at, why, readings: [] } };
  }
  const taken = takeIn(state, sortSamples(samples), at);
  const { state: next, readings } = onTrial(taken.state, taken.readings, at);
  const look = withTrail(next, judge(next.rules, readings, momentOf(next, at)));
  const { kind } = look.observation;
  if (kind !== "healthy" && kind !== "breach") return look;
  return { state: { ...look.state, concluded: kind }, observation: told(look) };
}

/** Keeps how the evidence grew, beside the look. */
function withTrail(state: WatchState, observation: Observation): Look {
  const { at, harm } = observation;
  if (harm === undefined) return { state, observation };
  const trail = extendTrail(state.trail ?? emptyTrail, [at - state.startedAt, harm]);
  return { state: { ...state, trail }, observation };
}

/** A verdict shows how it came to be. */
function told({ state: { trail, startedAt }, observation }: Look): Observation {
  const { at, harm } = observation;
  if (!trail || harm === undefined) return observation;
  return { ...observation, trail: pointsOf(trail, [at - startedAt, harm]) };
}

/** Notes when a rule on trial would have fired; it goes with every later reading of the rule. */
function onTrial(state: WatchState, readings: readonly RuleReading[], at: number) {
  if (!state.rules.some(({ mode }) => mode === "shadow")) return { state, readings };
  const fired: Record<string, number> = { ...state.fired };
  for (const [index, rule] of state.rules.entries()) {
    const reading = readings[index];
    if (rule.mode !== "shadow" || !reading || fired[rule.id] !== undefined) continue;
    if (wouldFire(rule, reading, momentOf(state, at))) fired[rule.id] = at;
  }
  const noted = readings.map((reading): RuleReading => {
    const firedAt = fired[reading.ruleId];
    return firedAt === undefined ? reading : { ...reading, firedAt };
  });
  return { state: { ...state, fired }, readings: noted };
}

/** The watch is over: what is not shown healthy by now is inconclusive. */
export function conclude(state: WatchState, at: number): Look {
  const { state: next, observation } = observe(state, [], at);
  if (observation.kind !== "watching" || state.concluded) return { state: next, observation };
  const shown = told({ state: next, observation });
  return { state: next, observation: { ...shown, kind: "inconclusive" } };
}

function takeIn(state: WatchState, batch: Batch, at: number) {
  const windows = addToWindows(state.rules, state.windows, batch);
  const streaks: Record<string, number> = {};
  const tests: Record<string, TestState> = {};
  const readings = state.rules.map((rule): RuleReading => {
    const values = valuesOf(batch, rule.metric);
    if (!isWindowRule(rule)) {
      const test = advanceTest(rule, state.tests[rule.id] ?? beginTest(rule), values);
      tests[rule.id] = test;
      return readTest(rule, test);
    }
    const reading = readWindow(rule, windows);
    const before = reading.verdict === "breach" ? (state.streaks[rule.id] ?? 0) : 0;
    // A look without new samples of the canary confirms nothing.
    const isConfirmed = reading.verdict === "breach" && values.canary.length > 0;
    const streak = before + (isConfirmed ? 1 : 0);
    streaks[rule.id] = streak;
    return { ...reading, streak };
  });
  const newestAt = { ...state.newestAt };
  for (const [metric, newest] of batch.newestAt)
    newestAt[metric] = Math.max(Math.min(newest, at), newestAt[metric] ?? 0);
  const refusedSamples = state.refusedSamples + batch.refused;
  return { state: { ...state, windows, streaks, tests, newestAt, refusedSamples }, readings };
}

/** A source may go quiet; what is measured once, like coverage, is not a source that could. */
function momentOf(state: WatchState, at: number): Moment {
  const quiet = state.rules
    .filter(({ mode }) => mode !== "shadow")
    .filter((rule) => rule.isRequired && !(isWindowRule(rule) && rule.statistic === "last"))
    .filter(({ metric }) => at - (state.newestAt[metric] ?? state.startedAt) > quietAfterMs)
    .map(({ metric }) => metric);
  return {
    at,
    startedAt: state.startedAt,
    watchMinMs: state.watchMinMs,
    quiet: [...new Set(quiet)],
    ...(state.level === undefined ? {} : { level: state.level }),
  };
}
