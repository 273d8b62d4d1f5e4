import {
  type ChangeReport,
  type Comparison,
  compareRenders,
  reportChange,
} from "@council/ast-diff";

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
}

/** Runs in a worker thread: hostile text can make it slow, never the service. */
export async function compareInWorker(job: CompareJob): Promise<CompareResult> {
  const { files, thresholdRatio } = job;
  const changed = files.map(({ path, base, a }) => ({ path, base, candidate: a }));
  const report = await reportChange({ files: changed });
  if (!job.hasB) return { report };
  return { report, comparison: await compareRenders({ files: [...files], thresholdRatio }) };
}
