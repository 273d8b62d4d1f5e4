import { type Command, Option } from "commander";
import { gatewayOf } from "./ask-gateway.ts";
import { exitWith } from "./exit-codes.ts";
import { type GatewayOptions, withExamples, withGateway } from "./gateway-command.ts";

interface Given extends GatewayOptions {
  readonly timeout?: number;
  readonly throughHolds?: boolean;
}

/** `council watch`: what happens, as it happens; of one patch until it is at rest. */
export function fillWatchCommand(command: Command): void {
  withGateway(command)
    .argument("[patch]", "id, external id or pull request; without one every patch is followed")
    .addOption(new Option("--timeout <seconds>", "longest wait for one patch").argParser(Number))
    .option("--through-holds", "go on while a person is waited for")
    .action(async (patch: string | undefined, options: Given) => {
      const gateway = await gatewayOf(options);
      const { followPatch } = await import("./follow-patch.ts");
      const { timeout: timeoutS, throughHolds, json } = options;
      if (patch !== undefined) {
        await followPatch(gateway, patch, { timeoutS, throughHolds, json });
        return;
      }
      const { followAll } = await import("./follow-all.ts");
      const ended = new AbortController();
      process.once("SIGINT", () => ended.abort());
      await followAll(gateway, { signal: ended.signal, isJson: json ?? false });
      return exitWith("interrupted");
    });
  withExamples(
    command,
    "watch",
    "watch p03-k2v… --timeout 600",
    "watch 4711 --json | jq .event.type",
  );
}
