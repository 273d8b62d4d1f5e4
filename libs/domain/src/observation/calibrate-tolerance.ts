/** What a tolerance is when nothing is known about how two equal arms differ. */
const leastTolerance = 0.1;

/** Mean of each arm over the same minutes. */
export interface ArmMeans {
  readonly baseline: number;
  readonly canary: number;
}

/**
 * How far two equal arms drift apart: the standard deviation of ln(canary / baseline), from the means of
 * both over windows of several minutes while both ran the same version (A/A). Windows without a positive
 * mean on both arms say nothing; undefined from fewer than ten that do.
 */
export function armNoiseOf(windows: readonly ArmMeans[]): number | undefined {
  const logs = windows
    .map(({ baseline, canary }) => Math.log(canary / baseline))
    .filter((log) => Number.isFinite(log));
  if (logs.length < 10) return undefined;
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  const squares = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0);
  return Math.sqrt(squares / (logs.length - 1));
}

/** The tolerance two equal arms need, as a ratio: twice their noise, at least 0.1; undefined as above. */
export function calibrateTolerance(windows: readonly ArmMeans[]): number | undefined {
  const armNoise = armNoiseOf(windows);
  return armNoise === undefined ? undefined : Math.max(leastTolerance, Math.expm1(2 * armNoise));
}

/** A tolerance that two equal arms were measured to need more than; undefined if none is, or nothing was measured. */
export function neededTolerance(rule: {
  readonly tolerance: number;
  readonly armNoise?: number;
}): number | undefined {
  if (rule.armNoise === undefined) return undefined;
  const needed = Math.expm1(2 * rule.armNoise);
  return rule.tolerance < needed ? needed : undefined;
}
