import type { Command } from "commander";
import { fillPatchAction } from "./act-on-patch.ts";
import { withExamples } from "./gateway-command.ts";

export function fillDenyCommand(command: Command): void {
  fillPatchAction(command, {
    route: "deny",
    asked: (patch) => `${patch} is denied`,
    wished: ["rejected", "reverted"],
  });
  withExamples(command, "deny p03-k2v… 'not before the migration'");
}
