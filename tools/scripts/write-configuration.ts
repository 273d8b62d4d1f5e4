/**
 * Writes the tables of docs/configuration.md from the services' own definitions, so that the page
 * cannot say anything else than the code: `node tools/scripts/write-configuration.ts`.
 */
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import {
  busSettings,
  describeSettings,
  fileSettings,
  modelSettings,
  namesOf,
  processSettings,
  repositorySettings,
  spendSettings,
  type SettingRow,
  type SettingsDefinition,
} from "@council/runtime";

import { loadByPath, serviceNames, settingsOf } from "./service-settings.ts";

type Definition = SettingsDefinition;

interface Service {
  readonly name: string;
  readonly settings: Definition;
}

export const configurationPage = fileURLToPath(
  new URL("../../docs/configuration.md", import.meta.url),
);

const begin = "<!-- settings: written by tools/scripts/write-configuration.ts -->";
const end = "<!-- settings: end -->";
const columns = ["Variable", "Flag", "Default", "Value", "Meaning"] as const;

/** The page with its tables as the code has them now. Throws when the page has lost its marks. */
export async function withSettings(page: string): Promise<string> {
  const [before, rest] = page.split(`${begin}\n`);
  const after = rest?.split(`${end}\n`)[1];
  if (before === undefined || after === undefined) throw new Error("the page has lost its marks");
  return [before, begin, "\n\n", await settingsText(), "\n", end, "\n", after].join("");
}

async function settingsText(): Promise<string> {
  const all = await Promise.all(
    serviceNames.map(async (name): Promise<Service> => ({
      name,
      settings: await settingsOf(name),
    })),
  );
  const clientSettings = await readClientSettings();
  const shared = { ...busSettings, ...repositorySettings, ...spendSettings, ...modelSettings };
  const section = (title: string, definition: Definition, hasFlags = true) => {
    const rows = describeSettings(definition);
    return `### ${title}\n\n${rows.length === 0 ? "None of its own.\n" : table(rows, hasFlags)}`;
  };
  return [
    section("Every process", { ...processSettings, ...fileSettings }, false),
    section("Redis and operations", busSettings),
    `Read by: ${readers(all, busSettings)}.\n`,
    section("Repositories", repositorySettings),
    `Read by: ${readers(all, repositorySettings)}.\n`,
    section("Spending", spendSettings),
    `Read by: ${readers(all, spendSettings)}. Set the same everywhere; see cost.md.\n`,
    section("Models", modelSettings),
    `Read by: ${readers(all, modelSettings)}; see models.md.\n`,
    ...all.map(({ name, settings }) => section(`\`${name}\``, without(settings, shared))),
    section("The command line", clientSettings, false),
  ].join("\n");
}

/** Which services read a shared group, and what of it when not all. */
function readers(all: readonly Service[], group: Definition): string {
  const names = Object.keys(group);
  return all
    .flatMap(({ name, settings }) => {
      const read = names.filter((key) => key in settings);
      if (read.length === 0) return [];
      if (read.length === names.length) return [`\`${name}\``];
      const variables = read.map((key) => `\`${(group[key] as { env: string }).env}\``);
      return [`\`${name}\` (only ${variables.join(", ")})`];
    })
    .join(", ");
}

function without(settings: Definition, shared: Definition): Definition {
  return Object.fromEntries(Object.entries(settings).filter(([key]) => !(key in shared)));
}

/** A Markdown table in the form the formatter leaves alone: every column as wide as its widest cell. */
function table(rows: readonly SettingRow[], hasFlags: boolean): string {
  const kept = columns.filter((column) => hasFlags || column !== "Flag");
  const cells = rows.map((row) => kept.map((column) => cellOf(row, column).replaceAll("|", "\\|")));
  const widths = kept.map((column, at) =>
    Math.max(column.length, ...cells.map((line) => line[at]?.length ?? 0)),
  );
  const line = (texts: readonly string[], fill: string) =>
    `| ${texts.map((text, at) => text.padEnd(widths[at] ?? 0, fill)).join(" | ")} |\n`;
  const rule = line(
    kept.map(() => "-"),
    "-",
  );
  return [line(kept, " "), rule, ...cells.map((texts) => line(texts, " "))].join("");
}

function cellOf(row: SettingRow, column: (typeof columns)[number]): string {
  switch (column) {
    case "Variable":
      return [row.env, ...row.aliases].map(code).join(" or ");
    case "Flag":
      return code(row.flag);
    case "Default":
      return row.isRequired ? "required" : row.default === "" ? "none" : code(row.default);
    case "Value":
      return valueOf(row);
    case "Meaning":
      return row.meaning;
  }
}

function valueOf({ kind, unit, allowed }: SettingRow): string {
  const kinds: Record<string, string> = { durationMs: "", microUsd: "", list: "comma-separated" };
  // The choices of a text or a switch already say what it is.
  const isChoice = (kind === "string" || kind === "boolean") && allowed !== "";
  const words = [isChoice ? "" : (kinds[kind] ?? kind), unit, allowed];
  return words.filter((word) => word !== "").join(", ");
}

const code = (text: string) => `\`${text}\``;

const knownNamesFile = fileURLToPath(
  new URL("../../libs/runtime/src/known-names.ts", import.meta.url),
);

/** Variables that a program reads itself, so that a file that sets them is not refused. */
const readElsewhere = [
  "COUNCIL_ALLOW_BREW",
  "COUNCIL_BWRAP",
  "COUNCIL_CHROMIUM",
  "COUNCIL_CONFIG_DIR",
  "COUNCIL_LOG_LEVEL",
  "COUNCIL_REDIS_SERVER",
];

/** The list of names in libs/runtime as it has to be. */
export async function knownNamesText(): Promise<string> {
  const definitions = await Promise.all(serviceNames.map(settingsOf));
  const all = [...definitions, processSettings, fileSettings, await readClientSettings()];
  const names = [...new Set([...all.flatMap(namesOf), ...readElsewhere])].toSorted();
  return [
    "// Written by tools/scripts/write-configuration.ts from the definitions of every process.",
    "",
    "/** Every name by which some process of Council reads a setting. */",
    "export const knownNames: readonly string[] = [",
    ...names.map((name) => `  "${name}",`),
    "];",
    "",
  ].join("\n");
}

async function readClientSettings(): Promise<Definition> {
  const path = "tools/cli/src/client-settings.ts";
  return (await loadByPath<{ clientSettings: Definition }>(path)).clientSettings;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(knownNamesFile, await knownNamesText());
  await writeFile(configurationPage, await withSettings(await readFile(configurationPage, "utf8")));
}
