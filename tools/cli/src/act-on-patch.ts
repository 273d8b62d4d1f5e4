/** What an operator does to one patch: one message to the patch controller, with who and why. */
import { randomUUID } from "node:crypto";
import { userInfo } from "node:os";
import { routes } from "@council/contracts/names";
import { type Command, Option } from "commander";
import { askForJson, gatewayOf, routeTo } from "./ask-gateway.ts";
import { type ActOptions, type GatewayOptions, withActor } from "./gateway-command.ts";
import { say, sayJson } from "./terminal.ts";

export interface PatchAction {
  readonly route: "approve" | "deny" | "release" | "rollback" | "withdraw";
  /** The sentence for the terminal, with the patch. */
  readonly asked: (patch: string) => string;
  /** The states the action is meant to lead to; `--wait` exits 0 for these. */
  readonly wished: readonly string[];
  /** Shows what the action would do, for `--plan`; then no reason is needed and nothing is asked. */
  readonly plan?: (patch: string, options: GatewayOptions) => Promise<void>;
}

interface Given extends ActOptions {
  readonly wait?: boolean;
  readonly timeout?: number;
  readonly plan?: boolean;
}

/** Arguments, options and deed of a command that acts on one patch. */
export function fillPatchAction(command: Command, action: PatchAction): void {
  const { plan } = action;
  if (plan) command.option("--plan", "only show what would have to go with it");
  withActor(command)
    .argument("<patch>", "id, external id or pull request")
    .argument(plan ? "[reason]" : "<reason>", "why; it stands in the ledger")
    .option("--wait", "until the patch is at rest; the exit code tells how")
    .addOption(new Option("--timeout <seconds>", "longest wait").argParser(Number))
    .action(async (patch: string, reason: string | undefined, options: Given) => {
      if (plan && options.plan) return await plan(patch, options);
      if (reason === undefined) return command.error("error: missing required argument 'reason'");
      const gateway = await gatewayOf(options);
      const path = routeTo(routes[action.route], patch);
      const done = await askForJson<object>(gateway, path, actionOf(options, reason));
      if (options.wait) {
        const { followPatch } = await import("./follow-patch.ts");
        const { timeout: timeoutS, json } = options;
        await followPatch(gateway, patch, { timeoutS, json, wished: action.wished });
      } else if (options.json) sayJson(done);
      else say(`${action.asked(patch)}; see what becomes of it with: council watch ${patch}`);
    });
}

/** Who and why, once: a repeated request with this key is the same action (P1). */
export function actionOf({ actor = userInfo().username }: ActOptions, reason: string) {
  return { body: { actor, reason }, headers: { "idempotency-key": randomUUID() } };
}
