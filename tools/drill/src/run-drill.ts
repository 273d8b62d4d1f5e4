/**
 * Breaks a Council of its own on purpose, fault by fault, and says whether each came out as it must.
 *
 * It refuses to begin where the healthy already fails. Faults that touch what all share run alone, the
 * others a few at a time. A process that knows nothing of Council ends a drill that takes too long.
 */
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { digestOf } from "@council/evidence";
import { defaultRules, type Rule } from "@council/domain";
import { runGit } from "@council/demo/product";
import { armDeadMan } from "./dead-man.ts";
import { drillFault } from "./drill-fault.ts";
import { type DrillWorld, startDrillWorld, type Turn } from "./drill-world.ts";
import { faultNamed, faults } from "./fault.ts";
import { type Check, checkBefore } from "./preflight.ts";
import type { DrillContent, DrillRun } from "@council/contracts";
import { writeReport, type WrittenReport } from "./report.ts";
import { summarizeRuns } from "./summarize-runs.ts";
import { type OwnTarget, ownTarget, sampleTarget, type Target } from "./target.ts";
import { seededChance } from "./telemetry.ts";

export interface DrillOptions {
  /** Names of faults. */
  readonly faults: readonly string[];
  /** How often each is drilled. */
  readonly repeat: number;
  /** Where reports are kept. */
  readonly reportsDir: string;
  /** Everything that is left to chance follows from it. */
  readonly seed: number;
  /** The rules that are put to the test; default: those of the default policy. */
  readonly rules?: readonly Rule[];
  /** Default: the sample product and a patch of it. */
  readonly own?: OwnTarget;
  readonly atOnce?: number;
  readonly deadlineMs?: number;
  readonly say: (text: string) => void;
  readonly signal?: AbortSignal;
}

/** 0 passed, 1 something came out otherwise than due, 2 it could not be carried out. */
export type DrillExit = 0 | 1 | 2;

export interface DrillOutcome extends WrittenReport {
  readonly exit: DrillExit;
}

const usualAtOnce = 3;
const turnMs = 60_000;
const startMs = 300_000;
const exits = { passed: 0, deviated: 1, aborted: 2 } as const;

/** Resolves to the report, also of a drill that had to be given up; rejects if none can be written. */
export async function runDrill(options: DrillOptions): Promise<DrillOutcome> {
  const { say, reportsDir, repeat } = options;
  const named = options.faults.map((name) => {
    const fault = faultNamed(name);
    if (!fault) throw new Error(`no fault is called ${name}`);
    return fault;
  });
  const turns = named.flatMap((fault) =>
    Array.from({ length: repeat }, (_, index): Turn => {
      return { id: `drill-${fault.name}-${index + 1}`, fault, repeat: index + 1 };
    }),
  );
  const dir = await mkdtemp(join(tmpdir(), "council-drill-"));
  const deadlineMs = options.deadlineMs ?? startMs + turns.length * turnMs;
  const deadMan = armDeadMan({ pid: process.pid, deadlineMs, dir });
  const startedAt = Date.now();
  try {
    const target = options.own
      ? await ownTarget(join(dir, "target"), options.own)
      : await sampleTarget(join(dir, "target"));
    const done = await carryOut({ options, dir, target, turns });
    const content = await contentOf({ options, target, done, startedAt });
    const written = await writeReport(reportsDir, content);
    say(`${content.outcome}: ${written.pageFile}`);
    return { ...written, exit: exits[content.outcome] };
  } finally {
    await rm(dir, { recursive: true, force: true, maxRetries: 5 });
    await deadMan.standDown();
  }
}

interface Done {
  readonly preflight: readonly Check[];
  readonly runs: readonly DrillRun[];
  readonly abortedBecause?: string;
}

