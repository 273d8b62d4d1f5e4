/** `council policy shadow`: how rules on trial would have done, from the ledgers of the newest patches. */
import type { LedgerEntry } from "@council/contracts";
import { routes } from "@council/contracts/names";
import { type ShadowRecord, shadowReport } from "@council/domain";
import type { Command } from "commander";
import { askForJson, type Gateway, gatewayOf, routeTo } from "./ask-gateway.ts";
import { type GatewayOptions, withExamples, withGateway } from "./gateway-command.ts";
import { say, sayJson } from "./terminal.ts";

/** As many patches as the gateway lists at once. */
const mostPatches = 200;

export function fillShadowCommand(command: Command): void {
  withGateway(command)
    .description("how often rules on trial would have fired, and how often rightly")
    .option("--limit <count>", `newest patches to read, up to ${mostPatches}`, Number, mostPatches)
    .action(async (options: GatewayOptions & { readonly limit: number }) => {
      const records = await fetchShadow(await gatewayOf(options), options.limit);
      if (options.json) sayJson(records);
      else say(shadowText(records));
    });
  withExamples(command, "policy shadow --limit 50");
}

/** Throws CommandError when the gateway does not answer as it should. */
export async function fetchShadow(gateway: Gateway, limit: number): Promise<ShadowRecord[]> {
  const { patches } = await askForJson<{ patches: readonly { id: string }[] }>(
    gateway,
    `${routes.patches}?limit=${limit}`,
  );
  const histories: LedgerEntry[][] = [];
  for (const { id } of patches) {
    const { timeline } = await askForJson<{ timeline: LedgerEntry[] }>(
      gateway,
      routeTo(routes.patch, id),
    );
    histories.push(timeline);
  }
  return shadowReport(histories);
}

/** One line per rule. */
export function shadowText(records: readonly ShadowRecord[]): string {
  if (records.length === 0) return "No rule is on trial in the patches that were read.";
  return records
    .map(
      ({ ruleId, watched, fired, rightly, wrongly, missed }) =>
        `${ruleId}: would have fired on ${fired} of ${watched} patches, ` +
        `${rightly} rightly and ${wrongly} wrongly; ${missed} were taken back without it`,
    )
    .join("\n");
}
