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
  readonly statistic: Statistic;
  /** Which direction is worse. */
  readonly worse: "higher" | "lower";
  /** No verdict from fewer samples per arm. */
  readonly minSamples: number;
  /** The newest so many samples of an arm count. */
  readonly windowSamples: number;
  /** Looks in a row, each with new samples, that must breach (hysteresis). */
  readonly confirmations: number;
  /** Whether a patch can be healthy without evidence on this rule. */
  readonly isRequired: boolean;
}

/** A limit on the canary alone, or on the canary against the baseline measured at the same time. */
export type Rule = RuleCore &
  (
    | { readonly kind: "absolute"; readonly limit: number }
    | {
        readonly kind: "relative";
        /** Tolerated worsening as a ratio of the baseline: 0.25 lets p95 grow by a quarter. */
        readonly tolerance: number;
      }
  );
