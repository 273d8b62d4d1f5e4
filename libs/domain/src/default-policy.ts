import type { Rule } from "./observation/rule.ts";
import type { Policy } from "./policy.ts";

const watched = { windowSamples: 400, confirmations: 2, isRequired: true } as const;
const pushed = { minSamples: 1, windowSamples: 1, confirmations: 1, isRequired: false } as const;

/** Limits for the four signals every patch is watched for, and for the pushed regression payload. */
export const defaultRules: readonly Rule[] = [
  {
    id: "latency-p95",
    kind: "relative",
    metric: "latency",
    statistic: "p95",
    worse: "higher",
    tolerance: 0.25,
    // A p95 rests on the few slowest samples: fewer than this, and noise alone crosses the limit.
    minSamples: 100,
    ...watched,
    confirmations: 3,
  },
  {
    id: "cost-mean",
    kind: "relative",
    metric: "cost",
    statistic: "mean",
    worse: "higher",
    tolerance: 0.2,
    minSamples: 40,
    ...watched,
  },
  {
    id: "accuracy-floor",
    kind: "absolute",
    metric: "accuracy",
    statistic: "mean",
    worse: "lower",
    limit: 0.95,
    minSamples: 60,
    ...watched,
  },
  {
    id: "coverage-kept",
    kind: "relative",
    metric: "coverage",
    statistic: "last",
    worse: "lower",
    tolerance: 0,
    minSamples: 1,
    ...watched,
    confirmations: 1,
  },
  {
    id: "pushed-coverage",
    kind: "absolute",
    metric: "unit_coverage",
    statistic: "last",
    worse: "lower",
    limit: 95,
    ...pushed,
  },
  {
    id: "pushed-latency",
    kind: "absolute",
    metric: "latency_regression",
    statistic: "last",
    worse: "higher",
    limit: 1,
    ...pushed,
  },
  {
    id: "pushed-cost",
    kind: "absolute",
    metric: "cost_delta",
    statistic: "last",
    worse: "higher",
    limit: 0.01,
    ...pushed,
  },
];

/** What is in force where nothing else is said: three deterministic seats, two stages, all on its own. */
export const defaultPolicy: Policy = {
  builders: [],
  seats: [
    { head: "rules", family: "rules", mustVote: true },
    { head: "proof", family: "proof" },
    { head: "contract", family: "contract" },
  ],
  approvalsNeeded: 2,
  varianceLimit: 0.03,
  onUnknownVariance: "escalate",
  autonomy: "auto-all",
  stages: [
    { name: "canary", branch: "council/canary", watchMinMs: 60_000, watchMaxMs: 600_000 },
    { name: "target", watchMinMs: 60_000, watchMaxMs: 600_000 },
  ],
  rules: defaultRules,
  onInconclusive: "extend",
  maxExtensions: 3,
  maxRebases: 5,
  renderTimeoutMs: 600_000,
  compareTimeoutMs: 120_000,
  auditTimeoutMs: 600_000,
  rollbackTimeoutMs: 90_000,
};
