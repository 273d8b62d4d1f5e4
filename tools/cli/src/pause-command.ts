import type { Command } from "commander";
import { withExamples } from "./gateway-command.ts";
import { fillSwitch } from "./landings-switch.ts";

export function fillPauseCommand(command: Command): void {
  fillSwitch(
    command,
    "pause",
    "nothing lands any more; what has landed is still watched and taken back",
  );
  withExamples(command, "pause 'the shop is being moved'");
}
