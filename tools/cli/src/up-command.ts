import type { Command } from "commander";
import { withExamples } from "./gateway-command.ts";

/** `council up`: an installation in one terminal, until Ctrl-C. */
export function fillUpCommand(command: Command): void {
  command
    .argument("[folder]", "where council.yaml, .env and the keys are", ".")
    .option("--quiet", "without the events of the patches")
    .action(async (folder: string, { quiet = false }: { quiet?: boolean }) => {
      const { runInstallation } = await import("./installation/run-installation.ts");
      await runInstallation(folder, quiet);
    });
  withExamples(command, "up", "up guard --quiet");
}
