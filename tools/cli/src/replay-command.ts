import type { EvidenceBundle, PatchDetail } from "@council/contracts";
import { routes } from "@council/contracts/names";
import type { Command } from "commander";
import { askForJson, type Gateway, gatewayOf, routeTo } from "./ask-gateway.ts";
import { CommandError, exitWith } from "./exit-codes.ts";
import { type GatewayOptions, withExamples, withGateway } from "./gateway-command.ts";
import { printable, report, say, sayJson } from "./terminal.ts";

/** `council replay`: is what is shown of a patch what its ledger gives? */
export function fillReplayCommand(command: Command): void {
  withGateway(command)
    .argument("<patch>", "id, external id or pull request")
    .action(async (patch: string, options: GatewayOptions) => {
      const { replayPatch } = await import("./replay-patch.ts");
      const outcome = replayPatch(...(await readBoth(await gatewayOf(options), patch)));
      if (outcome.kind === "different") exitWith("no");
      if (options.json) return sayJson(outcome);
      if (outcome.kind === "equal")
        return say(`equal: ${outcome.entries} entries give what is shown, ${outcome.state}`);
      for (const difference of outcome.differences) report(`different: ${printable(difference)}`);
    });
  withExamples(command, "replay p03-k2v…", "replay 4711 --json");
}

const mostReads = 5;

/** Both of one moment. Throws CommandError `undecided` when the patch moves on each time. */
async function readBoth(gateway: Gateway, patch: string): Promise<[EvidenceBundle, PatchDetail]> {
  for (let reads = 0; reads < mostReads; reads += 1) {
    const bundle = await askForJson<EvidenceBundle>(gateway, routeTo(routes.bundle, patch));
    const detail = await askForJson<PatchDetail>(gateway, routeTo(routes.patch, patch));
    if (bundle.entries.length === detail.sequence) return [bundle, detail];
  }
  throw new CommandError("undecided", "the patch moves on; ask again");
}
