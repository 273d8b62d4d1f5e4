import type { Interval } from "./interval.ts";
import type { Metric, Statistic } from "./rule.ts";
import type { TrailPoint } from "./trail.ts";

/** Log wealth of every bet, by the test it belongs to. */
export type Wealth = Readonly<Record<string, readonly number[]>>;

/** What the anytime-valid tests of a rule hold against the canary; the e-value follows from it (P5). */
export interface Evidence {
  /** Tests that bet from the first sample on, once. */
  readonly once: Wealth;
  /** Tests whose bets begin anew again and again (`restart-mixture.ts`), all copies together. */
  readonly renewed: Wealth;
  /** How many copies of the renewed bets have begun. */
  readonly copies: number;
}

/** The numbers one rule was judged by; enough to recompute the judgement (P5). */
export interface RuleReading {
  readonly ruleId: string;
  readonly metric: Metric;
  readonly unit: string;
  readonly statistic: Statistic | "share";
  readonly verdict: "within" | "breach" | "insufficient" | "mismatch";
  /** Absent when the arm has no sample. */
  readonly canary?: number;
  readonly baseline?: number;
  /** The value the canary must not pass, in the metric's unit. */
  readonly limit?: number;
  readonly canarySamples: number;
  readonly baselineSamples: number;
  /** Looks in a row that broke a limit on a window. */
  readonly streak?: number;
  /** Measured worsening, in the measure of the rule's `minEffect`; absent when nothing can be compared. */
  readonly effect?: number;
  readonly evidence?: Evidence;
  /** Where the canary's true value lies, as far as it is known (`interval.ts`). */
  readonly interval?: Interval;
  /** When a rule on trial would have taken the patch back by itself, milliseconds since the epoch. */
  readonly firedAt?: number;
  readonly detail: string;
}

/** Why there is no verdict: too little data, a source gone quiet, or traffic split otherwise than meant. */
export type Lack = "insufficient-evidence" | "blind" | "sample-ratio-mismatch";

/** What the samples say about a patch at one moment. P3: too little data is `inconclusive`. */
export interface Observation {
  readonly kind: "healthy" | "breach" | "inconclusive" | "watching";
  readonly at: number;
  /** Given while watching and when inconclusive, if evidence is what is missing. */
  readonly lack?: Lack;
  /** The rule that decided, if one did. */
  readonly ruleId?: string;
  /** One sentence for people. */
  readonly why: string;
  readonly readings: readonly RuleReading[];
  /** Evidence of harm of all tests together, as a multiple of what a breach needs; absent without tests. */
  readonly harm?: number;
  /** The chance at which the tests may take a harmless patch back; absent without tests. */
  readonly level?: number;
  /** How `harm` grew from look to look, given with a verdict. */
  readonly trail?: readonly TrailPoint[];
}
