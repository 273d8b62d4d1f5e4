import type { Command } from "commander";

export interface GatewayOptions {
  readonly url?: string;
  readonly json?: boolean;
}

export interface ActOptions extends GatewayOptions {
  readonly actor?: string;
}

/** The options of every command that asks the gateway. */
export function withGateway(command: Command): Command {
  return command
    .option("--url <url>", "the gateway; default: COUNCIL_URL, else this machine")
    .option("--json", "the answer as JSON");
}

/** The options of a command by which somebody acts: the ledger keeps who and why. */
export function withActor(command: Command): Command {
  return withGateway(command).option("--actor <name>", "who acts; default: your login name");
}

export function withExamples(command: Command, ...examples: readonly string[]): Command {
  const lines = examples.map((line) => `  $ council ${line}`);
  return command.addHelpText(
    "after",
    `\nExample${lines.length > 1 ? "s" : ""}:\n${lines.join("\n")}`,
  );
}
