import { resolve } from "node:path";
import type { Command } from "commander";
import { withExamples } from "./gateway-command.ts";
import { say } from "./terminal.ts";

interface Given {
  readonly remote: string;
  readonly id?: string;
  readonly branch: string;
  readonly test?: string;
  readonly port: number;
}

/** `council init`: the folder that the services of an installation are started in. */
export function fillInitCommand(command: Command): void {
  command
    .argument("[folder]", "made when missing", ".")
    .requiredOption("--remote <url>", "the repository to guard: a path, https:// or ssh://")
    .option("--id <id>", "what submissions call it; default: its name")
    .option("--branch <name>", "the branch that is guarded", "main")
    .option("--test <command>", "the command that runs its tests, words separated by spaces")
    .option("--port <number>", "port of the console and API", Number, 8080)
    .action(async (folder: string, given: Given) => {
      const { initInstallation } = await import("./installation/init-installation.ts");
      const made = await initInstallation(resolve(folder), given);
      say(`made in ${resolve(folder)}: ${made.join(", ")}`);
      say("next: council doctor");
    });
  withExamples(command, "init guard --remote /srv/git/shop.git --test 'node --test'");
}
