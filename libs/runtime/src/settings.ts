import type { SettingKind, SettingsDefinition, SettingValues } from "./setting.ts";
import type { ParsedValue } from "./parse-setting.ts";
import { parseSetting } from "./parse-setting.ts";
import { redactText, registerSecret } from "./redaction.ts";
import type { Found, SettingSource, SourceInput } from "./setting-sources.ts";
import { flagOf, readSources } from "./setting-sources.ts";

export interface SettingFault {
  readonly name: string;
  readonly env: string;
  readonly problem: string;
  readonly remedy: string;
}

export interface Provenance {
  readonly source: SettingSource | "default" | "unset";
  /** As the operator wrote it; secrets and URL passwords redacted. */
  readonly raw: string;
}

export type LoadedSettings<D extends SettingsDefinition> =
  | {
      readonly kind: "loaded";
      readonly values: SettingValues<D>;
      readonly provenance: Readonly<Record<keyof D & string, Provenance>>;
    }
  | { readonly kind: "invalid"; readonly faults: readonly SettingFault[] };

export interface SettingRow {
  readonly name: string;
  readonly env: string;
  readonly aliases: readonly string[];
  readonly flag: string;
  readonly kind: SettingKind;
  readonly unit: string;
  readonly default: string;
  readonly isRequired: boolean;
  /** Bounds or choices, in words; empty when there are none. */
  readonly allowed: string;
  readonly meaning: string;
}

/**
 * Fixes the settings of a process and keeps their precise types.
 * Throws TypeError when the definition contradicts itself: two settings with one variable, or a
 * default its own rules refuse.
 */
export function defineSettings<const D extends SettingsDefinition>(definition: D): D {
  const owners = new Map<string, string>();
  for (const [name, setting] of Object.entries(definition)) {
    for (const env of [setting.env, ...(setting.aliases ?? [])]) {
      const owner = owners.get(env);
      if (owner !== undefined) throw new TypeError(`${env} is claimed by ${owner} and ${name}`);
      owners.set(env, name);
    }
    const parsed = defaultOf(setting);
    if (parsed?.kind === "fault") throw new TypeError(`the default of ${name} ${parsed.problem}`);
  }
  return definition;
}

/**
 * Reads every setting: command line, then environment, `.env`, YAML, TOML, default. Reports all faults
 * at once. An empty value counts as not set. Every secret read is registered with the log redaction.
 */
export async function loadSettings<const D extends SettingsDefinition>(
  definition: D,
  input: SourceInput,
): Promise<LoadedSettings<D>> {
  const { faults, settings } = await readAll(definition, input);
  const values: Record<string, ParsedValue | undefined> = {};
  const provenance: Record<string, Provenance> = {};
  for (const [name, read] of settings) {
    if (read.fault) faults.push(read.fault);
    values[name] = read.value;
    provenance[name] = read.provenance;
  }
  if (faults.length > 0) return { kind: "invalid", faults };
  return {
    kind: "loaded",
    // Each value came out of the parser for its kind, which is what the mapped type says.
    values: values as SettingValues<D>,
    provenance: provenance as Record<keyof D & string, Provenance>,
  };
}

export interface ExplainedSetting extends SettingRow, Provenance {
  /** What is wrong with the value, in a sentence with the remedy. */
  readonly fault?: string;
}

/** Every setting with its value and where that came from, faults and all; secrets redacted. */
export async function explainSettings(
  definition: SettingsDefinition,
  input: SourceInput,
): Promise<{
  readonly settings: readonly ExplainedSetting[];
  /** What is wrong with the sources themselves. */
  readonly faults: readonly SettingFault[];
}> {
  const { faults, settings } = await readAll(definition, input);
  const rows = describeSettings(definition).map((row) => {
    const read = settings.get(row.name);
    const provenance = read?.provenance ?? { source: "unset", raw: "" };
    return { ...row, ...provenance, ...(read?.fault ? { fault: formatFaults([read.fault]) } : {}) };
  });
  return { settings: rows, faults };
}

interface ReadSetting {
  readonly value: ParsedValue | undefined;
  readonly provenance: Provenance;
  readonly fault?: SettingFault;
}

async function readAll(definition: SettingsDefinition, input: SourceInput) {
  const sources = await readSources(definition, input);
  const settings = new Map(
    Object.entries(definition).map(([name, setting]) => [
      name,
      readOne(name, setting, sources.find(name, setting)),
    ]),
  );
  return { faults: [...sources.faults], settings };
}

