/** `council drill`: breaks a Council of its own on purpose, and says whether it held. */
import { randomInt } from "node:crypto";
import { join, resolve } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { type DrillOptions, faultNamed, faults, runDrill, shortDrill } from "@council/drill";

interface Given {
  readonly type?: readonly string[];
  readonly comprehensive?: boolean;
  readonly pr?: string;
  readonly repository?: string;
  readonly branch?: string;
  readonly test?: string;
  readonly repeat: number;
  readonly seed: number;
  readonly reports: string;
}

const usualReports = join(import.meta.dirname, "..", "..", "..", ".council", "drills");

export function addDrillCommand(program: Command): void {
  const names = faults.map(({ name }) => name).join(", ");
  program
    .command("drill")
    .description("break a Council of its own on purpose, and see whether it holds")
    .option("--type <fault...>", `only these faults: ${names}`, takeFault)
    .option("--comprehensive", "every fault there is")
    .option("--pr <file>", "a unified diff to be drilled, with --repository; default: a sample")
    .option("--repository <path>", "the git repository the diff belongs to; it is only read")
    .option("--branch <name>", "the branch of it that is guarded", "main")
    .option("--test <command>", "the command that runs its tests, words separated by spaces")
    .addOption(new Option("--shadow", "in clones that are thrown away, which is so in any case"))
    .option("--repeat <number>", "how often each fault is drilled", wholeNumber(1, 1000), 1)
    .option("--seed <number>", "repeats what was left to chance", wholeNumber(0, 2 ** 32 - 1))
    .option("--reports <folder>", "where reports are kept", usualReports)
    .addHelpText(
      "after",
      "\nWithout --type or --comprehensive the short drill runs: " +
        `${shortDrill.join(", ")}.\nExit code: 0 passed, 1 something came out otherwise than due, 2 not carried out.` +
        "\n\nExamples:\n  $ ./council drill\n  $ ./council drill --comprehensive --repeat 3\n" +
        "  $ ./council drill --type latency-1.3 --repository ../shop --pr change.diff --test 'npm test'",
    )
    .action(async (given: Omit<Given, "seed"> & { readonly seed?: number }) => {
      const interrupted = new AbortController();
      const interrupt = () => interrupted.abort();
      process.once("SIGINT", interrupt);
      process.once("SIGTERM", interrupt);
      const say = (text: string) => void process.stdout.write(`${text}\n`);
      try {
        const options = readDrillOptions({ seed: randomInt(2 ** 32), ...given });
        const { exit } = await runDrill({ ...options, say, signal: interrupted.signal });
        process.exitCode = exit;
      } catch (error) {
        process.exitCode = 2;
        process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      }
    });
}

/** What is to be drilled; throws with a remedy when the options do not go together. */
export function readDrillOptions(given: Given): Omit<DrillOptions, "say" | "signal"> {
  const { pr, repository, test, type, comprehensive, repeat, seed, reports, branch } = given;
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
    reportsDir: resolve(reports),
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
