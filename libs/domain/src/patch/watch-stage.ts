import { levelAt } from "../observation/e-lond.ts";
import type { Rule } from "../observation/rule.ts";
import { isWindowRule } from "../observation/window-rule.ts";
import { isSplit, type Policy, type Stage } from "../policy.ts";
import { deadline } from "./decide-intake.ts";
import type { Facts } from "./decision.ts";
import type { PatchEffect } from "./effect.ts";
import type { PatchState } from "./state.ts";

type Staged = PatchState & { readonly stageIndex: number };

/** Nothing lands after this stage. */
export const isAtLastStage = ({ stageIndex, patch }: Staged) =>
  stageIndex === patch.policy.stages.length - 1;

/** The level of a watch in the lane's row of tests; fixed before its first sample (`e-lond.ts`). */
export function levelIn(
  { falseRevertRatio = 1 }: Policy,
  { token, discoveries = 0 }: { readonly token: number; readonly discoveries: number | undefined },
): { readonly level?: number } {
  if (token === 0 || falseRevertRatio >= 1) return {};
  return { level: levelAt(falseRevertRatio, { position: token, discoveries }) };
}

/** The watch that begins with this state, and when it is asked for a conclusion. */
export function watchStage(
  next: PatchState,
  level: { readonly level?: number },
  facts: Facts,
): readonly PatchEffect[] {
  if (next.kind !== "watching") return [];
  const { policy } = next.patch;
  const entry = policy.stages[next.stageIndex];
  const stage = entry?.name ?? "target";
  const watchMinMs = entry?.watchMinMs ?? 0;
  const rules = rulesAt(policy.rules, entry);
  return [
    { type: "watch", stage, token: next.token, rules, watchMinMs, ...level },
    deadline(next, "watch", facts.now + (entry?.watchMaxMs ?? watchMinMs)),
  ];
}

/**
 * The rules as this stage asks for them: it may need more samples than they do, never fewer, and a split
 * of traffic that no rule puts in figures is the stage's own.
 */
export function rulesAt(policyRules: readonly Rule[], stage: Stage | undefined): readonly Rule[] {
  const rules = policyRules.flatMap((rule) => splitAt(rule, stage));
  const needed = stage?.minSamples;
  if (needed === undefined) return rules;
  return rules.map((rule) => {
    const minSamples = Math.max(rule.minSamples, needed);
    if (!isWindowRule(rule)) return { ...rule, minSamples };
    return { ...rule, minSamples, windowSamples: Math.max(rule.windowSamples, needed) };
  });
}

/** Where all of the traffic goes to one arm, or nobody steers it, there is no split to hold it to. */
function splitAt(rule: Rule, stage: Stage | undefined): readonly Rule[] {
  if (rule.kind !== "share" || rule.canaryRatio !== undefined) return [rule];
  return stage && isSplit(stage) ? [{ ...rule, canaryRatio: stage.weightPercent / 100 }] : [];
}