async function carryOut(input: {
  readonly options: DrillOptions;
  readonly dir: string;
  readonly target: Target;
  readonly turns: readonly Turn[];
}): Promise<Done> {
  const { options, dir, target, turns } = input;
  const { say, seed } = options;
  const runs: DrillRun[] = [];
  let preflight: readonly Check[] = [];
  try {
    await using resources = new AsyncDisposableStack();
    const placebo = faultNamed("placebo");
    if (!placebo) throw new Error("the list has no placebo");
    const first: Turn = { id: "drill-preflight", fault: placebo, repeat: 1 };
    const world = await startDrillWorld({
      dir,
      target,
      turns: [first, ...turns],
      rules: options.rules ?? defaultRules,
      say,
      resources,
    });
    preflight = await checkBefore(world, first, chanceOf(seed, first));
    for (const { name, holds, detail } of preflight)
      say(`${holds ? "ok  " : "FAIL"}  ${name}: ${detail}`);
    const failing = preflight.filter(({ holds }) => !holds).map(({ name }) => name);
    if (failing.length > 0)
      return { preflight, runs, abortedBecause: `not begun: ${failing.join(", ")} fails already` };
    await drillAll({ world, turns, options, onRun: (run) => runs.push(run) });
    options.signal?.throwIfAborted();
    return { preflight, runs };
  } catch (error) {
    const abortedBecause = options.signal?.aborted
      ? "it was interrupted, or took too long"
      : String(error instanceof Error ? error.message : error).slice(0, 10_000);
    return { preflight, runs, abortedBecause };
  }
}

/** Those that run alone come last; an interrupt begins no further one. */
async function drillAll(input: {
  readonly world: DrillWorld;
  readonly turns: readonly Turn[];
  readonly options: DrillOptions;
  readonly onRun: (run: DrillRun) => void;
}): Promise<void> {
  const { world, options, onRun } = input;
  const drill = async (queue: Turn[]) => {
    for (let turn = queue.shift(); turn; turn = queue.shift()) {
      if (options.signal?.aborted) return;
      const run = await drillFault(world, turn, chanceOf(options.seed, turn));
      onRun(run);
      options.say(runLine(run));
    }
  };
  const isAlone = ({ fault }: Turn) => fault.isAlone === true;
  const together = input.turns.filter((turn) => !isAlone(turn));
  const lanes = Array.from({ length: options.atOnce ?? usualAtOnce }, () => drill(together));
  await Promise.all(lanes);
  await drill(input.turns.filter(isAlone));
}

function runLine(run: DrillRun): string {
  const { detectionMs, revertMs, recoveryMs, deviations } = run;
  const took = (text: string, ms: number | undefined) =>
    ms === undefined ? "" : `, ${text} ${(ms / 1000).toFixed(1)} s`;
  const times = `${took("found after", detectionMs)}${took("taken back in", revertMs)}${took("recovered after", recoveryMs)}`;
  const fault = deviations.length > 0 ? `: ${deviations.join("; ")}` : "";
  const mark = deviations.length === 0 ? "ok  " : "FAIL";
  return `${mark}  ${run.fault} at ${run.stage}: ${run.ending}${times}${fault}`;
}

/** Every turn has a chance of its own, so that one repeats whatever the others do. */
function chanceOf(seed: number, { id }: Turn): () => number {
  return seededChance(seed ^ Number.parseInt(digestOf(id).slice(0, 8), 16));
}

async function contentOf(input: {
  readonly options: DrillOptions;
  readonly target: Target;
  readonly done: Done;
  readonly startedAt: number;
}): Promise<DrillContent> {
  const { options, target, done, startedAt } = input;
  const { preflight, runs, abortedBecause } = done;
  const summary = summarizeRuns(runs);
  const outcome = abortedBecause ? "aborted" : summary.deviated > 0 ? "deviated" : "passed";
  return {
    v: 1,
    startedAt,
    endedAt: Date.now(),
    seed: options.seed,
    rulesDigest: digestOf(options.rules ?? defaultRules),
    faults: [...options.faults],
    isComprehensive: faults.every(({ name }) => options.faults.includes(name)),
    versions: {
      council: councilVersion(),
      node: process.version,
      git: (await runGit(target.origin, ["--version"])).trim().replace("git version ", ""),
    },
    target: { title: target.title, base: target.base, tree: target.baseTree },
    preflight: [...preflight],
    runs: [...runs],
    summary,
    outcome,
    ...(abortedBecause === undefined ? {} : { abortedBecause }),
  };
}

function councilVersion(): string {
  const file = new URL("../../../package.json", import.meta.url);
  const { version } = JSON.parse(readFileSync(file, "utf8")) as { version: string };
  return version;
}
