import { readFile } from "node:fs/promises";
import { parseEnv } from "node:util";
import type { Setting, SettingsDefinition } from "./setting.ts";
import type { SettingFault } from "./settings.ts";

export type SettingSource = "argv" | "env" | "dotenv" | "yaml";

export interface SourceInput {
  /** Arguments after the script name: `--rollback-timeout 90s`, `--freeze`, `--no-freeze`. */
  readonly argv?: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Read when it exists. */
  readonly dotenvPath?: string;
  /** Must exist when given; its keys are setting names or variable names. */
  readonly yamlPath?: string;
}

export type Found =
  | { readonly kind: "absent" }
  | { readonly kind: "found"; readonly raw: string; readonly source: SettingSource }
  | { readonly kind: "conflict"; readonly problem: string; readonly remedy: string };

export interface Sources {
  readonly find: (name: string, setting: Setting) => Found;
  readonly faults: readonly SettingFault[];
  readonly unusedKeys: readonly string[];
}

type Pairs = ReadonlyMap<string, string>;

interface Layer {
  readonly pairs: Pairs;
  readonly faults: readonly SettingFault[];
}

/** The command line flag of a setting: `rollbackTimeoutMs` is `--rollback-timeout-ms`. */
export function flagOf(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Reads every source once, in order of precedence. */
export async function readSources(
  definition: SettingsDefinition,
  input: SourceInput,
): Promise<Sources> {
  const argv = readFlags(definition, input.argv ?? []);
  const env = new Map(
    Object.entries(input.env).flatMap(([k, v]) => (v === undefined ? [] : [[k, v]])),
  );
  const dotenv = await readDotenv(input.dotenvPath);
  const yaml = await readYaml(input.yamlPath);
  const layers: readonly (readonly [SettingSource, Pairs])[] = [
    ["argv", argv.pairs],
    ["env", env],
    ["dotenv", dotenv.pairs],
    ["yaml", yaml.pairs],
  ];
  return {
    find: (name, setting) => findIn(layers, name, setting),
    faults: [...argv.faults, ...dotenv.faults, ...yaml.faults],
    unusedKeys: unusedKeysOf(definition, yaml.pairs),
  };
}

function findIn(
  layers: readonly (readonly [SettingSource, Pairs])[],
  name: string,
  setting: Setting,
): Found {
  const keys = [name, setting.env, ...(setting.aliases ?? [])];
  for (const [source, pairs] of layers) {
    // The bare name is not looked up in the environment: `path` or `home` would hit by accident.
    const isNamed = source === "argv" || source === "yaml";
    const hits = (isNamed ? keys : keys.slice(1)).filter(
      (key) => (pairs.get(key) ?? "").trim() !== "",
    );
    const [first] = hits;
    if (first === undefined) continue;
    const raw = pairs.get(first) ?? "";
    const other = hits.find((key) => pairs.get(key)?.trim() !== raw.trim());
    if (other !== undefined) {
      return {
        kind: "conflict",
        problem: `and ${other} mean the same and disagree`,
        remedy: `keep ${setting.env} and remove ${other === setting.env ? first : other}`,
      };
    }
    return { kind: "found", raw, source };
  }
  return { kind: "absent" };
}

function readFlags(definition: SettingsDefinition, argv: readonly string[]): Layer {
  const names = new Map(Object.keys(definition).map((name) => [flagOf(name), name]));
  const pairs = new Map<string, string>();
  const faults: SettingFault[] = [];
  for (let index = 0; index < argv.length; index += 1) {
    const [flag = "", ...rest] = (argv[index] ?? "").split("=");
    const isNegated = flag.startsWith("--no-") && names.has(`--${flag.slice(5)}`);
    const name = names.get(isNegated ? `--${flag.slice(5)}` : flag);
    if (name === undefined) {
      faults.push(
        flagFault(flag, "is not a known option", "see the configuration page for the options"),
      );
      continue;
    }
    if (rest.length > 0 && !isNegated) {
      pairs.set(name, rest.join("="));
    } else if (definition[name]?.kind === "boolean") {
      pairs.set(name, String(!isNegated));
    } else if (isNegated || index + 1 >= argv.length) {
      faults.push(flagFault(flag, "needs a value", `write ${flagOf(name)}=<value>`));
    } else {
      index += 1;
      pairs.set(name, argv[index] ?? "");
    }
  }
  return { pairs, faults };
}

function flagFault(flag: string, problem: string, remedy: string): SettingFault {
  return { name: "command line", env: flag, problem, remedy };
}

async function readDotenv(path: string | undefined): Promise<Layer> {
  const text = path === undefined ? undefined : await readText(path);
  if (text === undefined) return { pairs: new Map(), faults: [] };
  const entries = Object.entries(parseEnv(text)).flatMap(([k, v]) =>
    v === undefined ? [] : [[k, v] as const],
  );
  return { pairs: new Map(entries), faults: [] };
}

async function readYaml(path: string | undefined): Promise<Layer> {
  if (path === undefined) return { pairs: new Map(), faults: [] };
  const text = await readText(path);
  if (text === undefined)
    return yamlFault(path, "cannot be read", "check the path and its permissions");
  // Imported only here: most processes are configured by environment and never pay for the parser.
  const { parse } = await import("yaml");
  let parsed: unknown;
  try {
    // Failsafe: every scalar stays the text that was written, and each kind is parsed in one place.
    parsed = parse(text, { schema: "failsafe", maxAliasCount: 50 });
  } catch {
    // The parser quotes the line it stumbled on, which may hold a secret.
    return yamlFault(path, "is not valid YAML", "check indentation and quotes");
  }
  if (parsed === null) return { pairs: new Map(), faults: [] };
  if (typeof parsed !== "object" || Array.isArray(parsed)) {
    return yamlFault(path, "is not a mapping", "write one `name: value` per line");
  }
  return readMapping(path, parsed);
}

function readMapping(path: string, mapping: object): Layer {
  const pairs = new Map<string, string>();
  const faults: SettingFault[] = [];
  for (const [key, entry] of Object.entries(mapping) as [string, unknown][]) {
    const items = Array.isArray(entry) ? (entry as unknown[]) : [entry];
    if (items.some((item) => typeof item === "object" && item !== null)) {
      faults.push(
        ...yamlFault(path, `holds a nested value under ${key}`, "write a plain value or a list")
          .faults,
      );
      continue;
    }
    pairs.set(key, items.map(String).join(","));
  }
  return { pairs, faults };
}

function yamlFault(path: string, problem: string, remedy: string): Layer {
  return { pairs: new Map(), faults: [{ name: "settings file", env: path, problem, remedy }] };
}

function unusedKeysOf(definition: SettingsDefinition, yaml: Pairs): readonly string[] {
  const known = new Set(
    Object.entries(definition).flatMap(([name, { env, aliases }]) => [
      name,
      env,
      ...(aliases ?? []),
    ]),
  );
  return [...yaml.keys()].filter((key) => !known.has(key));
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return undefined;
  }
}
