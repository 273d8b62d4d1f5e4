/**
 * The level at which each test of a long row may take a patch back, so that the expected share of harmless
 * patches among those taken back stays below a ratio.
 * e-LOND (Xu & Ramdas 2024, arXiv 2311.06412): test t rejects when its e-value reaches
 * 1 / (ratio · gamma(t) · (rejections before + 1)). The share then holds at any time and however the e-values
 * depend on each other; what it needs is that the level is fixed before the test sees its first sample, that
 * no position is given out twice, and that the rejections counted are no more than there were.
 */
export interface RowPlace {
  /** Which test of the row this is, from 1; places may be left out. */
  readonly position: number;
  /** Patches of the row that tests had taken back when the place was given. */
  readonly discoveries: number;
}

/** The level of the test at this place, above 0 and below `ratio`. */
export function levelAt(ratio: number, { position, discoveries }: RowPlace): number {
  return ratio * gamma(position) * (discoveries + 1);
}

/**
 * gamma(t) = 1/(1 + ln t) − 1/(1 + ln(t + 1)), which all together make 1. It falls hardly faster than 1/t, so
 * that the thousandth patch needs little more evidence than the hundredth; written without a difference of
 * like numbers.
 */
function gamma(t: number): number {
  return Math.log1p(1 / t) / ((1 + Math.log(t)) * (1 + Math.log(t + 1)));
}
