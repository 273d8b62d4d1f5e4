import { parseTree } from "jsonc-parser";
import type { Node, ParseError } from "jsonc-parser";
import type { Limits } from "../caps.ts";
import type { NormalForm } from "../normal-form.ts";
import { lineStartsOf, placeOf } from "../source-lines.ts";
import { createTreeBuilder } from "../tree.ts";
import type { Reader } from "./load-readers.ts";

/** Children come in the order in which they are added; members are sorted where each key is unique. */
interface Entry {
  readonly node: Node;
  readonly parent: number;
  readonly depth: number;
}

/**
 * JSON as its values: members by key, whatever their order, strings by what they say, numbers as
 * they are written, since programs differ in how they read `1.0`.
 */
export function createJsonReader({ hasComments }: { hasComments: boolean }): Reader {
  return (text, limits) => {
    const errors: ParseError[] = [];
    const options = { disallowComments: !hasComments, allowTrailingComma: hasComments };
    try {
      const root = parseTree(text.replace(/^\uFEFF/, " "), errors, options);
      if (!root || errors.length > 0) return { kind: "failed", reason: "parse-error" };
      return build(root, text, limits);
    } catch (error) {
      if (error instanceof RangeError) return { kind: "failed", reason: "too-deep" };
      throw error;
    }
  };
}

function build(root: Node, text: string, limits: Limits): NormalForm {
  const builder = createTreeBuilder();
  const starts = lineStartsOf(text);
  const stack: Entry[] = [{ node: root, parent: -1, depth: 1 }];
  let count = 0;
  for (let top = stack.pop(); top; top = stack.pop()) {
    const { node, parent, depth } = top;
    if (++count > limits.maxNodes) return { kind: "failed", reason: "too-large" };
    if (depth > limits.maxDepth) return { kind: "failed", reason: "too-deep" };
    if (count % 4096 === 0 && limits.isOver()) return { kind: "failed", reason: "timeout" };
    const label = labelOf(node, text);
    const [from, to] = [node.offset, node.offset + node.length];
    const index = builder.add(
      parent,
      `json_${node.type}`,
      "",
      label,
      placeOf(starts, from).line,
      from,
      to,
    );
    for (const below of childrenOf(node).toReversed())
      stack.push({ node: below, parent: index, depth: depth + 1 });
  }
  return { kind: "parsed", tree: builder.finish() };
}

/** A member's key is its label, so that its only child is its value. */
function childrenOf({ type, children = [] }: Node): readonly Node[] {
  if (type === "property") return children.slice(1);
  if (type !== "object") return children;
  const keys = children.map(keyOf);
  if (new Set(keys).size < keys.length) return children;
  return children.toSorted((x, y) => (keyOf(x) < keyOf(y) ? -1 : 1));
}

function keyOf(property: Node): string {
  return String(property.children?.[0]?.value);
}

function labelOf(node: Node, text: string): string {
  if (node.type === "property") return JSON.stringify(keyOf(node));
  if (node.type === "string") return JSON.stringify(node.value);
  if (node.type === "object" || node.type === "array") return "";
  return text.slice(node.offset, node.offset + node.length);
}
