/**
 * Estimates of quantiles in constant memory. The first values are kept until there are enough to begin
 * with their order statistics; from then on each block moves an estimate up or down by how many of its
 * values lay beyond (stochastic approximation: Robbins & Monro 1951), as a ratio of itself.
 */
export interface QuantileTrack {
  /** Values from before the estimates began. */
  readonly seed: readonly number[];
  /** One estimate per level; empty until they begin. */
  readonly at: readonly number[];
}

export const emptyTrack: QuantileTrack = { seed: [], at: [] };

const seedSize = 20;
/** How far one sample moves an estimate, and one block at the most. */
const sampleGain = 0.0005;
const largestGain = 0.25;

/** Takes in values: begins with their nearest-rank quantiles once there are enough, then moves them. */
export function follow(
  levels: readonly number[],
  track: QuantileTrack,
  values: readonly number[],
): QuantileTrack {
  if (values.length === 0) return track;
  if (track.at.length > 0) return { seed: [], at: move(levels, track.at, values) };
  const seed = [...track.seed, ...values];
  if (seed.length < seedSize) return { seed, at: [] };
  seed.sort((left, right) => left - right);
  return { seed: [], at: levels.map((level) => nearestRank(seed, level)) };
}

/** The estimate of one of the levels by now; undefined before the first value. */
export function quantileAt(
  levels: readonly number[],
  { seed, at }: QuantileTrack,
  level: number,
): number | undefined {
  if (at.length > 0) return at[levels.indexOf(level)];
  if (seed.length === 0) return undefined;
  return nearestRank(
    seed.toSorted((left, right) => left - right),
    level,
  );
}

const nearestRank = (sorted: readonly number[], level: number) =>
  sorted[Math.ceil(sorted.length * level) - 1] ?? 0;

/** How many values lie beyond each of the estimates. */
export function countBeyond(thresholds: readonly number[], values: readonly number[]): number[] {
  return thresholds.map((threshold) => {
    let beyond = 0;
    for (const value of values) if (value > threshold) beyond += 1;
    return beyond;
  });
}

function move(
  levels: readonly number[],
  estimates: readonly number[],
  values: readonly number[],
): number[] {
  const gain = Math.min(largestGain, sampleGain * values.length);
  const beyond = countBeyond(estimates, values);
  return estimates.map((estimate, index) => {
    const tail = 1 - (levels[index] ?? 0.5);
    let ties = 0;
    for (const value of values) if (value === estimate) ties += 1;
    const [over, atLeast] = [beyond[index] ?? 0, (beyond[index] ?? 0) + ties];
    const wanted = tail * values.length;
    // Where values repeat, one of them is the quantile itself.
    if (ties > 0 && over <= wanted && wanted <= atLeast) return estimate;
    return estimate * Math.exp(gain * Math.min(3, over / wanted - 1));
  });
}
