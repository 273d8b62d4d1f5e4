import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { benchGroups } from "@council/scripts/bench-arguments.ts";
import type { Command } from "commander";
import { withExamples } from "./gateway-command.ts";

const script = fileURLToPath(new URL("../../scripts/run-bench.ts", import.meta.url));

export function fillBenchCommand(command: Command): void {
  command
    .option("--only <group...>", `${benchGroups.join(", ")}; default: all`)
    .option("--rounds <number>", "how often each is repeated, 1 to 100", "3")
    .action(async ({ only = [], rounds }: { only?: readonly string[]; rounds: string }) => {
      const groups = only.flatMap((group) => ["--only", group]);
      const words = [script, "--rounds", rounds, ...groups];
      const child = spawn(process.execPath, words, { stdio: "inherit" });
      const [code] = (await once(child, "exit")) as [number | null];
      process.exitCode = code ?? 1;
    });
  withExamples(command, "bench --only cli", "bench --only bus --only http --rounds 5");
}
