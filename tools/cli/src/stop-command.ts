/** `council stop`, `council hold` and `council lift`: kill switches. Rollbacks never ask for them (P4). */
import { routes } from "@council/contracts/names";
import { Argument, type Command } from "commander";
import { actionOf } from "./act-on-patch.ts";
import { askForJson, gatewayOf } from "./ask-gateway.ts";
import { type ActOptions, withActor, withExamples } from "./gateway-command.ts";
import { say, sayJson } from "./terminal.ts";

/** As in the domain, which takes longer to load than this command may. */
const kinds = ["repository", "author", "builder", "head", "patch"] as const;

interface Scope {
  readonly kind: string;
  readonly name: string;
}

interface StopOptions extends ActOptions {
  readonly until?: string;
}

export function fillStopCommand(command: Command): void {
  fillSwitch(command, routes.stops, (words) => `${words} is stopped; rollbacks go on`);
  withEnd(command);
  withExamples(
    command,
    "stop author agent-7 'runs wild'",
    "stop head gemini 'answers nonsense' --until 2026-12-01T08:00:00Z",
  );
}

export function fillLiftCommand(command: Command): void {
  fillSwitch(command, routes.liftStop, (words) => `${words} is stopped no more`);
  withExamples(command, "lift author agent-7 'repaired and tried'");
}

/** The stop of one patch, by the name operators look for. */
export function fillHoldCommand(command: Command): void {
  withActor(command)
    .argument("<patch>", "id, external id or pull request")
    .argument("<reason>", "why; it stands in the ledger")
    .action((name: string, reason: string, options: StopOptions) =>
      turn(options, reason, {
        route: routes.stops,
        scope: { kind: "patch", name },
        sentence: `${name} is on hold; a rollback goes on. Let it land again with: council lift patch ${name} '…'`,
      }),
    );
  withEnd(command);
  withExamples(
    command,
    "hold p03-k2v… 'not before the migration'",
    "hold 4711 'the owner looks at it' --until 2026-12-01T08:00:00Z",
  );
}

function withEnd(command: Command): void {
  command.option("--until <time>", "it ends by itself then, as 2026-01-31T12:00:00Z");
}

function fillSwitch(command: Command, route: string, sentence: (words: string) => string): void {
  withActor(command)
    .addArgument(new Argument("<kind>", "what it is").choices(kinds))
    .argument("<name>", "which one")
    .argument("<reason>", "why; it stands in the ledger")
    .action((kind: string, name: string, reason: string, options: StopOptions) =>
      turn(options, reason, {
        route,
        scope: { kind, name },
        sentence: sentence(`the ${kind} ${name}`),
      }),
    );
}

async function turn(
  options: StopOptions,
  reason: string,
  { route, scope, sentence }: { route: string; scope: Scope; sentence: string },
): Promise<void> {
  const { until } = options;
  const { body, headers } = actionOf(options, reason);
  const ends = until === undefined ? {} : { until };
  const said = { body: { ...body, scope, ...ends }, headers };
  const done = await askForJson<object>(await gatewayOf(options), route, said);
  if (options.json) sayJson(done);
  else say(sentence);
}
