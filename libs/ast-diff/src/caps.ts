/** What one call may cost. Every limit that is met ends in "not measured", never in a guess. */
export interface Caps {
  /** Largest single file version, UTF-8 bytes. Default 1 MB. */
  readonly maxFileBytes?: number;
  /** Largest sum over the file versions of one side, UTF-8 bytes. Default 4 MB. */
  readonly maxPatchBytes?: number;
  /** Largest normal form of one file version, nodes. Default 400,000. */
  readonly maxNodes?: number;
  /** Deepest normal form, levels. Default 10,000. */
  readonly maxDepth?: number;
  /** Time for the whole call, milliseconds. Checked between steps. Default 20,000. */
  readonly timeBudgetMs?: number;
  /** Reads a monotonic clock, milliseconds. Default: the process clock. */
  readonly nowMs?: () => number;
}

/** Why something could not be measured. */
export type EscalationReason =
  | "too-large"
  | "too-deep"
  | "timeout"
  | "parse-error"
  | "unknown-node"
  | "not-text"
  | "no-grammar";

export interface Limits extends Required<Caps> {
  /** Whether the time budget is used up. */
  readonly isOver: () => boolean;
}

/** Fills in the defaults and starts the time budget. */
export function startLimits(caps: Caps = {}): Limits {
  const nowMs = caps.nowMs ?? (() => performance.now());
  const timeBudgetMs = caps.timeBudgetMs ?? 20_000;
  const startedMs = nowMs();
  return {
    maxFileBytes: caps.maxFileBytes ?? 1_000_000,
    maxPatchBytes: caps.maxPatchBytes ?? 4_000_000,
    maxNodes: caps.maxNodes ?? 400_000,
    maxDepth: caps.maxDepth ?? 10_000,
    timeBudgetMs,
    nowMs,
    isOver: () => nowMs() - startedMs > timeBudgetMs,
  };
}
