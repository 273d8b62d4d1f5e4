import { readFileSync } from "node:fs";
import { Command } from "commander";
import { commands } from "./commands.ts";

/** The version of this checkout. */
export function readVersion(): string {
  const file = new URL("../../../package.json", import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

/**
 * The command line. Only the commands whose name `isNeeded` are complete; the others have their name and
 * what they are for, which is all that the help shows, and cost nothing to load.
 */
export async function buildProgram(isNeeded: (name: string) => boolean): Promise<Command> {
  const program = new Command("council")
    .description(
      "Decides which machine-written patches may land, and takes back what turns out bad.",
    )
    .version(readVersion())
    .showHelpAfterError("(--help says more)")
    .exitOverride()
    .configureHelp({ showGlobalOptions: false })
    .addHelpText("after", "\nExit codes and all options: docs/cli.md");
  await Promise.all(
    commands.map(async ({ name, about, group, load }) => {
      const command = program.command(name).description(about).helpGroup(group);
      if (isNeeded(name)) (await load())(command);
    }),
  );
  return program;
}
