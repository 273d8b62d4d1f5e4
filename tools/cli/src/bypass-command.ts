import { routes } from "@council/contracts/names";
import type { Command } from "commander";
import { actionOf } from "./act-on-patch.ts";
import { askForJson, gatewayOf, routeTo } from "./ask-gateway.ts";
import { type ActOptions, withActor, withExamples } from "./gateway-command.ts";
import { say, sayJson } from "./terminal.ts";

export function fillBypassCommand(command: Command): void {
  withActor(command)
    .argument("<patch>", "id, external id or pull request")
    .argument("<reason>", "why; it stands in the ledger")
    .requiredOption("--until <time>", "at most a day ahead, as 2026-01-31T12:00:00Z")
    .action(async (patch: string, reason: string, options: ActOptions & { until: string }) => {
      const gateway = await gatewayOf(options);
      const { body, headers } = actionOf(options, reason);
      const said = { body: { ...body, until: options.until }, headers };
      const done = await askForJson<object>(gateway, routeTo(routes.bypass, patch), said);
      if (options.json) sayJson(done);
      else say(`no freeze and no quota holds ${patch} until ${options.until}`);
    });
  withExamples(command, "bypass 4711 'the shop is down' --until 2026-12-24T18:00:00Z");
}
