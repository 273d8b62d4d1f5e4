import { routes } from "@council/contracts/names";
import type { Command } from "commander";
import { actionOf } from "./act-on-patch.ts";
import { askForJson, gatewayOf } from "./ask-gateway.ts";
import { type ActOptions, withActor, withExamples } from "./gateway-command.ts";
import { say, sayJson } from "./terminal.ts";

export function fillDelegateCommand(command: Command): void {
  withActor(command)
    .argument("<to>", "the operator who stands in for you")
    .argument("<reason>", "why; it stands in the ledger")
    .option("--until <time>", "until when, as 2026-01-31T12:00:00Z")
    .option("--end", "end it now")
    .action(
      async (
        to: string,
        reason: string,
        options: ActOptions & { readonly until?: string; readonly end?: boolean },
      ) => {
        const { until, end = false } = options;
        if ((until === undefined) !== end)
          command.error("error: give one of --until and --end", { exitCode: 2 });
        const { body, headers } = actionOf(options, reason);
        const said = { body: { ...body, to, ...(until === undefined ? {} : { until }) }, headers };
        const route = end ? routes.endDelegation : routes.delegations;
        const done = await askForJson<object>(await gatewayOf(options), route, said);
        if (options.json) sayJson(done);
        else
          say(end ? `${to} stands in for you no more` : `${to} stands in for you until ${until}`);
      },
    );
  withExamples(command, "delegate bob 'on holiday' --until 2027-01-07T08:00:00Z");
}
