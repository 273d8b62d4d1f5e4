import type { Finding } from "@council/domain";
import { Piscina } from "piscina";
import { ruleFailed } from "./apply-rules.ts";
import type { RuleInput } from "./rule.ts";

export interface RulesPool {
  readonly apply: (input: RuleInput, signal?: AbortSignal) => Promise<readonly Finding[]>;
  readonly close: () => Promise<void>;
}

/**
 * Worker threads for the rules: they start when needed and end when idle, so parsers and patterns
 * take no memory between patches. P10: rules that crash, or take longer than `timeoutMs`, have found
 * something. Rejects only when `signal` is aborted.
 */
export function openRulesPool(options: { workers: number; timeoutMs: number }): RulesPool {
  const pool = new Piscina<RuleInput, Finding[]>({
    filename: new URL("./rules-worker.ts", import.meta.url).href,
    name: "applyAllRules",
    minThreads: 0,
    maxThreads: options.workers,
    idleTimeout: 20_000,
    resourceLimits: { maxOldGenerationSizeMb: 1024 },
    // The expression checker is to stay in this thread: no process beside it, and no Java.
    env: { ...process.env, RECHECK_BACKEND: "pure" },
  });
  return {
    apply: async (input, signal) => {
      const limit = AbortSignal.timeout(options.timeoutMs);
      try {
        return await pool.run(input, {
          signal: signal ? AbortSignal.any([signal, limit]) : limit,
        });
      } catch (error) {
        if (signal?.aborted) throw error;
        const why = limit.aborted
          ? `not done within ${options.timeoutMs} ms`
          : error instanceof Error
            ? error.message
            : "unknown";
        return [{ ...ruleFailed, message: `${ruleFailed.message}: ${why.slice(0, 300)}` }];
      }
    },
    close: () => pool.destroy(),
  };
}
