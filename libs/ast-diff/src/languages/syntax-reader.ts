import { fileURLToPath } from "node:url";
import { Language, Parser } from "web-tree-sitter";
import type { Node, Tree as SyntaxTree } from "web-tree-sitter";
import type { Limits } from "../caps.ts";
import { createTreeBuilder } from "../tree.ts";
import type { Grammar } from "./grammars.ts";
import type { Reader } from "./load-readers.ts";
import { collectSyntax, nodeLabel } from "./syntax-nodes.ts";
import type { SyntaxNodes } from "./syntax-nodes.ts";

let runtime: Promise<void> | undefined;

/**
 * A reader for one language of Tree-sitter. A file with an error or a missing token has no normal
 * form: what the parser skipped would look equal in two files that are not (P3).
 */
export async function createSyntaxReader(grammar: Grammar): Promise<Reader> {
  runtime ??= Parser.init();
  await runtime;
  const grammars = import.meta.resolve("@vscode/tree-sitter-wasm/package.json");
  const file = new URL(`wasm/tree-sitter-${grammar.file}.wasm`, grammars);
  const language = await Language.load(fileURLToPath(file));
  return (text, limits) => {
    const parser = new Parser();
    parser.setLanguage(language);
    let tree: SyntaxTree | null = null;
    try {
      // The callback's answer ends the parse; its type in the package says otherwise.
      const progressCallback = (): boolean => limits.isOver();
      tree = parser.parse(text, null, { progressCallback });
      if (!tree) return { kind: "failed", reason: "timeout" };
      return readRoot(tree.rootNode, text, grammar, limits);
    } finally {
      // The memory of WebAssembly is not collected.
      tree?.delete();
      parser.delete();
    }
  };
}

function readRoot(root: Node, text: string, grammar: Grammar, limits: Limits): ReturnType<Reader> {
  if (root.hasError) return { kind: "failed", reason: "parse-error" };
  const nodes = collectSyntax(root, text, grammar, limits);
  return "reason" in nodes ? { kind: "failed", ...nodes } : buildTree(nodes, text);
}

/** Named nodes become nodes, with their field as role; tokens go into the label of their parent. */
function buildTree(nodes: SyntaxNodes, text: string): ReturnType<Reader> {
  const builder = createTreeBuilder();
  const indexes = new Int32Array(nodes.type.length).fill(-1);
  for (const [node, type] of nodes.type.entries()) {
    if (!nodes.isNode[node]) continue;
    const parent = nodes.parent[node] ?? -1;
    indexes[node] = builder.add(
      parent < 0 ? -1 : (indexes[parent] ?? -1),
      type,
      nodes.field[node] ?? "",
      nodeLabel(nodes, node, text),
      nodes.line[node] ?? 0,
      nodes.start[node] ?? -1,
      nodes.end[node] ?? -1,
    );
  }
  return { kind: "parsed", tree: builder.finish() };
}
