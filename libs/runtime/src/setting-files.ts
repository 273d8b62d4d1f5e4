import { readFile } from "node:fs/promises";
import type { SettingFault } from "./settings.ts";

/** What one source says, as text under the names it uses. */
export interface SettingsLayer {
  readonly pairs: ReadonlyMap<string, string>;
  readonly faults: readonly SettingFault[];
}

/** Sections of an installation's file that are no settings: which processes it has, for `council doctor`. */
export const fileSections: ReadonlySet<string> = new Set(["heads", "builders"]);

const formats = { yaml: "YAML", toml: "TOML" } as const;

/** The settings of a file, as text: each kind is parsed in one place, whatever file it stands in. */
export async function readSettingsFile(
  path: string | undefined,
  format: "yaml" | "toml",
): Promise<SettingsLayer> {
  if (path === undefined) return { pairs: new Map(), faults: [] };
  const text = await readText(path);
  if (text === undefined)
    return fault(path, "cannot be read", "check the path and its permissions");
  let parsed: unknown;
  try {
    parsed = await parse(text, format);
  } catch {
    // The parser quotes the line it stumbled on, which may hold a secret.
    return fault(path, `is not valid ${formats[format]}`, "check indentation, brackets and quotes");
  }
  if (parsed === null) return { pairs: new Map(), faults: [] };
  if (typeof parsed !== "object" || Array.isArray(parsed))
    return fault(path, "is not a mapping", "write one `name: value` per line");
  return readMapping(path, parsed);
}

// Imported only here: most processes are configured by environment and never pay for a parser.
async function parse(text: string, format: "yaml" | "toml"): Promise<unknown> {
  if (format === "toml") return (await import("smol-toml")).parse(text);
  const yaml = await import("yaml");
  // Failsafe: every scalar stays the text that was written, so that 0.10 is not 0.1 and no is not false.
  return yaml.parse(text, { schema: "failsafe", maxAliasCount: 50 }) as unknown;
}

function readMapping(path: string, mapping: object): SettingsLayer {
  const pairs = new Map<string, string>();
  const faults: SettingFault[] = [];
  for (const [key, entry] of Object.entries(mapping) as [string, unknown][]) {
    if (fileSections.has(key)) continue;
    const items = Array.isArray(entry) ? (entry as unknown[]) : [entry];
    if (items.some((item) => typeof item === "object" && item !== null)) {
      const problem = `holds a nested value under ${key}`;
      faults.push(...fault(path, problem, "write a plain value or a list").faults);
      continue;
    }
    pairs.set(key, items.map(String).join(","));
  }
  return { pairs, faults };
}

function fault(path: string, problem: string, remedy: string): SettingsLayer {
  return { pairs: new Map(), faults: [{ name: "settings file", env: path, problem, remedy }] };
}

/** Undefined when there is no such file, or when it may not be read. */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return undefined;
  }
}

/** Per section and name in it: settings of one process, as text. */
export type FileSections = Readonly<Record<string, Readonly<Record<string, SettingsLayer>>>>;

/** The sections `heads` and `builders` of an installation's file; a section that is absent is not in the answer. */
export async function readSections(
  path: string | undefined,
  format: "yaml" | "toml",
): Promise<FileSections> {
  const text = path === undefined ? undefined : await readText(path);
  if (path === undefined || text === undefined) return {};
  const parsed = await parse(text, format).catch(() => undefined);
  if (typeof parsed !== "object" || parsed === null) return {};
  return Object.fromEntries(
    Object.entries(parsed)
      .filter(([name, held]) => fileSections.has(name) && typeof held === "object" && held !== null)
      .map(([name, held]: [string, object]) => [
        name,
        Object.fromEntries(
          Object.entries(held).map(([key, own]: [string, unknown]) => [
            key,
            readMapping(path, typeof own === "object" && own !== null ? own : {}),
          ]),
        ),
      ]),
  );
}
