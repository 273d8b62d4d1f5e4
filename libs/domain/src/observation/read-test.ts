import { neededTolerance } from "./calibrate-tolerance.ts";
import type { RuleReading } from "./observation.ts";
import {
  metricUnits,
  type SequentialLimitRule,
  type SequentialRule,
  type TestRule,
} from "./rule.ts";
import {
  type Estimate,
  estimate,
  intervalOf,
  logEvidenceOf,
  type TestState,
} from "./sequential-test.ts";
import { show } from "./window-rule.ts";

/** What a test holds by now, with everything its judgement rests on (P5). `breach` is for all rules together. */
export function readTest(rule: TestRule, state: TestState): RuleReading {
  const measured = estimate(rule, state);
  const { baseline: baselineSamples, canary: canarySamples } = state.samples;
  const core = {
    ruleId: rule.id,
    metric: rule.metric,
    unit: metricUnits[rule.metric],
    canarySamples,
    baselineSamples,
    ...measured,
    evidence: { once: state.once, renewed: state.renewed, copies: state.copies },
  };
  const needed = rule.kind === "sequential-limit" ? canarySamples : fewest(rule, state);
  const isEnough = needed >= rule.minSamples;
  if (rule.kind === "share") {
    const isOff = isEnough && logEvidenceOf(state) >= -Math.log(rule.alpha);
    return {
      ...core,
      statistic: "share",
      verdict: isOff ? "mismatch" : isEnough ? "within" : "insufficient",
      detail: `the canary sends ${show(measured.canary ?? 0)} of the ${rule.metric} samples, meant are ${show(rule.canaryRatio ?? 0)}`,
    };
  }
  const interval = intervalOf(rule, state);
  return {
    ...core,
    ...(interval ? { interval } : {}),
    statistic: rule.kind === "sequential" && rule.metric === "latency" ? "p95" : "mean",
    ...limitOf(rule, measured),
    verdict: isEnough ? "within" : "insufficient",
    // Harm may be proven before a patch could be called healthy: the tests are valid at every sample.
    detail:
      isEnough || logEvidenceOf(state) > 0
        ? describe(rule, measured, state)
        : `${rule.metric}: ${needed} of ${rule.minSamples} samples`,
  };
}

/** What the canary must not pass: the limit itself, or the least effect that is acted on beyond the baseline. */
function limitOf(
  rule: SequentialRule | SequentialLimitRule,
  { baseline }: Estimate,
): { readonly limit?: number } {
  if (rule.kind === "sequential-limit") return { limit: rule.limit };
  if (baseline === undefined) return {};
  if (metricUnits[rule.metric] !== "ratio")
    return { limit: baseline * (1 + Math.max(rule.tolerance, rule.minEffect)) };
  return { limit: baseline + (rule.worse === "higher" ? rule.minEffect : -rule.minEffect) };
}

/** A split cannot be judged by its smaller side: that may be empty because of the fault. */
const fewest = (rule: TestRule, { samples: { baseline, canary } }: TestState) =>
  rule.kind === "share" ? baseline + canary : Math.min(baseline, canary);

function describe(
  rule: SequentialRule | SequentialLimitRule,
  { baseline, canary }: Estimate,
  state: TestState,
): string {
  const unit = metricUnits[rule.metric];
  const statistic = rule.kind === "sequential" && rule.metric === "latency" ? "p95" : "mean";
  const against =
    rule.kind === "sequential"
      ? `against ${show(baseline ?? 0)} ${unit} of the baseline`
      : `against a limit of ${show(rule.limit)} ${unit}`;
  const odds = show(Math.exp(Math.min(logEvidenceOf(state), 700)));
  const needed = rule.kind === "sequential" ? neededTolerance(rule) : undefined;
  const noisy =
    needed === undefined
      ? ""
      : `; two equal arms were measured to need a tolerance of ${show(needed)}`;
  const samples = `${state.samples.canary} canary and ${state.samples.baseline} baseline samples`;
  return `${rule.metric} ${statistic} ${show(canary ?? 0)} ${unit} ${against}: evidence of harm ${odds} to 1 (${samples}${noisy})`;
}
