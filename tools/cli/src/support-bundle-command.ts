import { resolve } from "node:path";
import type { Command } from "commander";
import { gatewayOf } from "./ask-gateway.ts";
import { withExamples } from "./gateway-command.ts";
import { say } from "./terminal.ts";

const about = `
It holds versions, settings with their sources, what council doctor finds, queues, dead letters without
what they carried, the newest patches in one line each, and drills. Secrets are masked; still, look
at it before you give it away: titles and addresses are as they are.`;

/** `council support-bundle`: one JSON document for whoever is asked for help. */
export function fillSupportBundleCommand(command: Command): void {
  command
    .option("--url <url>", "the gateway; default: COUNCIL_URL, else this machine")
    .addHelpText("after", about)
    .action(async (options: { readonly url?: string }) => {
      const { collectSupport } = await import("./installation/collect-support.ts");
      say(await collectSupport(resolve("."), await gatewayOf(options)));
    });
  withExamples(command, "support-bundle > support.json");
}
