import type { Command } from "commander";
import { withExamples } from "./gateway-command.ts";
import { fillSwitch } from "./landings-switch.ts";

export function fillResumeCommand(command: Command): void {
  fillSwitch(command, "resume", "patches land again, in the order they came");
  withExamples(command, "resume 'the move is done'");
}
