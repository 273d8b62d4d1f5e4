/**
 * Where the canary's true value lies, from few numbers and valid at every look: each end is wrong with a
 * chance of at most 5 %, however often it is looked at. For people; no verdict rests on it. The values
 * are those since the measured effect last forgot, so both speak of the same time.
 */
import { countIncrements } from "./event-counts.ts";
import { countBeyond } from "./quantile-track.ts";
import { logMeanExp } from "./restart-mixture.ts";

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Count, mean and sum of squared distances from the mean. */
export interface Spread {
  readonly count: number;
  readonly mean: number;
  readonly square: number;
}

/** How many values lay beyond each of a row of thresholds, from `step ** from` on. */
export interface Ladder {
  readonly from: number;
  readonly count: number;
  readonly beyond: readonly number[];
}

const endChance = 0.05;
export const emptySpread: Spread = { count: 0, mean: 0, square: 0 };

/** Adds values to what is known (pairwise update of mean and variance: Chan, Golub, LeVeque 1983). */
export function spreadOf(known: Spread, values: readonly number[]): Spread {
  if (values.length === 0) return known;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const count = known.count + values.length;
  const apart = mean - known.mean;
  return {
    count,
    mean: known.mean + (apart * values.length) / count,
    square: known.square + square + (apart ** 2 * known.count * values.length) / count,
  };
}

/** Fewest values for which the approximation is good, and for how many the interval is narrowest. */
const fewestForMean = 100;
const tunedFor = 500;

/**
 * Interval of a mean by an asymptotic confidence sequence (Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas
 * 2024, arXiv 2103.06476), two-sided at `a` = 0.1: mean ± s·√( 2(nρ² + 1)/(n²ρ²) · ln(√(nρ² + 1)/a) ) with
 * ρ² = (−2 ln a + ln(1 − 2 ln a))/500. No value is below 0; of a ratio none is above 1.
 */
export function meanInterval(
  { count, mean, square }: Spread,
  largest: number,
): Interval | undefined {
  if (count < fewestForMean) return undefined;
  const a = 2 * endChance;
  const rho2 = (-2 * Math.log(a) + Math.log(1 - 2 * Math.log(a))) / tunedFor;
  const wide = count * rho2 + 1;
  const variance = square / (count - 1);
  const half = Math.sqrt(
    variance * ((2 * wide) / (count * count * rho2)) * Math.log(Math.sqrt(wide) / a),
  );
  return { low: Math.max(0, mean - half), high: Math.min(largest, mean + half) };
}

/** Each threshold is 6 % above the one before; 40 of them reach from a third to three times the middle. */
const step = 1.06;
const rungs = 40;

const thresholdsOf = (from: number) =>
  Array.from({ length: rungs }, (_, at) => step ** (from + at));

/** Counts values. A new ladder begins about `middle`; its thresholds are of a fixed row, not of the values. */
export function climb(
  known: Ladder | undefined,
  values: readonly number[],
  middle: number,
): Ladder | undefined {
  const ladder = known ?? ladderAbout(middle);
  if (!ladder || values.length === 0) return ladder;
  const more = countBeyond(thresholdsOf(ladder.from), values);
  return {
    from: ladder.from,
    count: ladder.count + values.length,
    beyond: ladder.beyond.map((count, at) => count + (more[at] ?? 0)),
  };
}

function ladderAbout(middle: number): Ladder | undefined {
  if (!(middle > 0)) return undefined;
  const from = Math.round(Math.log(middle) / Math.log(step)) - rungs / 2;
  return { from, count: 0, beyond: Array.from({ length: rungs }, () => 0) };
}

/**
 * Interval of a quantile: between the thresholds at which "this is the quantile" is refuted from both
 * sides (confidence sequences of quantiles: Howard & Ramdas 2022, arXiv 1906.09712). At the quantile the
 * number beyond is binomial, refuted by the same mixture of bets as counts of events are. Absent while
 * an end is not refuted, which takes about 100 values for p95.
 */
export function quantileInterval(ladder: Ladder, level: number): Interval | undefined {
  const { from, count, beyond } = ladder;
  const exposure = { baseline: level, canary: 1 - level };
  const isRefuted = (over: number, direction: "more" | "fewer") =>
    logMeanExp(
      countIncrements({ baseline: count - over, canary: over }, exposure, { direction }),
    ) >= -Math.log(endChance);
  const low = beyond.findLastIndex((over) => isRefuted(over, "more"));
  const high = beyond.findIndex((over) => isRefuted(over, "fewer"));
  if (low < 0 || high < 0) return undefined;
  return { low: step ** (from + low), high: step ** (from + high) };
}
