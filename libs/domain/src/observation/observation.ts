import type { Metric, Rule } from "./rule.ts";

/** The numbers one rule was judged by; enough to recompute the judgement (P5). */
export interface RuleReading {
  readonly ruleId: string;
  readonly metric: Metric;
  readonly unit: string;
  readonly statistic: Rule["statistic"];
  readonly verdict: "within" | "breach" | "insufficient";
  /** Absent when the arm has no sample. */
  readonly canary?: number;
  readonly baseline?: number;
  /** The value the canary must not pass, in the metric's unit. */
  readonly limit?: number;
  readonly canarySamples: number;
  readonly baselineSamples: number;
  readonly detail: string;
}

/** What the samples say about a patch at one moment. P3: too little data is `inconclusive`. */
export interface Observation {
  readonly kind: "healthy" | "breach" | "inconclusive" | "watching";
  readonly at: number;
  /** The rule that decided, if one did. */
  readonly ruleId?: string;
  /** One sentence for people. */
  readonly why: string;
  readonly readings: readonly RuleReading[];
}
