import type { Command } from "commander";
import { CommandError, exitWith } from "./exit-codes.ts";
import { withExamples } from "./gateway-command.ts";
import { say, sayJson } from "./terminal.ts";

/** `council doctor`: one line per thing an installation needs. */
export function fillDoctorCommand(command: Command): void {
  command
    .argument("[folder]", "where council.yaml, .env and the keys are", ".")
    .option("--json", "the findings as JSON")
    .action(async (folder: string, { json }: { json?: boolean }) => {
      const [{ examineFolder }, { findingText }] = await Promise.all([
        import("./installation/examine-folder.ts"),
        import("./installation/finding-text.ts"),
      ]);
      const findings = await examineFolder(folder);
      if (json) sayJson(findings);
      else for (const finding of findings) say(findingText(finding));
      const faults = findings.filter(({ kind }) => kind === "fault").length;
      if (faults > 0 && json) return exitWith("no");
      if (faults > 0) throw new CommandError("no", `${faults} of ${findings.length} checks failed`);
    });
  withExamples(command, "doctor", "doctor guard --json");
}
