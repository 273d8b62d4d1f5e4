import { routes } from "@council/contracts/names";
import type { Command } from "commander";
import { askForJson, gatewayOf } from "./ask-gateway.ts";
import { type GatewayOptions, withExamples, withGateway } from "./gateway-command.ts";
import { printable, say, sayJson, untilText } from "./terminal.ts";

interface Stops {
  readonly stops: readonly {
    readonly scope: { readonly kind: string; readonly name?: string };
    readonly actor: string;
    readonly reason: string;
    readonly until?: number;
  }[];
  readonly refused: readonly {
    readonly patchId: string;
    readonly repository: string;
    readonly reason: string;
  }[];
}

export function fillStopsCommand(command: Command): void {
  withGateway(command).action(async (options: GatewayOptions) => {
    const answer = await askForJson<Stops>(await gatewayOf(options), routes.stops);
    if (options.json) return sayJson(answer);
    const { stops, refused } = answer;
    if (stops.length === 0) say("nothing is stopped");
    for (const stop of stops) {
      const { scope, actor, reason } = stop;
      const what = scope.kind === "global" ? "all landings" : `${scope.kind} ${scope.name ?? ""}`;
      say(printable(`${what}${untilText(stop)}: ${actor}: ${reason}`));
    }
    for (const { patchId, repository, reason } of refused)
      say(printable(`refused in ${repository}: the change of ${patchId}: ${reason}`));
    return undefined;
  });
  withExamples(command, "stops");
}
