import { Piscina } from "piscina";
import type { CompareJob, CompareResult } from "./compare-worker.ts";

export type PoolOutcome =
  | { readonly kind: "compared"; readonly result: CompareResult }
  | { readonly kind: "gave-up"; readonly reason: string };

export interface ComparePool {
  readonly compare: (job: CompareJob) => Promise<PoolOutcome>;
  readonly close: () => Promise<void>;
}

/** Worker threads that start when needed and end when idle; one that takes too long is ended. */
export function openComparePool(options: { workers: number; timeoutMs: number }): ComparePool {
  const pool = new Piscina<CompareJob, CompareResult>({
    filename: new URL("./compare-worker.ts", import.meta.url).href,
    name: "compareInWorker",
    minThreads: 0,
    maxThreads: options.workers,
    idleTimeout: 20_000,
    resourceLimits: { maxOldGenerationSizeMb: 1024 },
  });
  return {
    compare: async (job) => {
      const signal = AbortSignal.timeout(options.timeoutMs);
      try {
        return {
          kind: "compared",
          result: await pool.run(job, { signal, name: "compareInWorker" }),
        };
      } catch (error) {
        if (signal.aborted)
          return { kind: "gave-up", reason: `not compared within ${options.timeoutMs} ms` };
        // P3: a comparison that crashed measured nothing; it neither passes nor rejects.
        return {
          kind: "gave-up",
          reason: `comparison crashed: ${error instanceof Error ? error.message : "unknown"}`,
        };
      }
    },
    close: () => pool.destroy(),
  };
}
