import type { Command } from "commander";
import { fillPatchAction } from "./act-on-patch.ts";
import { withExamples } from "./gateway-command.ts";

export function fillWithdrawCommand(command: Command): void {
  fillPatchAction(command, {
    route: "withdraw",
    asked: (patch) => `${patch} is withdrawn`,
    wished: ["withdrawn"],
  });
  withExamples(command, "withdraw p03-k2v… 'found a better way'");
}