function readOne(name: string, setting: AnySetting, found: Found): ReadSetting {
  const faulty = (problem: string, remedy: string, provenance: Provenance): ReadSetting => ({
    value: undefined,
    provenance,
    fault: { name, env: setting.env, problem, remedy },
  });
  const unset: Provenance = { source: "unset", raw: "" };
  if (found.kind === "conflict") return faulty(found.problem, found.remedy, unset);
  const parsed = found.kind === "found" ? parseSetting(setting, found.raw) : defaultOf(setting);
  const provenance = provenanceOf(
    setting,
    found,
    parsed?.kind === "value" ? parsed.value : undefined,
  );
  if (parsed?.kind === "fault") return faulty(parsed.problem, parsed.remedy, provenance);
  if (parsed === undefined && setting.required === true)
    return faulty("is not set", setRemedy(setting), unset);
  return { value: parsed?.value, provenance };
}

/** One row per setting, for the generated configuration page. */
export function describeSettings(definition: SettingsDefinition): readonly SettingRow[] {
  return Object.entries(definition).map(([name, setting]) => ({
    name,
    env: setting.env,
    aliases: setting.aliases ?? [],
    flag: flagOf(name),
    kind: setting.kind,
    unit: unitOf(setting),
    default: setting.default === undefined ? "" : written(setting, setting.default),
    isRequired: setting.required === true,
    allowed: allowedOf(setting),
    meaning: setting.meaning,
  }));
}

/** The faults as sentences an operator can act on, one per line. */
export function formatFaults(faults: readonly SettingFault[]): string {
  return faults
    .map(({ name, env, problem, remedy }) => `${env} (${name}) ${problem}: ${remedy}`)
    .join("\n");
}

type AnySetting = SettingsDefinition[string];

function defaultOf(setting: AnySetting): ReturnType<typeof parseSetting> | undefined {
  if (setting.default === undefined) return undefined;
  return parseSetting(setting, written(setting, setting.default));
}

// A value as an operator would write it, so that defaults obey the same rules and read the same.
function written(setting: AnySetting, value: ParsedValue): string {
  if (typeof value === "object") return value.join(",");
  if (typeof value !== "number") return String(value);
  if (setting.kind === "durationMs") return `${value}ms`;
  if (setting.kind !== "microUsd") return String(value);
  const micro = String(value % 1_000_000).padStart(6, "0");
  return `${Math.trunc(value / 1_000_000)}.${micro.replace(/0{1,4}$/, "")}`;
}

function setRemedy(setting: AnySetting): string {
  return `set ${setting.env}: ${setting.meaning}`;
}

function provenanceOf(
  setting: AnySetting,
  found: Exclude<Found, { kind: "conflict" }>,
  value: ParsedValue | undefined,
): Provenance {
  if (found.kind === "absent") {
    return value === undefined
      ? { source: "unset", raw: "" }
      : { source: "default", raw: written(setting, setting.default ?? value) };
  }
  if (setting.kind === "secret") {
    registerSecret(found.raw.trim());
    return { source: found.source, raw: "[redacted]" };
  }
  return { source: found.source, raw: setting.kind === "url" ? maskUrl(found.raw) : found.raw };
}

// A URL's password is as secret as any other; only long ones are registered, because replacing a
// word such as "redis" everywhere would make the log unreadable (the URL pattern hides those).
function maskUrl(raw: string): string {
  const url = URL.parse(raw.trim());
  if (url === null) return raw;
  // A lone user name is a token as well: https://<token>@host
  const credential = url.password === "" ? url.username : url.password;
  if (credential.length >= 8) {
    registerSecret(credential);
    registerSecret(unescapeText(credential));
  }
  if (url.password !== "") url.password = "redacted";
  else if (url.username !== "") url.username = "redacted";
  if (url.search !== "") url.search = "redacted";
  return credential === "" && url.search === "" ? redactText(raw) : redactText(url.href);
}

function unescapeText(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function unitOf(setting: AnySetting): string {
  switch (setting.kind) {
    case "durationMs":
      return setting.unit === undefined ? "duration" : `duration, bare number in ${setting.unit}`;
    case "microUsd":
      return "US dollars";
    case "string":
    case "path":
    case "integer":
    case "number":
      return setting.unit ?? "";
    case "url":
    case "boolean":
    case "secret":
    case "list":
      return "";
  }
}

function allowedOf(setting: AnySetting): string {
  if (setting.kind === "secret") return "at least 16 characters, not a well-known value";
  if (setting.kind === "url") return setting.schemes?.join(", ") ?? "";
  if (setting.kind === "boolean") return "true, false";
  if ("oneOf" in setting && setting.oneOf !== undefined) return setting.oneOf.join(", ");
  const bounds = [
    setting.min === undefined ? "" : `at least ${bound(setting, setting.min)}`,
    setting.max === undefined ? "" : `at most ${bound(setting, setting.max)}`,
  ];
  return bounds.filter((part) => part !== "").join(", ");
}

function bound(setting: AnySetting, limit: number): string {
  return written(setting, limit);
}
