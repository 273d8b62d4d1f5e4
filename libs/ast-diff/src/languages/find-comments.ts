import { fileURLToPath } from "node:url";
import { Language, Parser } from "web-tree-sitter";
import type { Limits } from "../caps.ts";
import type { Grammar } from "./grammars.ts";
import { collectSyntax } from "./syntax-nodes.ts";

/** From `start` up to and without `end`, in UTF-16 code units. */
export interface CommentSpan {
  readonly start: number;
  readonly end: number;
}

const loaded = new Map<string, Promise<Language>>();

/** The comments of a text in this language, without those that order a tool; nothing if it does not parse whole. */
export async function findComments(
  grammar: Grammar,
  text: string,
  limits: Limits,
): Promise<readonly CommentSpan[] | undefined> {
  const loading = loaded.get(grammar.file) ?? load(grammar.file);
  loaded.set(grammar.file, loading);
  const language = await loading;
  const parser = new Parser();
  parser.setLanguage(language);
  const tree = parser.parse(text, null, { progressCallback: () => limits.isOver() });
  try {
    if (!tree || tree.rootNode.hasError) return undefined;
    const nodes = collectSyntax(tree.rootNode, text, grammar, limits);
    if ("reason" in nodes) return undefined;
    return nodes.type.flatMap((type, index) =>
      /^(?:line_|block_|js_)?comment$/.test(type)
        ? [{ start: nodes.start[index] ?? 0, end: nodes.end[index] ?? 0 }]
        : [],
    );
  } finally {
    // The memory of WebAssembly is not collected.
    tree?.delete();
    parser.delete();
  }
}

async function load(file: string): Promise<Language> {
  await Parser.init();
  const packageFile = import.meta.resolve("@vscode/tree-sitter-wasm/package.json");
  return await Language.load(fileURLToPath(new URL(`wasm/tree-sitter-${file}.wasm`, packageFile)));
}
