import type { WatchState } from "@council/domain";

/** One look at one rule: when, from how many samples of the canary, its value, the baseline and the limit. */
export type TracePoint = readonly [
  at: number,
  samples: number,
  canary: number | null,
  baseline: number | null,
  limit: number | null,
];

export interface TracedRule {
  readonly ruleId: string;
  readonly unit: string;
  /** Oldest first; thinned out as the watch grows long. */
  readonly points: readonly TracePoint[];
}

/** How the readings came to be, stage by stage. For people: no verdict rests on it. */
export type WatchTrace = readonly {
  readonly stage: string;
  readonly rules: readonly TracedRule[];
}[];

/** What is stored of the watch over a patch. */
export type StoredWatch = WatchState & { readonly trace?: WatchTrace };
