import type { PatchSummary } from "@council/contracts";
import { routes } from "@council/contracts/names";
import type { Command } from "commander";
import { askForJson, type Gateway, gatewayOf, routeTo } from "./ask-gateway.ts";
import { type GatewayOptions, withExamples, withGateway } from "./gateway-command.ts";
import { kindWords } from "./patch-words.ts";
import { ago, printable, say, sayJson, styled, tableText, toned } from "./terminal.ts";

interface Given extends GatewayOptions {
  readonly state?: string;
  readonly limit: number;
}

interface Control {
  readonly isPaused: boolean;
  readonly actor?: string;
  readonly reason?: string;
}

/** `council status`: where everything stands, or where one patch stands. */
export function fillStatusCommand(command: Command): void {
  withGateway(command)
    .argument("[patch]", "id, external id or pull request; without one the newest are listed")
    .option("--state <state>", "only patches in this state, such as held or watching")
    .option("--limit <count>", "how many patches, up to 200", Number, 20)
    .action(async (patch: string | undefined, options: Given) => {
      const gateway = await gatewayOf(options);
      if (patch === undefined) return showAll(gateway, options);
      const line = await askForJson<PatchSummary & { timeline: unknown; dossier?: unknown }>(
        gateway,
        routeTo(routes.patch, patch),
      );
      const { timeline: _, dossier: __, ...summary } = line;
      if (options.json) return sayJson(summary);
      return say(lineText(summary, Date.now()));
    });
  withExamples(command, "status", "status --state held", "status p03-k2v… --json");
}

async function showAll(gateway: Gateway, { state, limit, json }: Given): Promise<void> {
  const query = new URLSearchParams({ limit: String(limit), ...(state ? { state } : {}) });
  const [{ patches }, control, { deadLetters }] = await Promise.all([
    askForJson<{ patches: PatchSummary[] }>(gateway, `${routes.patches}?${query.toString()}`),
    askForJson<Control>(gateway, routes.pause),
    askForJson<{ deadLetters: readonly object[] }>(gateway, routes.deadLetters),
  ]);
  if (json) return sayJson({ control, deadLetters: deadLetters.length, patches });
  say(statusText({ patches, control, deadLetters: deadLetters.length, now: Date.now() }));
}

/** The overview as a person reads it: what needs somebody first, then the patches, newest first. */
export function statusText(status: {
  readonly patches: readonly PatchSummary[];
  readonly control: Control;
  readonly deadLetters: number;
  readonly now: number;
}): string {
  const { patches, control, deadLetters, now } = status;
  const waiting = patches.filter(({ kind }) => kindWords(kind).needsPerson);
  const notes = [
    ...(control.isPaused
      ? [
          toned(
            "bad",
            `landings are paused by ${control.actor}: ${printable(control.reason ?? "")}`,
          ),
        ]
      : []),
    ...(deadLetters > 0
      ? [toned("bad", `${deadLetters} dead letters; see: council dlq list`)]
      : []),
    ...waiting.map(({ id, why = "" }) => toned("bad", `${id} needs a person: ${printable(why)}`)),
  ];
  const rows = patches.map(({ id, kind, submittedAt, repository = "", title = "" }) => [
    id,
    kindWords(kind).label,
    submittedAt === undefined ? "" : ago(submittedAt, now),
    repository,
    title,
  ]);
  const columns = [
    { title: "PATCH" },
    { title: "STATE" },
    { title: "AGE" },
    { title: "REPOSITORY" },
    { title: "TITLE", isRest: true },
  ];
  const table = patches.length === 0 ? "no patches" : tableText(columns, rows);
  return [...notes, ...(notes.length > 0 ? [""] : []), table].join("\n");
}

function lineText({ id, kind, title = "", submittedAt, why }: PatchSummary, now: number): string {
  const words = kindWords(kind);
  const age = submittedAt === undefined ? "" : `, submitted ${ago(submittedAt, now)} ago`;
  const line = `${id} ${toned(words.tone, words.label)}${age}: ${styled("bold", printable(title))}`;
  return why === undefined ? line : `${line}\n  ${printable(why)}`;
}
