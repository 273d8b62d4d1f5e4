/** What a tolerance is when nothing is known about how two equal arms differ. */
const leastTolerance = 0.1;

/**
 * The tolerance two equal arms need, from the means of both over windows of several minutes while both ran
 * the same version (A/A): twice the standard deviation of the log ratio, as a ratio, at least 0.1. Windows
 * without a positive mean on both arms say nothing; undefined from fewer than ten that do.
 */
export function calibrateTolerance(
  windows: readonly { readonly baseline: number; readonly canary: number }[],
): number | undefined {
  const logs = windows
    .map(({ baseline, canary }) => Math.log(canary / baseline))
    .filter((log) => Number.isFinite(log));
  if (logs.length < 10) return undefined;
  const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
  const squares = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0);
  return Math.max(leastTolerance, Math.expm1(2 * Math.sqrt(squares / (logs.length - 1))));
}
