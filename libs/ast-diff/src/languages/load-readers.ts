import type { Limits } from "../caps.ts";
import { isScript, knownLanguages, languageOf } from "../language.ts";
import type { NormalForm } from "../normal-form.ts";
import { grammars } from "./grammars.ts";

/** Reads the text of one file to its normal form, or says why it cannot. */
export type Reader = (text: string, limits: Limits) => NormalForm;

const dataReaders: Readonly<Record<string, () => Promise<Reader>>> = {
  json: async () => (await import("./read-json.ts")).createJsonReader({ hasComments: false }),
  jsonc: async () => (await import("./read-json.ts")).createJsonReader({ hasComments: true }),
  yaml: async () => (await import("./read-yaml.ts")).readYaml,
};

const loading = new Map<string, Promise<void>>();
const ready = new Map<string, Reader>();

/** Whether a language has a grammar in this folder. */
function hasReader(language: string): boolean {
  return grammars.has(language) || Object.hasOwn(dataReaders, language);
}

/** Whether files of this path can be read to a normal form. */
export function hasGrammar(path: string): boolean {
  return isScript(path) || hasReader(languageOf(path));
}

/** The languages that can be read to a normal form, each with its extensions, by name. */
export function readableLanguages(): readonly { name: string; extensions: readonly string[] }[] {
  return knownLanguages()
    .filter(({ extensions }) => hasGrammar(`file.${extensions[0]}`))
    .toSorted((x, y) => (x.name < y.name ? -1 : 1));
}

/** Loads what reads these paths, each language once; nothing for languages without a grammar here. */
export async function loadReaders(paths: Iterable<string>): Promise<void> {
  const languages = new Set([...paths].map((path) => languageOf(path)).filter(hasReader));
  await Promise.all(
    [...languages].map((language) => {
      const known = loading.get(language) ?? load(language);
      loading.set(language, known);
      return known;
    }),
  );
}

/** The reader for a path; `undefined` when its language has none here. Must have been loaded. */
export function readerOf(path: string): Reader | undefined {
  const language = languageOf(path);
  if (!hasReader(language)) return undefined;
  const reader = ready.get(language);
  // To go on would be to call a file unreadable that is not.
  if (!reader) throw new Error(`the grammar of ${language} is not loaded`);
  return reader;
}

async function load(language: string): Promise<void> {
  const grammar = grammars.get(language);
  const reader = grammar
    ? await (await import("./syntax-reader.ts")).createSyntaxReader(grammar)
    : await dataReaders[language]?.();
  if (reader) ready.set(language, reader);
}
