import type { Arm } from "./rule.ts";

/** The values of one look, by arm, in the order they came. */
export type ArmValues = Readonly<Record<Arm, readonly number[]>>;

export const noValues: ArmValues = { baseline: [], canary: [] };

/** Values of the arm that is ahead, until the other arm brings theirs; the newest so many. */
const longestQueue = 20;

/**
 * The block that can be judged once both arms have values, and what waits for the next one. What is left
 * out of a long wait depends on how many values came, never on what they are.
 */
export function closeBlock(
  waiting: ArmValues,
  values: ArmValues,
): { readonly block: ArmValues; readonly waiting: ArmValues } {
  const baseline = join(waiting.baseline, values.baseline);
  const canary = join(waiting.canary, values.canary);
  if (baseline.length > 0 && canary.length > 0)
    return { block: { baseline, canary }, waiting: noValues };
  return {
    block: noValues,
    waiting: { baseline: baseline.slice(-longestQueue), canary: canary.slice(-longestQueue) },
  };
}

const join = (waiting: readonly number[], values: readonly number[]): readonly number[] =>
  waiting.length === 0 ? values : [...waiting, ...values];
