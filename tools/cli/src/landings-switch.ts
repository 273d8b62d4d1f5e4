/** `council pause` and `council resume`: one switch for all landings; rollbacks go on (P4). */
import { routes } from "@council/contracts/names";
import type { Command } from "commander";
import { actionOf } from "./act-on-patch.ts";
import { askForJson, gatewayOf } from "./ask-gateway.ts";
import { type ActOptions, withActor } from "./gateway-command.ts";
import { say, sayJson } from "./terminal.ts";

export function fillSwitch(command: Command, route: "pause" | "resume", sentence: string): void {
  withActor(command)
    .argument("<reason>", "why; everybody sees it")
    .action(async (reason: string, options: ActOptions) => {
      const gateway = await gatewayOf(options);
      const done = await askForJson<object>(gateway, routes[route], actionOf(options, reason));
      if (options.json) sayJson(done);
      else say(sentence);
    });
}
