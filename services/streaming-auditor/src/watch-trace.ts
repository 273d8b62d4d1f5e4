/** How the readings of a watch came to be: what a person needs to see a breach, and no verdict rests on. */
import type { Observation } from "@council/domain";
import type { TracedRule, TracePoint, WatchTrace } from "@council/contracts";

/** Points kept per rule; at twice as many every other one goes, so that the whole watch stays in sight. */
const keptPoints = 30;

/** The trace with one more look at its end; without readings, the same one. */
export function extendTrace(
  trace: WatchTrace = [],
  stage: string,
  { at, readings }: Observation,
): WatchTrace {
  if (readings.length === 0) return trace;
  const known = trace.find((each) => each.stage === stage)?.rules ?? [];
  const rules = readings.map(
    ({ ruleId, unit, canary, baseline, limit, canarySamples }): TracedRule => {
      const before = known.find((rule) => rule.ruleId === ruleId)?.points ?? [];
      if (canary === undefined) return { ruleId, unit, points: before };
      const [value, against, edge] = [rounded(canary), rounded(baseline), rounded(limit)];
      const point: TracePoint = [at, canarySamples, value, against, edge];
      return { ruleId, unit, points: thinned([...before, point]) };
    },
  );
  return [...trace.filter((each) => each.stage !== stage), { stage, rules }];
}

/** The newest point always stays. */
function thinned(points: readonly TracePoint[]): readonly TracePoint[] {
  if (points.length < 2 * keptPoints) return points;
  return points.filter((_, at) => (points.length - 1 - at) % 2 === 0);
}

function rounded(value: number | undefined): number | null {
  return value === undefined ? null : Number(value.toPrecision(6));
}
