/** `council policy check`: what a policy file means, or everything that is wrong with it. */
import { readFile } from "node:fs/promises";
import type { CheckedPolicy } from "@council/contracts";
import type { Command } from "commander";
import { addNoiseCommand } from "./noise-command.ts";
import { fillShadowCommand } from "./shadow-command.ts";

interface Said {
  readonly exitCode: number;
  readonly text: string;
}

export function fillPolicyCommand(policy: Command): void {
  fillShadowCommand(policy.command("shadow"));
  addNoiseCommand(policy);
  policy
    .command("check <file>")
    .description(
      "explain a policy file in words, or name every fault with its remedy (exit code 2)",
    )
    .option("--json", "one JSON object: the whole policy, or the faults")
    .addHelpText("after", "\nExample:\n  $ council policy check shop.policy.yaml")
    .action(async (file: string, options: { json?: boolean }) => {
      const { exitCode, text } = await sayPolicy(file, options);
      process.exitCode = exitCode;
      process.stdout.write(`${text}\n`);
    });
}

/** What the command prints, and how it ends. */
export async function sayPolicy(file: string, { json = false }): Promise<Said> {
  const { readPolicyFile } = await import("@council/runtime");
  const checked = withHint(await readPolicyFile(file), await isRepositoriesFile(file));
  const exitCode = checked.kind === "usable" ? 0 : 2;
  if (json) return { exitCode, text: JSON.stringify(checked, undefined, 2) };
  if (checked.kind === "usable") {
    const { explainPolicy } = await import("@council/domain");
    return { exitCode, text: explainPolicy(checked.policy).join("\n") };
  }
  const lines = checked.faults.map(
    ({ field, problem, remedy }) => `- ${field}: ${problem}\n    → ${remedy}`,
  );
  const count = lines.length === 1 ? "1 fault" : `${lines.length} faults`;
  return { exitCode, text: [`${file}: ${count}`, ...lines].join("\n") };
}

/** Both are the operator's YAML; whoever takes one for the other is told which is which. */
function withHint(checked: CheckedPolicy, isOther: boolean): CheckedPolicy {
  if (checked.kind === "usable" || !isOther) return checked;
  const hint = {
    field: "repositories",
    problem: "this is the list of repositories, no policy",
    remedy: "check the file that a repository names in policyFile",
  };
  return { kind: "faulty", faults: [hint] };
}

async function isRepositoriesFile(file: string): Promise<boolean> {
  const text = await readFile(file, "utf8").catch(() => "");
  return /^\s*("repositories"|repositories)\s*:/m.test(text);
}
