/** `council revert-plan` and `council re-land`: what has to go with a patch, and the way back. */
import { userInfo } from "node:os";
import { routes } from "@council/contracts";
import type { Command } from "commander";
import { askGateway, printAnswer, usualGateway } from "./ask-gateway.ts";
import { planText, type RevertPlan } from "./revert-plan-text.ts";

export function addRevertCommands(program: Command): void {
  program
    .command("revert-plan <patch>")
    .description("what would have to be taken back with a patch, in which order, and why")
    .option("--json", "the plan as JSON")
    .option("--url <url>", "the gateway", usualGateway)
    .addHelpText("after", "\nExample:\n  $ ./council revert-plan 4711")
    .action(async (patch: string, options: { json?: boolean; url: string }) => {
      const path = routes.revertPlan.replace(":id", encodeURIComponent(patch));
      printAnswer(await askGateway(path, options), (text) =>
        options.json ? `${text}\n` : planText(JSON.parse(text) as RevertPlan),
      );
    });
  program
    .command("re-land <patch> <reason>")
    .description("bring a patch that was taken back again, as a new patch that is audited in full")
    .option("--actor <name>", "who asks", userInfo().username)
    .option("--url <url>", "the gateway", usualGateway)
    .addHelpText("after", "\nExample:\n  $ ./council re-land 4711 'the caller is fixed'")
    .action(async (patch: string, reason: string, options: { actor: string; url: string }) => {
      const path = routes.reland.replace(":id", encodeURIComponent(patch));
      const { actor } = options;
      printAnswer(await askGateway(path, options, { actor, reason }), (text) => {
        const { id } = JSON.parse(text) as { id: string };
        return `${id} brings ${patch} again; it is audited like any other patch\n`;
      });
    });
}
