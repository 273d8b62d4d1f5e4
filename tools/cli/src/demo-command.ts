import type { Command } from "commander";
import { withExamples } from "./gateway-command.ts";

export function fillDemoCommand(command: Command): void {
  command
    .option(
      "--exit",
      "end when the last patch has come to rest; exit code 0 only if all ended as they should",
    )
    .option("--json", "one JSON object per line instead of text")
    .option("--port <number>", "port of the console and API", Number)
    .option("--keep", "keep the working folder (repository, logs) when done")
    .action(async (options: { exit?: boolean; json?: boolean; port?: number; keep?: boolean }) => {
      const { runDemo } = await import("@council/demo");
      const { exit = false, ...more } = options;
      process.exitCode = await runDemo({ exit, ...more });
    });
  withExamples(command, "demo", "demo --exit --json");
}
