import { routes } from "@council/contracts/names";
import type { Command } from "commander";
import { actionOf } from "./act-on-patch.ts";
import { askForJson, gatewayOf, routeTo } from "./ask-gateway.ts";
import { type ActOptions, withActor, withExamples } from "./gateway-command.ts";
import { say, sayJson } from "./terminal.ts";

/** `council re-land`: the way back for a patch that was taken back. */
export function fillReLandCommand(command: Command): void {
  withActor(command)
    .argument("<patch>", "id, external id or pull request")
    .argument("<reason>", "why; it stands in the ledger")
    .action(async (patch: string, reason: string, options: ActOptions) => {
      const gateway = await gatewayOf(options);
      const path = routeTo(routes.reland, patch);
      const taken = await askForJson<{ id: string }>(gateway, path, actionOf(options, reason));
      if (options.json) sayJson(taken);
      else say(`${taken.id} brings ${patch} again; it is audited like any other patch`);
    });
  withExamples(command, "re-land 4711 'the caller is fixed'");
}
