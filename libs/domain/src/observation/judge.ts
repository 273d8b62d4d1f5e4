/**
 * From the readings of all rules to one verdict. A function of the readings and of time alone: the
 * readings that are stored with a verdict give the same verdict again (P5).
 */
import type { Lack, Observation, RuleReading } from "./observation.ts";
import type { Rule, SequentialLimitRule, SequentialRule } from "./rule.ts";
import { logEvidenceOf } from "./sequential-test.ts";
import { isWindowRule } from "./window-rule.ts";

export interface Moment {
  readonly at: number;
  readonly startedAt: number;
  readonly watchMinMs: number;
  /** Required metrics whose source has gone quiet. */
  readonly quiet: readonly string[];
  /** The level of this watch in the row of its lane (`e-lond.ts`); absent leaves it to the rules' alpha. */
  readonly level?: number;
}

type WeighedRule = SequentialRule | SequentialLimitRule;

const isWeighed = (rule: Rule): rule is WeighedRule =>
  rule.kind === "sequential" || rule.kind === "sequential-limit";

/** Part of what a breach needs that keeps a rule from passing: it is being proven, or about to be refuted. */
const suspicion = 0.1;

/** Judges the readings of `rules`, given in the same order. Rules on trial are shown and decide nothing. */
export function judge(
  rules: readonly Rule[],
  given: readonly RuleReading[],
  moment: Moment,
): Observation {
  const isForced = (_: unknown, index: number) => rules[index]?.mode !== "shadow";
  if (rules.every(isForced)) return judgeForced(rules, given, moment);
  const observation = judgeForced(rules.filter(isForced), given.filter(isForced), moment);
  const judged = observation.readings.values();
  const readings = given.map((reading, index) =>
    isForced(reading, index) ? (judged.next().value ?? reading) : reading,
  );
  return { ...observation, readings };
}

/** Whether this rule alone would have taken the patch back. */
export function wouldFire(rule: Rule, reading: RuleReading, moment: Moment): boolean {
  const { mode: _, ...alone } = rule;
  return judgeForced([alone as Rule], [reading], moment).kind === "breach";
}

function judgeForced(
  rules: readonly Rule[],
  given: readonly RuleReading[],
  moment: Moment,
): Observation {
  const { at } = moment;
  const { readings, cause, weight } = weigh(rules, given, moment.level);
  const seen = { at, readings, ...weight };
  const isMismatched = readings.some(({ verdict }) => verdict === "mismatch");
  const broken = rules.find(
    (rule, index) => isWindowRule(rule) && (readings[index]?.streak ?? 0) >= rule.confirmations,
  );
  const breached = broken?.id ?? (isMismatched ? undefined : cause);
  if (breached !== undefined) {
    const why = readings.find(({ ruleId }) => ruleId === breached)?.detail ?? breached;
    return { kind: "breach", ruleId: breached, why, ...seen };
  }
  const open = readings.filter(
    ({ verdict }, index) =>
      verdict === "breach" ||
      verdict === "mismatch" ||
      (rules[index]?.isRequired === true && verdict !== "within"),
  );
  if (open.length > 0) {
    const why = `not settled: ${open.map(({ detail }) => detail).join("; ")}`;
    return { kind: "watching", ...lackOf(open, moment), why, ...seen };
  }
  if (moment.quiet.length > 0) {
    const why = `no more samples of ${moment.quiet.join(", ")}`;
    return { kind: "watching", lack: "blind", why, ...seen };
  }
  if (at - moment.startedAt < moment.watchMinMs)
    return { kind: "watching", why: "within limits, still young", ...seen };
  return { kind: "healthy", why: "every rule is within its limit", ...seen };
}

/**
 * Averages the e-values of the tests, each times its rule's alpha; the patch is in breach when the mean
 * reaches 1. A mean of e-values is an e-value under any dependence, so the chance of ever taking back a
 * harmless patch is at most the mean alpha. Evidence of an effect below the rule's `minEffect` is left
 * out, which can only lower the mean. The rule that adds most is the cause.
 *
 * A level below the mean alpha asks for so much more: over the mean alpha, the mean is an e-value itself.
 * Evidence that would do without it is suspicion still, and keeps a patch from passing.
 */
function weigh(
  rules: readonly Rule[],
  given: readonly RuleReading[],
  rowLevel: number | undefined,
): {
  readonly readings: readonly RuleReading[];
  readonly cause: string | undefined;
  readonly weight: Pick<Observation, "harm" | "level">;
} {
  const alphas = rules.filter(isWeighed).map(({ alpha }) => alpha);
  const weighed = alphas.length;
  const own = alphas.reduce((sum, alpha) => sum + alpha, 0) / weighed;
  const level = Math.min(own, rowLevel ?? own);
  const shares = rules.map((rule, index) => {
    const reading = given[index];
    if (!reading?.evidence || !isWeighed(rule)) return 0;
    return (rule.alpha * Math.exp(Math.min(logEvidenceOf(reading.evidence), 700))) / weighed;
  });
  const counted = shares.map((share, index) => {
    const [rule, reading] = [rules[index], given[index]];
    return rule && reading && isWeighed(rule) && isMaterial(rule, reading) ? share : 0;
  });
  const total = counted.reduce((sum, share) => sum + share, 0);
  const largest = counted.indexOf(Math.max(...counted));
  const harm = level === own ? total : total * (level / own);
  const cause = harm >= 1 ? rules[largest]?.id : undefined;
  const readings = given.map((reading, index): RuleReading => {
    if (reading.ruleId === cause) return { ...reading, verdict: "breach" };
    const isSuspect = reading.verdict === "within" && (counted[index] ?? 0) >= suspicion;
    const isHeldBack = total >= 1 && harm < 1 && index === largest;
    const told = isHeldBack ? noted(reading, heldBack) : reading;
    if (isSuspect) return { ...told, verdict: "insufficient" };
    if ((shares[index] ?? 0) < 1 || (counted[index] ?? 0) > 0) return told;
    return noted(told, "below the least effect that is acted on");
  });
  return { readings, cause, weight: weighed === 0 ? {} : { harm, level } };
}

/** Said once: a stored reading that is judged again has been told already. */
function noted(reading: RuleReading, note: string): RuleReading {
  const { detail } = reading;
  return detail.endsWith(note) ? reading : { ...reading, detail: `${detail}; ${note}` };
}

const heldBack =
  "harm is shown at the rules' own level, not yet at the stricter one of this patch in its lane";

/** Whether the measured effect is one the policy acts on, and the patch's own. */
function isMaterial(rule: WeighedRule, reading: RuleReading): boolean {
  if (rule.kind === "sequential") return (reading.effect ?? 0) >= rule.minEffect;
  const isBeyond = (value: number) =>
    rule.worse === "higher" ? value > rule.limit : value < rule.limit;
  if (reading.canary === undefined || !isBeyond(reading.canary)) return false;
  if (reading.baseline === undefined || reading.baselineSamples < rule.minSamples) return true;
  // The baseline breaks the limit too: not the patch's doing.
  return !isBeyond(reading.baseline) && (reading.effect ?? 0) >= rule.minEffect;
}

function lackOf(open: readonly RuleReading[], { quiet }: Moment): { readonly lack?: Lack } {
  if (open.some(({ verdict }) => verdict === "mismatch")) return { lack: "sample-ratio-mismatch" };
  if (quiet.length > 0) return { lack: "blind" };
  if (open.some(({ verdict }) => verdict === "insufficient"))
    return { lack: "insufficient-evidence" };
  return {};
}
