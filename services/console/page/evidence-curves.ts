/** The trace of a watch, as the gateway serves it, turned into one curve per rule and stage. */
import type { TracedRule, WatchTrace } from "@council/contracts";

export interface WatchEvidence {
  readonly stages: WatchTrace;
}

export interface Curve extends TracedRule {
  readonly id: string;
  readonly stage: string;
}

/** Curves with something to see: two points at least. */
export function curvesOf({ stages }: WatchEvidence): readonly Curve[] {
  return stages.flatMap(({ stage, rules }) =>
    rules
      .filter(({ points }) => points.filter(([, , canary]) => canary !== null).length > 1)
      .map((rule) => ({ ...rule, stage, id: `${stage}/${rule.ruleId}` })),
  );
}
