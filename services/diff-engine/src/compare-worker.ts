import {
  type ChangeReport,
  type Comparison,
  compareRenders,
  createReadings,
  reportChange,
} from "@council/ast-diff";
import { type ComparisonReport, reportChangeShown, reportDiff } from "./comparison-report.ts";

/** One touched file in the base and in each render; undefined where it does not exist. */
export interface ComparedFile {
  readonly path: string;
  readonly base: string | undefined;
  readonly a: string | undefined;
  readonly b: string | undefined;
}

export interface CompareJob {
  readonly files: readonly ComparedFile[];
  readonly hasB: boolean;
  readonly thresholdRatio: number;
}

export interface CompareResult {
  readonly comparison?: Comparison;
  readonly report: ChangeReport;
  /** A `ComparisonReport` as JSON: written here, where it costs the service no time. */
  readonly shown: Uint8Array;
}

/** Runs in a worker thread: hostile text can make it slow, never the service. */
export async function compareInWorker(job: CompareJob): Promise<CompareResult> {
  const { files, thresholdRatio } = job;
  const readings = createReadings();
  const changed = files.map(({ path, base, a }) => ({ path, base, candidate: a }));
  const report = await reportChange({ files: changed, readings });
  const comparison = job.hasB
    ? await compareRenders({ files: [...files], thresholdRatio, readings })
    : undefined;
  // What is only shown comes last: it finds the texts read.
  const fromBase = files.map(({ path, base, a }) => ({ path, a: base, b: a }));
  const shown: ComparisonReport = {
    schema: "council.comparison/1",
    change: reportChangeShown(report),
    patch: await reportDiff(fromBase, readings),
    ...(job.hasB ? { renders: await reportDiff(files, readings) } : {}),
  };
  return { report, ...(comparison ? { comparison } : {}), shown: jsonBytes(shown) };
}

function jsonBytes(report: ComparisonReport): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(report));
}
