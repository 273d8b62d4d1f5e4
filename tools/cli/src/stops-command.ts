import type { LimitsAnswer, RepositoryLimits } from "@council/contracts";
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
  readonly waivers: readonly {
    readonly id: string;
    readonly repository: string;
    readonly ruleId: string;
    readonly path: string;
    readonly until: number;
    readonly actor: string;
    readonly reason: string;
  }[];
}

export function fillStopsCommand(command: Command): void {
  withGateway(command).action(async (options: GatewayOptions) => {
    const gateway = await gatewayOf(options);
    const [answer, { repositories }] = await Promise.all([
      askForJson<Stops>(gateway, routes.stops),
      askForJson<LimitsAnswer>(gateway, routes.limits),
    ]);
    if (options.json) return sayJson({ ...answer, repositories });
    const lines = [...stopLines(answer), ...repositories.flatMap(limitLines)];
    return say(lines.length === 0 ? "nothing is stopped" : lines.map(printable).join("\n"));
  });
  withExamples(command, "stops");
}

function stopLines({ stops, refused, waivers }: Stops): string[] {
  return [
    ...stops.map((stop) => {
      const { scope, actor, reason } = stop;
      const what = scope.kind === "global" ? "all landings" : `${scope.kind} ${scope.name ?? ""}`;
      return `${what}${untilText(stop)}: ${actor}: ${reason}`;
    }),
    ...refused.map(
      ({ patchId, repository, reason }) =>
        `refused in ${repository}: the change of ${patchId}: ${reason}`,
    ),
    ...waivers.map((waiver) => {
      const { id, repository, ruleId, path, actor, reason } = waiver;
      const what = `${ruleId} in ${path} of ${repository}`;
      return `waived: ${what}${untilText(waiver)}: ${actor}: ${reason} (${id})`;
    }),
  ];
}

function limitLines({ repository, frozen, authors }: RepositoryLimits): string[] {
  return [
    ...(frozen ? [`frozen: ${repository}${untilText(frozen)}: ${frozen.reason}`] : []),
    ...authors.flatMap(({ waits }) =>
      waits ? [`waits in ${repository}${untilText(waits)}: ${waits.detail}`] : [],
    ),
  ];
}
