/**
 * Whether the canary exceeds what the baseline exceeds rarely: one proportion test per quantile of the
 * baseline's past, from the median to p99, averaged. A threshold is fixed before the block it judges, so
 * any way of choosing it is valid (predictable thresholds: Howard & Ramdas 2022, arXiv 1906.09712; the
 * proportions: `block-odds.ts`). Null: canary / (1 + tolerance) exceeds no threshold more often.
 */
import { oddsGrid, oddsIncrements } from "./block-odds.ts";
import { countBeyond, emptyTrack, follow, type QuantileTrack } from "./quantile-track.ts";

export const exceedanceLevels = [0.5, 0.75, 0.9, 0.95, 0.99] as const;
export const exceedanceBets = exceedanceLevels.length * oddsGrid.length;

interface Beyond {
  readonly count: number;
  readonly beyond: readonly number[];
}

export interface ExceedanceState {
  readonly track: QuantileTrack;
  /** The baseline before the open block. */
  readonly past: Beyond;
  /** The block that waits for both arms. */
  readonly open: { readonly baseline: Beyond; readonly canary: Beyond };
}

const none: Beyond = { count: 0, beyond: exceedanceLevels.map(() => 0) };
const nothingOpen = { baseline: none, canary: none };
/** An arm that has waited for the other for so many samples is not its contemporary any more. */
const longestWait = 2000;

export const emptyExceedance: ExceedanceState = {
  track: emptyTrack,
  past: none,
  open: nothingOpen,
};

/** Takes in the values of both arms; increments are 0 until the thresholds stand and both arms are there. */
export function exceed(
  state: ExceedanceState,
  baseline: readonly number[],
  canary: readonly number[],
  tolerance: number,
): { readonly state: ExceedanceState; readonly increments: readonly number[] } {
  if (state.track.at.length === 0) {
    const track = follow(exceedanceLevels, state.track, baseline);
    return { state: { ...state, track }, increments: [] };
  }
  const limits = state.track.at;
  const open = {
    baseline: plus(state.open.baseline, limits, baseline),
    canary: plus(
      state.open.canary,
      limits.map((limit) => limit * (1 + tolerance)),
      canary,
    ),
  };
  if (open.baseline.count === 0 || open.canary.count === 0) {
    const isStale = open.baseline.count + open.canary.count > longestWait;
    return { state: { ...state, open: isStale ? nothingOpen : open }, increments: [] };
  }
  const increments = exceedanceLevels.flatMap((level, at) => {
    const tally = ({ count, beyond }: Beyond) => ({ count, bad: beyond[at] ?? 0 });
    const block = { baseline: tally(open.baseline), canary: tally(open.canary) };
    return oddsIncrements(block, tally(state.past), 1 - level);
  });
  const next = {
    track: follow(exceedanceLevels, state.track, baseline),
    past: sum(state.past, open.baseline),
    open: nothingOpen,
  };
  return { state: next, increments };
}

const plus = (known: Beyond, limits: readonly number[], values: readonly number[]): Beyond =>
  values.length === 0
    ? known
    : sum(known, { count: values.length, beyond: countBeyond(limits, values) });

const sum = (left: Beyond, right: Beyond): Beyond => ({
  count: left.count + right.count,
  beyond: left.beyond.map((value, at) => value + (right.beyond[at] ?? 0)),
});
