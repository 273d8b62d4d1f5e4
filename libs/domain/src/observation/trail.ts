/** How the evidence grew over a watch, in constant memory: for people, and for nothing else. */

/** Milliseconds since the watch began, and the evidence of harm as a multiple of what a breach needs. */
export type TrailPoint = readonly [sinceMs: number, harm: number];

export interface Trail {
  /** Every how many looks a point is kept. */
  readonly every: number;
  readonly looks: number;
  readonly points: readonly TrailPoint[];
}

const mostPoints = 60;
export const emptyTrail: Trail = { every: 1, looks: 0, points: [] };

/**
 * Takes in a look. When the points are full every other one goes and only every other look is kept from
 * then on, so they always lie evenly over the whole watch.
 */
export function extendTrail({ every, looks, points }: Trail, point: TrailPoint): Trail {
  const isKept = looks % every === 0;
  const next = { looks: looks + 1, every };
  if (!isKept) return { ...next, points };
  const grown = [...points, rounded(point)];
  if (grown.length < mostPoints) return { ...next, points: grown };
  return { ...next, every: 2 * every, points: grown.filter((_, at) => at % 2 === 0) };
}

/** The points, at most 60, with the newest look at their end. */
export function pointsOf({ points }: Trail, newest: TrailPoint): readonly TrailPoint[] {
  const end = rounded(newest);
  return points.at(-1)?.[0] === end[0] ? [...points.slice(0, -1), end] : [...points, end];
}

/** Three digits: for people. */
const rounded = ([sinceMs, harm]: TrailPoint): TrailPoint => [sinceMs, Number(harm.toPrecision(3))];
