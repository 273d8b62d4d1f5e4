import type { LedgerEntry } from "@council/contracts";
import { type Command, Option } from "commander";
import { askForJson, type Gateway, gatewayOf } from "./ask-gateway.ts";
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
      if (patch !== undefined) return followPatch(gateway, patch, { timeoutS, throughHolds, json });
      return followAll(gateway, json ?? false);
    });
  withExamples(
    command,
    "watch",
    "watch p03-k2v… --timeout 600",
    "watch 4711 --json | jq .event.type",
  );
}

const titleColumns = 24;

/** Every event of every patch, until interrupted. */
async function followAll(gateway: Gateway, isJson: boolean): Promise<void> {
  const { followEvents } = await import("@council/demo/follow");
  const { showEntry } = await import("./follow-patch.ts");
  const { cut, printable, report } = await import("./terminal.ts");
  const { routes } = await import("@council/contracts/names");
  const { patches } = await askForJson<{ patches: { id: string; title?: string }[] }>(
    gateway,
    `${routes.patches}?limit=200`,
  );
  const titles = new Map(patches.map(({ id, title }) => [id, title ?? id]));
  const ended = new AbortController();
  process.once("SIGINT", () => ended.abort());
  const onEntry = (entry: LedgerEntry) => {
    const { patchId, event } = entry;
    if (event.type === "PatchSubmitted") titles.set(patchId, event.patch.title);
    const title = cut(printable(titles.get(patchId) ?? patchId), titleColumns);
    showEntry(entry, isJson, `${title.padEnd(titleColumns)}  `);
  };
  await followEvents({
    url: gateway.url,
    ...(gateway.token === undefined ? {} : { token: gateway.token }),
    signal: ended.signal,
    onEntry,
    onOpen: () => report(`following ${gateway.url}; Ctrl-C ends it`),
    onLost: (reason) => report(`the live feed was lost (${reason}); taking it up again`),
  });
  exitWith("interrupted");
}
