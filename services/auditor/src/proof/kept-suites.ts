import { runSuite, type SuiteResult, type SuiteRun } from "./run-suite.ts";

/** So many trees are remembered; the candidate of one patch is the base of the next. */
const maxKept = 64;

/** A suite on a tree, and whether this asking had it run. */
export interface KeptResult extends SuiteResult {
  readonly isKept: boolean;
}

/** What the suites of this process have said, by tree; several who ask for one run share it if it passes. */
export interface KeptSuites {
  /** A base that failed is not run again: nobody is judged by it. */
  readonly ofBase: (repository: string, run: SuiteRun, tree: string) => Promise<KeptResult>;
  /**
   * A failure speaks against a candidate only where it was run for it, and is kept for nobody: it may be one
   * that comes only sometimes, and as a base it would excuse the next.
   */
  readonly ofCandidate: (repository: string, run: SuiteRun, tree: string) => Promise<KeptResult>;
}

/**
 * A run depends on the tree, the command and its limit, and on nothing else that the sandbox lets in; so
 * what it said is kept under these. What kept a suite from answering may be gone next time, and is not (P3).
 */
export function openKeptSuites(execute: typeof runSuite = runSuite): KeptSuites {
  const kept = new Map<string, SuiteResult>();
  const running = new Map<string, Promise<SuiteResult>>();
  const suiteOf = (usable: readonly SuiteResult["result"]["kind"][]) => {
    const isUsable = (known: SuiteResult) => usable.includes(known.result.kind);
    return async (repository: string, run: SuiteRun, tree: string): Promise<KeptResult> => {
      const key = JSON.stringify([repository, tree, run.command, run.timeoutMs]);
      // Without a wait where there is none: who asks next must find this run.
      const going = running.get(key);
      const shared = going && (await going.catch(() => undefined));
      const known = shared?.result.kind === "passed" ? shared : kept.get(key);
      if (known && isUsable(known)) return { ...known, isKept: true };
      const started = execute(run, tree);
      running.set(key, started);
      try {
        const ran = await started;
        if (isUsable(ran)) keep(kept, key, ran);
        return { ...ran, isKept: false };
      } finally {
        if (running.get(key) === started) running.delete(key);
      }
    };
  };
  return { ofBase: suiteOf(["passed", "failed"]), ofCandidate: suiteOf(["passed"]) };
}

function keep(kept: Map<string, SuiteResult>, key: string, ran: SuiteResult): void {
  // Last again, as what was asked for last is likeliest to be asked for.
  kept.delete(key);
  kept.set(key, ran);
  const [oldest] = kept.keys();
  if (kept.size > maxKept && oldest !== undefined) kept.delete(oldest);
}
