import { routes } from "@council/contracts/names";
import type { Command } from "commander";
import { askForText, gatewayOf, routeTo } from "./ask-gateway.ts";
import { type GatewayOptions, withExamples, withGateway } from "./gateway-command.ts";
import { say } from "./terminal.ts";

/** `council bundle`: everything `council verify` needs, as the gateway has it. */
export function fillBundleCommand(command: Command): void {
  withGateway(command)
    .argument("<patch>", "id, external id or pull request")
    .action(async (patch: string, options: GatewayOptions) => {
      say(await askForText(await gatewayOf(options), routeTo(routes.bundle, patch)));
    });
  withExamples(command, "bundle p03-k2v… > bundle.json");
}
