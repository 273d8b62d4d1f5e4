import type { Command } from "commander";
import { fillPatchAction } from "./act-on-patch.ts";
import { withExamples } from "./gateway-command.ts";

export function fillRollbackCommand(command: Command): void {
  fillPatchAction(command, {
    route: "rollback",
    asked: (patch) => `${patch} is asked to be taken back`,
    wished: ["reverted", "withdrawn"],
    plan: async (patch, options) =>
      (await import("./revert-plan-command.ts")).showRevertPlan(patch, options),
  });
  withExamples(
    command,
    "rollback p03-k2v… --plan",
    "rollback p03-k2v… 'orders are lost since it landed' --wait",
    "rollback p03-k2v… 'orders are lost since it landed' --with-dependents --wait",
  );
}
