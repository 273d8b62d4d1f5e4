import type { Command } from "commander";
import { CommandError, exitWith } from "./exit-codes.ts";
import { withExamples } from "./gateway-command.ts";
import { printable, say, sayJson, toned } from "./terminal.ts";

/** `council doctor`: one line per thing an installation needs. */
export function fillDoctorCommand(command: Command): void {
  command
    .argument("[folder]", "where council.yaml, .env and the keys are", ".")
    .option("--json", "the findings as JSON")
    .action(async (folder: string, { json }: { json?: boolean }) => {
      const { examineFolder } = await import("./installation/examine-folder.ts");
      const findings = await examineFolder(folder);
      if (json) sayJson(findings);
      else
        for (const { name, kind, detail, remedy } of findings) {
          const mark = { ok: "ok  ", warning: "WARN", fault: "FAIL" }[kind];
          const tone = { ok: "good", warning: "plain", fault: "bad" } as const;
          say(`${toned(tone[kind], mark)}  ${name.padEnd(14)} ${printable(detail)}`);
          if (remedy !== undefined) say(`      ${"".padEnd(14)} ${printable(remedy)}`);
        }
      const faults = findings.filter(({ kind }) => kind === "fault").length;
      if (faults > 0 && json) return exitWith("no");
      if (faults > 0) throw new CommandError("no", `${faults} of ${findings.length} checks failed`);
    });
  withExamples(command, "doctor", "doctor guard --json");
}
