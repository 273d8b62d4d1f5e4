/** `council drill`: breaks a Council of its own on purpose, and says whether it held. */
import { randomInt } from "node:crypto";
import { join, resolve } from "node:path";
import { policyOf } from "@council/contracts";
import { loadRepositories, watchParent } from "@council/runtime";
import type { DrillScope } from "@council/bus";
import { type Command, InvalidArgumentError, Option } from "commander";
import { type DrillOptions, faultNamed, faults, runDrill, shortDrill } from "@council/drill";

interface Given {
  readonly type?: readonly string[];
  readonly comprehensive?: boolean;
  readonly pr?: string;
  readonly repository?: string;
  readonly branch?: string;
  readonly test?: string;
  readonly repositories?: string;
  readonly guards?: string;
  readonly schedule?: string;
  readonly serve?: boolean;
  readonly repeat: number;
  readonly seed: number;
  readonly reports?: string;
}

const usualReports = () =>
  process.env["COUNCIL_DRILL_REPORTS"] ??
  join(import.meta.dirname, "..", "..", "..", ".council", "drills");

export function fillDrillCommand(command: Command): void {
  const names = faults.map(({ name }) => name).join(", ");
  command
    .option("--type <fault...>", `only these faults: ${names}`, takeFault)
    .option("--comprehensive", "every fault there is")
    .option("--pr <file>", "a unified diff to be drilled, with --repository; default: a sample")
    .option("--repository <path>", "the git repository the diff belongs to; it is only read")
    .option("--branch <name>", "the branch of it that is guarded", "main")
    .option("--test <command>", "the command that runs its tests, words separated by spaces")
    .option("--repositories <file>", "drill the rules of a repository of this file, with --guards")
    .option("--guards <id>", "the repository whose rules are drilled; default: the default policy")
    .option("--schedule <cron>", "drill by the calendar (UTC), kept in REDIS_URL; off takes it out")
    .option("--serve", "stay, and carry out drills that are asked for on the page (REDIS_URL)")
    .addOption(new Option("--shadow", "in clones that are thrown away, which is so in any case"))
    .option("--repeat <number>", "how often each fault is drilled", wholeNumber(1, 1000), 1)
    .option("--seed <number>", "repeats what was left to chance", wholeNumber(0, 2 ** 32 - 1))
    .option(
      "--reports <folder>",
      "where reports are kept; default: COUNCIL_DRILL_REPORTS, else .council/drills of the checkout",
    )
    .addHelpText(
      "after",
      "\nWithout --type or --comprehensive the short drill runs: " +
        `${shortDrill.join(", ")}.\nExit code: 0 passed, 1 something came out otherwise than due, 2 not carried out.` +
        "\n\nExamples:\n  $ council drill\n  $ council drill --comprehensive --repeat 3\n" +
        "  $ council drill --type latency-1.3 --repository ../shop --pr change.diff --test 'npm test'",
    )
    .action(async (given: Omit<Given, "seed"> & { readonly seed?: number }) => {
      const interrupted = new AbortController();
      const interrupt = () => interrupted.abort();
      process.once("SIGINT", interrupt);
      process.once("SIGTERM", interrupt);
      watchParent(Number(process.env["COUNCIL_PARENT_PID"]) || undefined, interrupt);
      try {
        process.exitCode = await carryOut(given, interrupted.signal);
      } catch (error) {
        process.exitCode = 2;
        process.stderr.write(`${error instanceof Error ? error.message : String(error)}
`);
      }
    });
}

