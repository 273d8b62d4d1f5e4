/** What an operator does to one patch: one message to the patch controller, with who and why. */
import { randomUUID } from "node:crypto";
import { userInfo } from "node:os";
import type { PatchDetail } from "@council/contracts";
import { routes } from "@council/contracts/names";
import { type Command, Option } from "commander";
import { askForJson, type Gateway, gatewayOf, routeTo } from "./ask-gateway.ts";
import type { FollowOptions } from "./follow-patch.ts";
import { type ActOptions, type GatewayOptions, withActor } from "./gateway-command.ts";
import { say, sayJson } from "./terminal.ts";

export interface PatchAction {
  readonly route: "approve" | "deny" | "release" | "rollback" | "withdraw";
  /** The sentence for the terminal, with the patch. */
  readonly asked: (patch: string) => string;
  /** The states the action is meant to lead to; `--wait` exits 0 for these. */
  readonly wished: readonly string[];
  /**
   * Shows what the action would do, for `--plan`; then no reason is needed and nothing is asked. What can be
   * planned can be asked for with all that the plan names.
   */
  readonly plan?: (patch: string, options: GatewayOptions) => Promise<void>;
}

interface Given extends ActOptions {
  readonly wait?: boolean;
  readonly timeout?: number;
  readonly plan?: boolean;
  readonly withDependents?: boolean;
}

/** What the gateway answers; the patches that go, in order, where dependents go with it. */
interface Done {
  readonly id: string;
  readonly patches?: readonly string[];
}

/** Arguments, options and deed of a command that acts on one patch. */
export function fillPatchAction(command: Command, action: PatchAction): void {
  const { plan } = action;
  if (plan)
    command
      .option("--plan", "only show what would have to go with it")
      .option("--with-dependents", "take back what has to go before it as well, newest first");
  withActor(command)
    .argument("<patch>", "id, external id or pull request")
    .argument(plan ? "[reason]" : "<reason>", "why; it stands in the ledger")
    .option("--wait", "until the patch is at rest; the exit code tells how")
    .addOption(new Option("--timeout <seconds>", "longest wait").argParser(Number))
    .action(async (patch: string, reason: string | undefined, options: Given) => {
      if (plan && options.plan) return await plan(patch, options);
      if (reason === undefined) return command.error("error: missing required argument 'reason'");
      await act(action, patch, { ...options, reason });
    });
}

async function act(
  action: PatchAction,
  patch: string,
  options: Given & { readonly reason: string },
): Promise<void> {
  const { reason, wait, json, withDependents } = options;
  const gateway = await gatewayOf(options);
  const after = wait && action.plan ? await blockedUpTo(gateway, patch) : undefined;
  const { body, headers } = actionOf(options, reason);
  const done = await askForJson<Done>(gateway, routeTo(routes[action.route], patch), {
    body: { ...body, ...(withDependents ? { withDependents } : {}) },
    headers,
  });
  const asked = done.patches ?? [patch];
  if (wait) return await followAll(gateway, asked, { ...options, wished: action.wished, after });
  if (json) return sayJson(done);
  for (const each of asked)
    say(`${action.asked(each)}; see what becomes of it with: council watch ${each}`);
}

/** Where a patch was before something was asked of it. */
async function blockedUpTo(gateway: Gateway, patch: string): Promise<number> {
  const { timeline } = await askForJson<PatchDetail>(gateway, routeTo(routes.patch, patch));
  return timeline.at(-1)?.sequence ?? 0;
}

/** One after the other; where one of them does not come off, those after it stay. */
async function followAll(
  gateway: Gateway,
  patches: readonly string[],
  { timeout: timeoutS, json, wished, after }: Given & Pick<FollowOptions, "wished" | "after">,
): Promise<void> {
  const { followPatch } = await import("./follow-patch.ts");
  for (const each of patches) {
    const isLast = each === patches.at(-1);
    const options = { timeoutS, json, wished, ...(isLast ? { after } : {}) };
    if (!(await followPatch(gateway, each, options))) return;
  }
}

/** Who and why, once: a repeated request with this key is the same action (P1). */
export function actionOf({ actor = userInfo().username }: ActOptions, reason: string) {
  return { body: { actor, reason }, headers: { "idempotency-key": randomUUID() } };
}
