import { parseEnv } from "node:util";
import type { Setting, SettingsDefinition } from "./setting.ts";
import { readSettingsFile, readText, type SettingsLayer } from "./setting-files.ts";
import type { SettingFault } from "./settings.ts";
import { unknownNames } from "./unknown-names.ts";

export type SettingSource = "argv" | "env" | "dotenv" | "yaml" | "toml";

export interface SourceInput {
  /** Arguments after the script name: `--rollback-timeout 90s`, `--freeze`, `--no-freeze`. */
  readonly argv?: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Read when it exists. */
  readonly dotenvPath?: string;
  /** Must exist when given; its keys are setting names or variable names. */
  readonly yamlPath?: string;
  /** As `yamlPath`, and weaker. */
  readonly tomlPath?: string;
  /** Names that may stand in a file beside those of any definition of Council's own. */
  readonly alsoKnown?: readonly string[];
}

export type Found =
  | { readonly kind: "absent" }
  | { readonly kind: "found"; readonly raw: string; readonly source: SettingSource }
  | { readonly kind: "conflict"; readonly problem: string; readonly remedy: string };

export interface Sources {
  readonly find: (name: string, setting: Setting) => Found;
  readonly faults: readonly SettingFault[];
}

type Pairs = SettingsLayer["pairs"];

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
  const [yaml, toml] = await Promise.all([
    readSettingsFile(input.yamlPath, "yaml"),
    readSettingsFile(input.tomlPath, "toml"),
  ]);
  const layers: readonly (readonly [SettingSource, Pairs])[] = [
    ["argv", argv.pairs],
    ["env", env],
    ["dotenv", dotenv],
    ["yaml", yaml.pairs],
    ["toml", toml.pairs],
  ];
  const unknown = unknownNames(definition, input.alsoKnown);
  return {
    find: (name, setting) => findIn(layers, name, setting),
    faults: [
      ...argv.faults,
      // Other programs may read the same file; what begins like ours and is none of ours is a slip.
      ...unknown(
        input.dotenvPath,
        [...dotenv.keys()].filter((key) => key.startsWith("COUNCIL_")),
      ),
      ...yaml.faults,
      ...unknown(input.yamlPath, yaml.pairs.keys()),
      ...toml.faults,
      ...unknown(input.tomlPath, toml.pairs.keys()),
    ],
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
    const isNamed = source !== "env" && source !== "dotenv";
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

function readFlags(definition: SettingsDefinition, argv: readonly string[]): SettingsLayer {
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

async function readDotenv(path: string | undefined): Promise<Pairs> {
  const text = path === undefined ? undefined : await readText(path);
  return new Map(
    Object.entries(parseEnv(text ?? "")).flatMap(([k, v]) => (v === undefined ? [] : [[k, v]])),
  );
}
