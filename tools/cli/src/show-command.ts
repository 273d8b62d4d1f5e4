import type { PatchDetail } from "@council/contracts";
import { routes } from "@council/contracts/names";
import { type Command, Option } from "commander";
import { askForJson, askGateway, type GatewayAnswer, gatewayOf, routeTo } from "./ask-gateway.ts";
import { type GatewayOptions, withExamples, withGateway } from "./gateway-command.ts";
import { say, sayJson } from "./terminal.ts";

interface Given extends GatewayOptions {
  readonly diff: boolean;
  readonly of: string;
}

/** `council show`: all that is known of one patch. */
export function fillShowCommand(command: Command): void {
  withGateway(command)
    .argument("<patch>", "id, external id or pull request")
    .option("--no-diff", "without the text of the change")
    .addOption(
      new Option("--of <what>", "whose diff").choices(["candidate", "a", "b"]).default("candidate"),
    )
    .action(async (patch: string, options: Given) => {
      const gateway = await gatewayOf(options);
      const detail = await askForJson<PatchDetail>(gateway, routeTo(routes.patch, patch));
      const about = (route: string, query = "") =>
        askGateway(gateway, `${routeTo(route, detail.id)}${query}`);
      const [diff, why] = await Promise.all([
        options.diff ? about(routes.diff, `?of=${options.of}`) : undefined,
        detail.dossier?.cause ? about(routes.why) : undefined,
      ]);
      const card = jsonOf(why);
      if (options.json) return sayJson({ ...detail, diff: textOf(diff), why: card });
      const { patchText } = await import("./patch-text.ts");
      return say(patchText({ detail, diff: textOf(diff), card }));
    });
  withExamples(
    command,
    "show p03-k2v…",
    "show 4711 --no-diff",
    "show 4711 --of b",
    "show 4711 --json",
  );
}

/** A diff or a why-card that is not there is left out; the rest is still worth showing. */
const textOf = (answer: GatewayAnswer | undefined) =>
  answer?.kind === "answered" ? answer.text : undefined;

function jsonOf(answer: GatewayAnswer | undefined): unknown {
  const text = textOf(answer);
  return text === undefined ? undefined : (JSON.parse(text) as unknown);
}
