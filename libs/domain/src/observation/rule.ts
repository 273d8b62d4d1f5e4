/** Which deployment a sample was measured on. */
export type Arm = "baseline" | "canary";

/** The one unit each metric is measured in; a sample in another unit is refused, never converted. */
export const metricUnits = {
  latency: "ms",
  cost: "micro-usd",
  accuracy: "ratio",
  coverage: "ratio",
  errors: "ratio",
  unit_coverage: "percent",
  latency_regression: "percent",
  cost_delta: "usd",
} as const;

export type Metric = keyof typeof metricUnits;

/** How a window of samples becomes one number. */
export type Statistic = "mean" | "p95" | "last";

interface RuleCore {
  readonly id: string;
  readonly metric: Metric;
  /** Which direction is worse. */
  readonly worse: "higher" | "lower";
  /** The unit the rule's numbers are meant in; refused when the metric is measured in another. */
  readonly unit?: string;
  /** No verdict from fewer samples per arm. */
  readonly minSamples: number;
  /** Whether a patch can be healthy without evidence on this rule. */
  readonly isRequired: boolean;
  /** A rule on trial: it is read and reported, and decides nothing. */
  readonly mode?: "shadow";
  /** What the metric measures: patterns of paths, or symbols. Of several live patches those that touch it are likelier. */
  readonly touches?: readonly string[];
}

interface WindowCore extends RuleCore {
  readonly statistic: Statistic;
  /** The newest so many samples of an arm count. */
  readonly windowSamples: number;
  /** Looks in a row, each with new samples, that must breach (hysteresis). */
  readonly confirmations: number;
}

/** A limit on a window of the canary, or on the canary against the baseline measured at the same time. */
export type WindowRule =
  | (WindowCore & { readonly kind: "absolute"; readonly limit: number })
  | (WindowCore & {
      readonly kind: "relative";
      /** Tolerated worsening as a ratio of the baseline: 0.25 lets p95 grow by a quarter. */
      readonly tolerance: number;
    });

interface TestCore extends RuleCore {
  /** Chance of ever taking back a patch that does no harm, 0–1; over all rules of a patch it is the mean. */
  readonly alpha: number;
  /**
   * The least measured worsening that is acted on: of latency and cost a ratio of the baseline, of
   * accuracy and errors a difference of ratios (0.01 is one percentage point).
   */
  readonly minEffect: number;
}

/** Canary against baseline by an anytime-valid test: it may be looked at after every sample. */
export type SequentialRule = TestCore & {
  readonly kind: "sequential";
  /** Worsening of each value that is no harm, as a ratio: what two equal arms differ by anyway. */
  readonly tolerance: number;
  /**
   * How far two equal arms of this repository were measured to drift apart (`armNoiseOf`). It changes no
   * verdict; a tolerance that is too small for it is told wherever the rule is.
   */
  readonly armNoise?: number;
};

/** The canary's mean against a limit by an anytime-valid test; harm the baseline shares is not the patch's. */
export type SequentialLimitRule = TestCore & {
  readonly kind: "sequential-limit";
  readonly limit: number;
};

/** How many samples come from the canary against how many should: a mismatch blocks verdicts. */
export type ShareRule = RuleCore & {
  readonly kind: "share";
  /** The share of requests that is routed to the canary, 0–1; absent in a policy is each stage's own weight. */
  readonly canaryRatio?: number;
  readonly alpha: number;
};

export type TestRule = SequentialRule | SequentialLimitRule | ShareRule;
export type Rule = WindowRule | TestRule;
