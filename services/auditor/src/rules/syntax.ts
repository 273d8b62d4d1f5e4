import { loadParsers } from "@council/ast-diff";
import type { RuleVoice } from "./rule.ts";

/** A node of a syntax tree, as the parser gives it: nothing about it is taken for granted. */
export interface SyntaxNode {
  readonly type: string;
  readonly [property: string]: unknown;
}

/** Something a rule looks for, where it stands; `key` is what tells two of a kind apart. */
export interface Sighting {
  readonly key: string;
  readonly line: number;
}

/** Looks for one kind of thing in a program. */
export interface SyntaxRule {
  readonly voice: RuleVoice;
  readonly see: (program: SyntaxNode, text: string) => readonly Sighting[];
  /** Whether tests may do it. */
  readonly isFineInTests?: true;
}

export const isNode = (value: unknown): value is SyntaxNode =>
  typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";

export const nodeOf = (value: unknown): SyntaxNode | undefined =>
  isNode(value) ? value : undefined;

export const nodesOf = (value: unknown): readonly SyntaxNode[] =>
  Array.isArray(value) ? value.filter(isNode) : [];

/** The program a text is, or undefined when it is none. Loads the parsers on first use. */
export async function parseScript(path: string, text: string): Promise<SyntaxNode | undefined> {
  const parse = await loadParsers();
  // A published file may be a script for a shell to start; the first line is no part of the program.
  const parsed = parse(path, text.replace(/^#!.*/, ""));
  return parsed.kind === "parsed" ? parsed.program : undefined;
}

/** Visits every node below `root`, itself included. Iterative: how deep it goes is not ours to choose. */
export function walk(
  root: SyntaxNode,
  visit: (node: SyntaxNode, parent: SyntaxNode | undefined) => void,
): void {
  const stack: { node: SyntaxNode; parent: SyntaxNode | undefined }[] = [
    { node: root, parent: undefined },
  ];
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { node, parent } = next;
    visit(node, parent);
    for (const child of childrenOf(node).toReversed()) stack.push({ node: child, parent: node });
  }
}

function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (const [name, value] of Object.entries(node)) {
    if (name === "parent" || name === "loc" || name === "range") continue;
    if (isNode(value)) children.push(value);
    else if (Array.isArray(value)) children.push(...value.filter(isNode));
  }
  return children;
}

/** Whether any node below `root` is one of those looked for. */
export function holds(root: SyntaxNode, isFound: (node: SyntaxNode) => boolean): boolean {
  let found = false;
  walk(root, (node) => {
    found ||= isFound(node);
  });
  return found;
}

export const lineOf = (node: SyntaxNode): number => {
  const { loc } = node as { loc?: { start?: { line?: unknown } } };
  const line = loc?.start?.line;
  return typeof line === "number" ? line : 1;
};

/** What a node says, without its blanks, and only its start when it says much. */
export function textOf(node: SyntaxNode, text: string): string {
  const { range } = node as { range?: unknown };
  const [start, end] = Array.isArray(range) ? (range as unknown[]) : [];
  if (typeof start !== "number" || typeof end !== "number") return node.type;
  return text.slice(start, Math.min(end, start + 300)).replaceAll(/\s+/g, "");
}

/** The string a node is for sure: literals, put together in any of the usual ways. */
export function constantOf(value: unknown, depth = 0): string | undefined {
  const node = nodeOf(value);
  if (!node || depth > 40) return undefined;
  switch (node.type) {
    case "Literal":
      return typeof node["value"] === "string" ? node["value"] : undefined;
    case "TemplateLiteral":
      return templateOf(node, depth);
    case "BinaryExpression": {
      if (node["operator"] !== "+") return undefined;
      const left = constantOf(node["left"], depth + 1);
      const right = constantOf(node["right"], depth + 1);
      return left === undefined || right === undefined ? undefined : left + right;
    }
    case "CallExpression":
      return joinOf(node, depth);
    case "TSAsExpression":
    case "TSNonNullExpression":
    case "TSSatisfiesExpression":
      return constantOf(node["expression"], depth + 1);
    default:
      return undefined;
  }
}

function templateOf(node: SyntaxNode, depth: number): string | undefined {
  const values = nodesOf(node["expressions"]).map((each) => constantOf(each, depth + 1));
  const quasis = nodesOf(node["quasis"]).map(({ value }) => {
    const cooked = (value as { cooked?: unknown } | undefined)?.cooked;
    return typeof cooked === "string" ? cooked : "";
  });
  if (values.some((value) => value === undefined)) return undefined;
  return quasis.map((quasi, at) => quasi + (values[at] ?? "")).join("");
}

/** `["a", "b"].join("")` and `"b-a".split("").reverse().join("")` hide a word no better than `+` does. */
function joinOf(node: SyntaxNode, depth: number): string | undefined {
  const callee = nodeOf(node["callee"]);
  if (callee?.type !== "MemberExpression" || propertyOf(callee) !== "join") return undefined;
  const list = nodeOf(callee["object"]);
  const parts =
    list?.type === "ArrayExpression"
      ? nodesOf(list["elements"]).map((each) => constantOf(each, depth + 1))
      : [];
  if (parts.length === 0 || parts.some((part) => part === undefined)) return undefined;
  return parts.join(constantOf(nodesOf(node["arguments"])[0], depth + 1) ?? ",");
}

/** The name of a property, computed or not; undefined when only running the code would tell. */
export function propertyOf(node: SyntaxNode): string | undefined {
  const property = nodeOf(node["property"] ?? node["key"]);
  if (!property) return undefined;
  if (node["computed"] !== true && property.type === "Identifier")
    return property["name"] as string;
  return constantOf(property);
}

/** `a.b.c` of a chain of names and constant properties; `(…)` stands for what is neither. */
export function nameOf(value: unknown, depth = 0): string {
  const node = nodeOf(value);
  if (!node || depth > 40) return "(…)";
  switch (node.type) {
    case "Identifier":
      return node["name"] as string;
    case "ThisExpression":
      return "this";
    case "MemberExpression":
      return `${nameOf(node["object"], depth + 1)}.${propertyOf(node) ?? "(…)"}`;
    case "ChainExpression":
    case "TSNonNullExpression":
    case "TSAsExpression":
      return nameOf(node["expression"], depth + 1);
    case "CallExpression":
      return `${nameOf(node["callee"], depth + 1)}()`;
    case "SequenceExpression":
      return nameOf(nodesOf(node["expressions"]).at(-1), depth + 1);
    case "ImportExpression":
      return "import";
    default:
      return "(…)";
  }
}

/** What the candidate has more of than the base: a sighting is known by its key, as often as it occurs. */
export function newSightings(
  before: readonly Sighting[],
  after: readonly Sighting[],
): readonly Sighting[] {
  const known = new Map<string, number>();
  for (const { key } of before) known.set(key, (known.get(key) ?? 0) + 1);
  return after.filter(({ key }) => {
    const left = known.get(key) ?? 0;
    if (left > 0) known.set(key, left - 1);
    return left === 0;
  });
}
