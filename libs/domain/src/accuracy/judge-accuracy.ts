/**
 * Whether a change answers a benchmark set as rightly as before: against a floor, and case by case against
 * the score that was approved as its baseline. Pure; the same scores give the same judgement (P5).
 */
import { type BinomialInterval, binomialInterval, chanceOfAtMost } from "./binomial-interval.ts";

/** How one run over a benchmark set went. */
export interface BenchmarkScore {
  /** SHA-256 of the set's file: its version. */
  readonly set: string;
  readonly total: number;
  /** Cases that were answered otherwise than expected, or not at all; by id, sorted. */
  readonly wrong: readonly string[];
}

export interface AccuracyJudgement {
  /**
   * `below`: shown to be under the floor. `dropped`: shown to answer fewer rightly than the baseline.
   * `unclear`: the share is under the floor, and the cases are too few to be sure of it.
   */
  readonly kind: "kept" | "below" | "dropped" | "unclear";
  /** Share of right answers, 0 to 1, and where the true share lies with 95 %. */
  readonly ratio: number;
  readonly interval: BinomialInterval;
  readonly newlyWrong: readonly string[];
  readonly newlyRight: readonly string[];
  /** Chance of so many newly wrong cases among the changed ones if it were no worse. */
  readonly chance: number;
  /** One sentence for people. */
  readonly why: string;
}

/** A drop counts when chance would make it no more often than this. */
const level = 0.05;

export const ratioOf = ({ total, wrong }: BenchmarkScore): number =>
  total === 0 ? 0 : (total - wrong.length) / total;

/**
 * Judges a score against the floor (0 to 1) and the baseline's score on the same set. The drop is tested
 * by the cases that changed alone, each as likely to turn wrong as right if the change does no harm (exact
 * test of McNemar, Psychometrika 12, 1947). Below the floor is no fault of a change that drops nothing there.
 */
export function judgeAccuracy(
  score: BenchmarkScore,
  baseline: BenchmarkScore,
  floor: number,
): AccuracyJudgement {
  const newlyWrong = score.wrong.filter((id) => !baseline.wrong.includes(id));
  const newlyRight = baseline.wrong.filter((id) => !score.wrong.includes(id));
  const changed = newlyWrong.length + newlyRight.length;
  const chance = chanceOfAtMost(newlyRight.length, changed, 0.5);
  const ratio = ratioOf(score);
  const interval = binomialInterval(score.total - score.wrong.length, score.total);
  const isFewer = newlyWrong.length > newlyRight.length;
  const kind = kindOf();
  const counted = `${score.total - score.wrong.length} of ${score.total} right (${percent(ratio)}, ${percent(interval.low)} to ${percent(interval.high)})`;
  const moved = `${newlyWrong.length} newly wrong and ${newlyRight.length} newly right against ${percent(ratioOf(baseline))} of the baseline`;
  const why = `${counted}, ${moved}${verdictWords[kind](floor, chance)}`;
  return { kind, ratio, interval, newlyWrong, newlyRight, chance, why };

  function kindOf(): AccuracyJudgement["kind"] {
    if (isFewer && interval.high < floor) return "below";
    if (isFewer && chance <= level) return "dropped";
    return isFewer && ratio < floor ? "unclear" : "kept";
  }
}

const percent = (ratio: number) => `${Number((100 * ratio).toPrecision(3))} %`;

const verdictWords: Record<AccuracyJudgement["kind"], (floor: number, chance: number) => string> = {
  kept: () => "",
  below: (floor) => `: below the floor of ${percent(floor)}`,
  dropped: (_, chance) => `: fewer than before, which chance makes in ${percent(chance)} of cases`,
  unclear: (floor) => `: under the floor of ${percent(floor)}, with too few cases to be sure`,
};
