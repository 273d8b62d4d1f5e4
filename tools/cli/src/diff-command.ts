import { InvalidArgumentError, Option, type Command } from "commander";

const help = `
Give it two files, two folders, or what git gives it:
  $ council diff before.ts after.ts
  $ git difftool --no-prompt --extcmd "council diff" main..work
  $ git -c diff.external="council diff" diff

Marks, in the margin and, without colour, around the text: ~ changed, + inserted, - deleted,
> moved, = renamed.

Exit code: 0 the same, or the same program; 1 different; 2 something could not be compared,
and nothing is said about it.`;

interface Given {
  readonly json?: boolean;
  readonly width?: number;
  readonly color: boolean;
  readonly context: number;
  readonly as?: string;
  readonly parser?: "typescript-estree" | "babel" | "oxc";
  readonly maxSize: number;
  readonly timeout: number;
}

/** `council diff`: what differs between two programs, not between two texts. */
export function fillDiffCommand(command: Command): void {
  command
    .argument(
      "<paths...>",
      "two files or two folders; or the seven arguments of a git external diff",
    )
    .option("--json", "the whole result as JSON (schema council.diff/1)")
    .option(
      "--width <columns>",
      "width of the output (default: the terminal, else 120)",
      whole(40, 1000),
    )
    .option("--no-color", "signs alone, no colour (also by NO_COLOR)")
    .option("--context <lines>", "unchanged lines around a change", whole(0, 1_000_000), 3)
    .option("--as <name>", "read both files as if they had this name, such as x.ts")
    .addOption(
      new Option("--parser <name>", "which parser reads JavaScript and TypeScript").choices([
        "typescript-estree",
        "babel",
        "oxc",
      ]),
    )
    .option("--max-size <MB>", "largest file that is read", whole(1, 1000), 20)
    .option("--timeout <seconds>", "longest time for the whole comparison", whole(1, 3600), 60)
    .addHelpText("after", help)
    .action(async (paths: string[], given: Given) => {
      const { runDiff } = await import("./diff/run-diff.ts");
      // Git's external diff: path, old file, its digest and mode, new file, its digest and mode.
      const isExternal = paths.length === 7;
      const [a, b] = isExternal ? [paths[1], paths[4]] : paths;
      if (a === undefined || b === undefined || (paths.length !== 2 && !isExternal)) {
        process.stderr.write("council diff: give it two files or two folders\n");
        process.exitCode = 2;
        return;
      }
      const exit = await runDiff(a, b, optionsOf(given, isExternal ? paths[0] : given.as), write);
      // Git takes any other code than 0 for a failure of the program it called.
      process.exitCode = isExternal ? 0 : exit;
    });
}

function optionsOf(given: Given, as: string | undefined) {
  const { width, context, maxSize, timeout, json = false, parser } = given;
  const isTerminal = process.stdout.isTTY && process.env["TERM"] !== "dumb";
  return {
    json,
    width: width ?? Math.max(40, process.stdout.columns ?? 120),
    hasColour: given.color && isTerminal && !process.env["NO_COLOR"],
    contextLines: context,
    maxFileBytes: maxSize * 1_000_000,
    timeoutMs: timeout * 1000,
    ...(as === undefined ? {} : { as }),
    ...(parser ? { parser } : {}),
  };
}

function write(text: string): void {
  process.stdout.write(text);
}

function whole(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < least || value > most)
      throw new InvalidArgumentError(`A whole number from ${least} to ${most} is needed.`);
    return value;
  };
}
