/** `council waive` and `council end-waiver`: what one rule finds somewhere holds nothing up, for a time. */
import { routes } from "@council/contracts/names";
import type { Command } from "commander";
import { actionOf } from "./act-on-patch.ts";
import { askForJson, gatewayOf } from "./ask-gateway.ts";
import { type ActOptions, withActor, withExamples } from "./gateway-command.ts";
import { say, sayJson } from "./terminal.ts";

interface WaiveOptions extends ActOptions {
  readonly repository: string;
  readonly until: string;
}

export function fillWaiveCommand(command: Command): void {
  withActor(command)
    .argument("<rule>", "one that rejects or asks; a hard rule cannot be waived")
    .argument("<path>", "pattern of the files, as src/jobs/**")
    .argument("<reason>", "why; it stands in the ledger")
    .requiredOption("--repository <id>", "where")
    .requiredOption("--until <time>", "at most 90 days ahead, as 2026-01-31T12:00:00Z")
    .action(async (rule: string, path: string, reason: string, options: WaiveOptions) => {
      const { repository, until } = options;
      const { body, headers } = actionOf(options, reason);
      const said = { body: { ...body, repository, rule, path, until }, headers };
      const done = await askForJson<{ waiver: string }>(
        await gatewayOf(options),
        routes.waivers,
        said,
      );
      if (options.json) sayJson(done);
      else
        say(`${done.waiver}: ${rule} holds nothing up in ${path} of ${repository} until ${until}`);
    });
  withExamples(
    command,
    "waive child-process 'tools/**' 'build scripts, read by hand' --repository shop --until 2026-12-24T18:00:00Z",
  );
}

export function fillEndWaiverCommand(command: Command): void {
  withActor(command)
    .argument("<id>", "of the waiver, from council stops")
    .argument("<reason>", "why; it stands in the ledger")
    .action(async (id: string, reason: string, options: ActOptions) => {
      const { body, headers } = actionOf(options, reason);
      const said = { body: { ...body, id }, headers };
      const done = await askForJson<object>(await gatewayOf(options), routes.endWaiver, said);
      if (options.json) sayJson(done);
      else say(`${id} waives nothing more`);
    });
  withExamples(command, "end-waiver w-0a1b2c3d4e 'moved to a library'");
}
