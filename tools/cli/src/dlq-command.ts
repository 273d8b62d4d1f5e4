/** `council dlq`: messages that failed too often, why, and how they are tried again. */
import { routes } from "@council/contracts/names";
import type { Command } from "commander";
import { askForJson, type Gateway, gatewayOf } from "./ask-gateway.ts";
import { CommandError } from "./exit-codes.ts";
import { type GatewayOptions, withExamples, withGateway } from "./gateway-command.ts";
import { ago, printable, say, sayJson, tableText } from "./terminal.ts";

interface DeadLetter {
  readonly id: string;
  readonly inbox: string;
  readonly payload: string;
  readonly error: string;
  readonly deliveryCount: number;
  readonly atMs: number;
}

export function fillDlqCommand(command: Command): void {
  withGateway(command.command("list"))
    .description("every message that was set aside, oldest first")
    .action(async (options: GatewayOptions) => {
      const letters = await readLetters(await gatewayOf(options));
      if (options.json) return sayJson(letters);
      return say(lettersText(letters, Date.now()));
    });
  withGateway(command.command("show"))
    .description("one of them: its whole error and what it holds")
    .argument("<id>", "as listed")
    .action(async (id: string, options: GatewayOptions) => {
      const letter = find(await readLetters(await gatewayOf(options)), id);
      if (options.json) return sayJson(letter);
      return say(letterText(letter));
    });
  withGateway(command.command("redrive"))
    .description("give one, or all of them, back to their inboxes")
    .argument("[id]", "as listed")
    .option("--all", "every one of them")
    .option("--inbox <name>", "with --all: only those of this inbox")
    .action(redrive);
  withExamples(
    command,
    "dlq list",
    "dlq show 3:1717-0",
    "dlq redrive 3:1717-0",
    "dlq redrive --all --inbox git",
  );
}

async function redrive(
  id: string | undefined,
  options: GatewayOptions & { readonly all?: boolean; readonly inbox?: string },
): Promise<void> {
  if ((id === undefined) === (options.all === undefined))
    throw new CommandError("usage", "name one dead letter, or give --all");
  const gateway = await gatewayOf(options);
  const letters = await readLetters(gateway);
  const wanted =
    id === undefined
      ? letters.filter(({ inbox }) => options.inbox === undefined || inbox === options.inbox)
      : [find(letters, id)];
  for (const letter of wanted) {
    const body = { inbox: letter.inbox, id: letter.id };
    await askForJson(gateway, `${routes.deadLetters}/redrive`, { body });
  }
  if (options.json) return sayJson({ redriven: wanted.map((letter) => letter.id) });
  return say(`${wanted.length} given back to their inboxes; see what is left: council dlq list`);
}

async function readLetters(gateway: Gateway): Promise<readonly DeadLetter[]> {
  const answer = await askForJson<{ deadLetters: readonly DeadLetter[] }>(
    gateway,
    routes.deadLetters,
  );
  return answer.deadLetters;
}

function find(letters: readonly DeadLetter[], id: string): DeadLetter {
  const letter = letters.find((each) => each.id === id);
  if (letter) return letter;
  throw new CommandError("unknown", `no dead letter has the id ${id}; see: council dlq list`);
}

export function lettersText(letters: readonly DeadLetter[], now: number): string {
  if (letters.length === 0) return "no dead letters";
  const columns = [
    { title: "ID" },
    { title: "INBOX" },
    { title: "AGE" },
    { title: "TRIES" },
    { title: "ERROR", isRest: true },
  ];
  return tableText(
    columns,
    letters.map(({ id, inbox, atMs, deliveryCount, error }) => [
      id,
      inbox,
      ago(atMs, now),
      String(deliveryCount),
      error,
    ]),
  );
}

function letterText({ id, inbox, atMs, deliveryCount, error, payload }: DeadLetter): string {
  return [
    `${id} of inbox ${inbox}, set aside ${new Date(atMs).toISOString()} after ${deliveryCount} tries`,
    ...error.split("\n").map(printable),
    "",
    ...pretty(payload).split("\n").map(printable),
  ].join("\n");
}

function pretty(payload: string): string {
  try {
    return JSON.stringify(JSON.parse(payload), undefined, 2);
  } catch {
    return payload;
  }
}
