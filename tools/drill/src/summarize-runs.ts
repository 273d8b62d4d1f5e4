import { faultNamed } from "./fault.ts";
import { upperBound } from "@council/domain";
import type { DrillContent, DrillRun } from "@council/contracts";

type Summary = DrillContent["summary"];

/** Detection, revert and recovery over all runs, and how often a harmless patch was taken back. */
export function summarizeRuns(runs: readonly DrillRun[]): Summary {
  const harmless = runs.filter(({ fault }) => isHarmless(fault));
  const takenBack = harmless.filter(({ revertStartedAt }) => revertStartedAt !== undefined).length;
  const detectionMs = spread(runs.flatMap((run) => run.detectionMs ?? []));
  const revertMs = spread(runs.flatMap((run) => run.revertMs ?? []));
  const recoveryMs = spread(runs.flatMap((run) => run.recoveryMs ?? []));
  return {
    ...(detectionMs ? { detectionMs } : {}),
    ...(revertMs ? { revertMs } : {}),
    ...(recoveryMs ? { recoveryMs } : {}),
    deviated: runs.filter(({ deviations }) => deviations.length > 0).length,
    harmless: {
      runs: harmless.length,
      takenBack,
      upperBoundRatio: upperBound(takenBack, harmless.length, 0.05),
    },
  };
}

function isHarmless(name: string): boolean {
  const kind = faultNamed(name)?.expected.kind;
  return kind === "settled" || kind === "stays";
}

/** Nearest-rank quantiles; undefined without values. */
export function spread(values: readonly number[]): Summary["detectionMs"] {
  const sorted = values.toSorted((left, right) => left - right);
  const at = (ratio: number) => sorted[Math.ceil(sorted.length * ratio) - 1] ?? 0;
  return sorted.length === 0
    ? undefined
    : { count: sorted.length, p50: at(0.5), p95: at(0.95), max: at(1) };
}
