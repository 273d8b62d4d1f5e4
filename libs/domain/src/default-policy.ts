import type { Rule } from "./observation/rule.ts";
import type { Policy } from "./policy.ts";

const watched = { alpha: 0.01, minSamples: 100, isRequired: true } as const;
const relative = { ...watched, kind: "sequential", worse: "higher" } as const;
const pushed = { minSamples: 1, windowSamples: 1, confirmations: 1, isRequired: false } as const;

/**
 * What every patch is watched for: the canary against the baseline, a floor under its accuracy, and the
 * pushed regression payload. Two equal arms differ by some percent at any time (another machine, another
 * neighbour); the tolerance keeps that from being harm.
 */
export const defaultRules: readonly Rule[] = [
  { ...relative, id: "latency-p95", metric: "latency", tolerance: 0.1, minEffect: 0.1 },
  { ...relative, id: "cost-mean", metric: "cost", tolerance: 0.1, minEffect: 0.1 },
  {
    ...relative,
    id: "accuracy-kept",
    metric: "accuracy",
    worse: "lower",
    // Rare failures say little each: the largest part of the patch's chance of a false alarm, which is
    // the mean of these, goes where it is needed most.
    alpha: 0.02,
    tolerance: 0,
    minEffect: 0.01,
  },
  {
    ...relative,
    id: "errors-kept",
    metric: "errors",
    alpha: 0.005,
    tolerance: 0,
    minEffect: 0.01,
    isRequired: false,
  },
  {
    ...watched,
    id: "accuracy-floor",
    kind: "sequential-limit",
    metric: "accuracy",
    worse: "lower",
    alpha: 0.005,
    limit: 0.95,
    minEffect: 0.01,
  },
  {
    id: "coverage-kept",
    kind: "relative",
    metric: "coverage",
    statistic: "last",
    worse: "lower",
    tolerance: 0,
    ...pushed,
    isRequired: true,
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
  falseRevertRatio: 0.05,
  onInconclusive: "extend",
  maxExtensions: 3,
  maxRebases: 5,
  renderTimeoutMs: 600_000,
  compareTimeoutMs: 120_000,
  auditTimeoutMs: 600_000,
  rollbackTimeoutMs: 90_000,
  recoveryTimeoutMs: 600_000,
  recoveryDelayMs: 60_000,
  approvalSteps: [{ name: "approval", count: 1 }],
  approvalTimeoutMs: 7 * 86_400_000,
  freezes: [],
  limits: {
    landingsPerDay: 3,
    emergenciesPerDay: 1,
    cooldownMs: 600_000,
    quarantineReverts: 3,
    quarantineWindowMs: 86_400_000,
    automaticRevertsPerDay: 10,
    unlimited: [],
  },
  senderPaths: [],
};

/**
 * A patch keeps the policy it was submitted under. What policies did not have then has its default, so that
 * a patch that is older than Council's last version is decided about like any, and can be taken back (P4).
 */
export const inFull = (policy: Policy): Policy => ({
  ...defaultPolicy,
  ...policy,
  limits: { ...defaultPolicy.limits, ...policy.limits },
});
