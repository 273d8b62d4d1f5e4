import { routes } from "@council/contracts/names";
import type { WhyCard } from "@council/domain";
import type { Command } from "commander";
import { askForJson, type Gateway, gatewayOf, routeTo } from "./ask-gateway.ts";
import { CommandError } from "./exit-codes.ts";
import { type GatewayOptions, withExamples, withGateway } from "./gateway-command.ts";
import { say, sayJson } from "./terminal.ts";
import { whyText } from "./why-text.ts";

/** `council why`: the why-card of a revert, drawn for the terminal. */
export function fillWhyCommand(command: Command): void {
  withGateway(command)
    .argument("<patch>", "id, external id or pull request")
    .action(async (patch: string, options: GatewayOptions) => {
      const card = await fetchWhy(await gatewayOf(options), patch);
      if (options.json) sayJson(card);
      else say(whyText(card));
    });
  withExamples(command, "why 4711");
}

/** Throws CommandError, also when the answer is no why-card. */
export async function fetchWhy(gateway: Gateway, patch: string): Promise<WhyCard> {
  const body = await askForJson(gateway, routeTo(routes.why, patch));
  // Read when needed: the schemas take longer to load than all of the command line to start.
  const { whyCardSchema } = await import("@council/contracts");
  const card = whyCardSchema.safeParse(body);
  if (card.success) return card.data;
  throw new CommandError("no", `${gateway.url} answered something else than a why-card`);
}
