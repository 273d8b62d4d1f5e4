import type { RevertPlanAnswer } from "@council/contracts";
import { routes } from "@council/contracts/names";
import type { Command } from "commander";
import { askForJson, gatewayOf, routeTo } from "./ask-gateway.ts";
import { type GatewayOptions, withExamples, withGateway } from "./gateway-command.ts";
import { planText } from "./revert-plan-text.ts";
import { sayJson } from "./terminal.ts";

/** `council revert-plan`: what has to go with a patch. */
export function fillRevertPlanCommand(command: Command): void {
  withGateway(command)
    .argument("<patch>", "id, external id or pull request")
    .action(showRevertPlan);
  withExamples(command, "revert-plan 4711");
}

export async function showRevertPlan(patch: string, options: GatewayOptions): Promise<void> {
  const gateway = await gatewayOf(options);
  const plan = await askForJson<RevertPlanAnswer>(gateway, routeTo(routes.revertPlan, patch));
  if (options.json) sayJson(plan);
  else process.stdout.write(planText(plan));
}
