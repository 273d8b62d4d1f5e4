import { runSuite, type SuiteResult, type SuiteRun } from "./run-suite.ts";

/** So many trees are remembered; the candidate of one patch is the base of the next. */
const maxKept = 64;

/** A suite on a tree, and whether this asking had it run. */
export interface KeptResult extends SuiteResult {
  readonly isKept: boolean;
}

/** What the suites of this process have said, by tree; several who ask for one run share it. */
export interface KeptSuites {
  /** A run that is known, also a failed one: for a base, which nobody is judged by. */
  readonly ofBase: (repository: string, run: SuiteRun, tree: string) => Promise<KeptResult>;
  /** A failure is not taken from before: the candidate it speaks against is run. */
  readonly ofCandidate: (repository: string, run: SuiteRun, tree: string) => Promise<KeptResult>;
}

/**
 * A run depends on the tree, the command and its limit, and on nothing else that the sandbox lets in; so
 * what it said is kept under these. What kept a suite from answering may be gone next time, and is not (P3).
 */
export function openKeptSuites(execute: typeof runSuite = runSuite): KeptSuites {
  const kept = new Map<string, SuiteResult>();
  const running = new Map<string, Promise<SuiteResult>>();
  const started = async (key: string, run: SuiteRun, tree: string): Promise<SuiteResult> => {
    const going = execute(run, tree);
    running.set(key, going);
    try {
      const ran = await going;
      if (ran.result.kind !== "inconclusive") keep(kept, key, ran);
      return ran;
    } finally {
      running.delete(key);
    }
  };
  const suiteOf =
    (isUsable: (known: SuiteResult) => boolean) =>
    async (repository: string, run: SuiteRun, tree: string): Promise<KeptResult> => {
      const key = JSON.stringify([repository, tree, run.command, run.timeoutMs]);
      const going = running.get(key);
      // Without a wait where there is none: who asks next must find this run.
      const known = going ? await going.catch(() => undefined) : kept.get(key);
      if (known && isUsable(known)) return { ...known, isKept: true };
      return { ...(await started(key, run, tree)), isKept: false };
    };
  return {
    ofBase: suiteOf(({ result }) => result.kind !== "inconclusive"),
    ofCandidate: suiteOf(({ result }) => result.kind === "passed"),
  };
}

function keep(kept: Map<string, SuiteResult>, key: string, ran: SuiteResult): void {
  // Last again, as what was asked for last is likeliest to be asked for.
  kept.delete(key);
  kept.set(key, ran);
  const [oldest] = kept.keys();
  if (kept.size > maxKept && oldest !== undefined) kept.delete(oldest);
}
