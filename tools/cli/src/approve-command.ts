import type { Command } from "commander";
import { fillPatchAction } from "./act-on-patch.ts";
import { withExamples } from "./gateway-command.ts";

export function fillApproveCommand(command: Command): void {
  fillPatchAction(command, {
    route: "approve",
    asked: (patch) => `${patch} is approved`,
    wished: ["settled", "landing", "watching"],
  });
  withExamples(
    command,
    "approve p03-k2v… 'read it, the migration is safe'",
    "approve 4711 'agreed with the owner' --wait",
  );
}
