import { startLimits } from "./caps.ts";
import type { EscalationReason, Limits } from "./caps.ts";
import { isScript } from "./language.ts";
import { loadReaders, readerOf } from "./languages/load-readers.ts";
import { shapeOf } from "./node-shape.ts";
import { loadParsers } from "./parsers.ts";
import type { Parse, SyntaxNode } from "./parsers.ts";
import { createTreeBuilder } from "./tree.ts";
import type { Tree } from "./tree.ts";

export type NormalForm =
  | { readonly kind: "parsed"; readonly tree: Tree }
  | { readonly kind: "failed"; readonly reason: EscalationReason };

/**
 * The normal form of one file: its syntax without positions, comments, parentheses, quotes and the
 * other choices of a formatter. Equal trees mean the same program; a file that is not wholly
 * understood has none. Default caps apply.
 */
export async function normalForm(path: string, text: string): Promise<NormalForm> {
  await loadReaders([path]);
  return readNormalForm(await loadParsers(), path, text, startLimits());
}

/** As `normalForm`, with the parsers at hand, the readers loaded and the caller's limits. */
export function readNormalForm(
  parse: Parse,
  path: string,
  text: string,
  limits: Limits,
): NormalForm {
  const reader = readerOf(path);
  if (!reader && !isScript(path)) return { kind: "failed", reason: "no-grammar" };
  if (!isText(text)) return { kind: "failed", reason: "not-text" };
  if (Buffer.byteLength(text) > limits.maxFileBytes) return { kind: "failed", reason: "too-large" };
  if (limits.isOver()) return { kind: "failed", reason: "timeout" };
  if (reader) return reader(text, limits);
  const parsed = parse(path, text);
  if (parsed.kind === "failed") return parsed;
  return flatten(parsed.program, text, limits);
}

/** Whether a string can be the faithful decoding of a text file. */
export function isText(text: string): boolean {
  // U+FFFD is what a decoder leaves where bytes were lost: two files may then only look equal.
  return !text.includes("\0") && !text.includes("\uFFFD");
}

function flatten(program: SyntaxNode, source: string, limits: Limits): NormalForm {
  const failed = (reason: EscalationReason): NormalForm => ({ kind: "failed", reason });
  const builder = createTreeBuilder();
  const stack = [{ node: program, role: "", parent: -1, depth: 1 }];
  let count = 0;
  for (let top = stack.pop(); top; top = stack.pop()) {
    const shape = shapeOf(top.node, source);
    if (!shape) return failed("unknown-node");
    if (++count > limits.maxNodes) return failed("too-large");
    if (top.depth > limits.maxDepth) return failed("too-deep");
    if (count % 4096 === 0 && limits.isOver()) return failed("timeout");
    const index = builder.add(top.parent, shape.type, top.role, shape.label, lineOf(top.node));
    for (const child of shape.children.toReversed())
      stack.push({ ...child, parent: index, depth: top.depth + 1 });
  }
  return { kind: "parsed", tree: builder.finish() };
}

function lineOf(node: SyntaxNode): number {
  const loc = node["loc"];
  if (typeof loc !== "object" || loc === null || !("start" in loc)) return 0;
  const start = loc.start;
  if (typeof start !== "object" || start === null || !("line" in start)) return 0;
  return typeof start.line === "number" ? start.line : 0;
}