async function carryOut(
  given: Omit<Given, "seed"> & { readonly seed?: number },
  signal: AbortSignal,
): Promise<number> {
  const rules = await rulesOf(given);
  const drill = async (wanted: typeof given, tell: (text: string) => void) => {
    const options = readDrillOptions({ seed: randomInt(2 ** 32), ...wanted });
    return await runDrill({ ...options, ...(rules ? { rules } : {}), say: tell, signal });
  };
  if (given.schedule === undefined && !given.serve) return (await drill(given, say)).exit;
  readDrillOptions({ seed: 0, ...given }); // what is wrong is said now, not when the first is due
  const redisUrl = process.env["REDIS_URL"];
  if (!redisUrl) throw new Error("drills wait in Redis: set REDIS_URL");
  const line = await import("@council/bus");
  const onError = (error: Error) => void process.stderr.write(`${error.message}\n`);
  const where = { redisUrl, prefix: process.env["COUNCIL_KEY_PREFIX"] ?? "c", onError };
  if (given.schedule === "off") {
    const wasThere = await line.unscheduleDrills(where);
    say(wasThere ? "the schedule is taken out" : "there was no schedule");
    if (!given.serve) return 0;
  } else if (given.schedule !== undefined) {
    const nextAt = await line.scheduleDrills(where, given.schedule);
    say(`the next drill is due at ${new Date(nextAt).toISOString()}`);
  }
  const serving = await line.serveDrills(where, async ({ scope }, tell) => {
    const both = (text: string) => [say, tell].forEach((each) => each(text));
    const { exit, report } = await drill(inScope(given, scope), both);
    return { exit, digest: report.digest };
  });
  say("waits for drills that are asked for on the page or are due");
  await untilAborted(signal);
  await serving.stop();
  return 0;
}

/** What is drilled when the page asks: its scope, and everything else as this process was started. */
function inScope<Options extends Omit<Given, "seed">>(given: Options, scope: DrillScope): Options {
  if (scope === "usual") return given;
  const { type: _, comprehensive: __, ...others } = given;
  return { ...others, comprehensive: scope === "comprehensive" } as Options;
}

/** The rules of a guarded repository; undefined when none is named. */
async function rulesOf({ repositories, guards }: Pick<Given, "repositories" | "guards">) {
  if ((repositories === undefined) !== (guards === undefined))
    throw new Error("--repositories and --guards go together: give both, or neither");
  if (repositories === undefined || guards === undefined) return undefined;
  const config = (await loadRepositories(resolve(repositories))).get(guards);
  if (!config) throw new Error(`${repositories} has no repository "${guards}"`);
  const checked = policyOf(config);
  if (checked.kind === "faulty")
    throw new Error(checked.faults.map(({ field, problem }) => `${field}: ${problem}`).join("; "));
  return checked.policy.rules;
}

const say = (text: string) =>
  void process.stdout.write(`${text}
`);

function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((done) => signal.addEventListener("abort", () => done(), { once: true }));
}

/** What is to be drilled; throws with a remedy when the options do not go together. */
export function readDrillOptions(given: Given): Omit<DrillOptions, "say" | "signal"> {
  const { pr, repository, test, type, comprehensive, repeat, seed, branch } = given;
  if ((pr === undefined) !== (repository === undefined))
    throw new Error("--pr and --repository go together: give both, or neither");
  if (type && comprehensive) throw new Error("--type and --comprehensive exclude each other");
  const all = faults.map(({ name }) => name);
  const own =
    pr === undefined || repository === undefined
      ? undefined
      : {
          repository: resolve(repository),
          diffFile: resolve(pr),
          ...(branch === undefined ? {} : { branch }),
          ...(test === undefined ? {} : { testCommand: test.split(/\s+/).filter(Boolean) }),
        };
  return {
    faults: comprehensive ? all : (type ?? shortDrill),
    repeat,
    seed,
    reportsDir: resolve(given.reports ?? usualReports()),
    ...(own ? { own } : {}),
  };
}

function takeFault(name: string, before: readonly string[] = []): readonly string[] {
  if (faultNamed(name)) return [...before, name];
  throw new InvalidArgumentError(`Use one of ${faults.map((fault) => fault.name).join(", ")}.`);
}

function wholeNumber(least: number, most: number) {
  return (text: string): number => {
    const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
  };
}
