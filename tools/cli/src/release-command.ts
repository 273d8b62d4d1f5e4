import type { Command } from "commander";
import { fillPatchAction } from "./act-on-patch.ts";
import { withExamples } from "./gateway-command.ts";

export function fillReleaseCommand(command: Command): void {
  fillPatchAction(command, {
    route: "release",
    asked: (patch) => `the change of ${patch} may come again`,
    wished: ["reverted"],
  });
  withExamples(command, "release p03-k2v… 'it was the network, not the change'");
}
