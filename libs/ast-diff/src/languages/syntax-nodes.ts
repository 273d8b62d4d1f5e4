/**
 * Copies a concrete syntax tree out of WebAssembly and tells what of its tokens carries meaning.
 * Nothing is left out but comments, white space between tokens, and the last comma of a list whose
 * meaning it cannot change: a token, or a text between nodes that no token covers, is part of its
 * parent's label, in its place among the children. So two files never look equal because a grammar
 * keeps something out of its tree.
 */
import type { Node, TreeCursor } from "web-tree-sitter";
import type { EscalationReason, Limits } from "../caps.ts";
import type { Grammar } from "./grammars.ts";

/** Preorder columns, as in `Tree`; tokens included. */
export interface SyntaxNodes {
  readonly type: readonly string[];
  readonly field: readonly string[];
  readonly start: readonly number[];
  readonly end: readonly number[];
  readonly line: readonly number[];
  readonly parent: readonly number[];
  readonly nextSibling: readonly number[];
  /** Whether this is a node of the normal form: named, and no comment. */
  readonly isNode: readonly boolean[];
  /** Whether white space between the parts counts: inside strings and what is like them. */
  readonly isVerbatim: readonly boolean[];
}

const comments = new Set(["comment", "line_comment", "block_comment", "js_comment"]);
const verbatim =
  /string|heredoc|nowdoc|regex|expansion$|^(?:subshell|shell_command_expression|text)$/;

/** All nodes below and with `root`. */
export function collectSyntax(
  root: Node,
  text: string,
  grammar: Grammar,
  limits: Limits,
): SyntaxNodes | { readonly reason: EscalationReason } {
  const collector = createCollector(text, grammar);
  const cursor = root.walk();
  const path: number[] = [];
  try {
    for (let node = 0; ; node++) {
      if (node >= limits.maxNodes) return { reason: "too-large" };
      if (path.length >= limits.maxDepth) return { reason: "too-deep" };
      if (node % 4096 === 0 && limits.isOver()) return { reason: "timeout" };
      const isOpen = collector.add(cursor, path.at(-1) ?? -1);
      if (isOpen && cursor.gotoFirstChild()) {
        path.push(node);
        continue;
      }
      while (!cursor.gotoNextSibling()) {
        if (path.pop() === undefined || !cursor.gotoParent()) return collector.columns;
      }
    }
  } finally {
    cursor.delete();
  }
}

/** Adds nodes in preorder; `add` answers whether there may be something to add below. */
function createCollector(text: string, grammar: Grammar) {
  const columns = {
    type: [] as string[],
    field: [] as string[],
    start: [] as number[],
    end: [] as number[],
    line: [] as number[],
    parent: [] as number[],
    nextSibling: [] as number[],
    isNode: [] as boolean[],
    isVerbatim: [] as boolean[],
  };
  const lastChild = new Map<number, number>();
  const isCgo = grammar.file === "go" && /\bimport\b[^;]*"C"/.test(text);
  const add = (cursor: TreeCursor, parent: number): boolean => {
    const node = columns.type.length;
    const type = cursor.nodeType;
    const [start, end] = parent < 0 ? [0, text.length] : [cursor.startIndex, cursor.endIndex];
    const isComment = comments.has(type);
    const isDirective =
      isComment && (isCgo || (grammar.directive?.test(text.slice(start, end)) ?? false));
    const isNode = (cursor.nodeIsNamed && !isComment) || isDirective;
    columns.type.push(isDirective ? "directive_comment" : type);
    columns.field.push(cursor.currentFieldName ?? "");
    columns.start.push(start);
    columns.end.push(end);
    columns.line.push(cursor.startPosition.row + 1);
    columns.parent.push(parent);
    columns.nextSibling.push(-1);
    columns.isNode.push(isNode);
    columns.isVerbatim.push(Boolean(columns.isVerbatim[parent]) || (isNode && verbatim.test(type)));
    const before = lastChild.get(parent);
    if (before !== undefined) columns.nextSibling[before] = node;
    lastChild.set(parent, node);
    // Below a comment or a token there is nothing that its text does not hold.
    return isNode && !isDirective;
  };
  return { columns, add };
}

/** What stands between the children of a node: a token's text, or `child`. */
type Item = string | typeof child;
const child = Symbol("child");

/** The tokens of a node in their order among the children; of a leaf, its text. */
export function nodeLabel(nodes: SyntaxNodes, node: number, text: string): string {
  const isParent = nodes.parent[node + 1] === node;
  const [start = 0, end = 0] = [nodes.start[node], nodes.end[node]];
  const isVerbatim = nodes.isVerbatim[node];
  if (!isParent) return isVerbatim ? text.slice(start, end) : text.slice(start, end).trim();
  const items: Item[] = [];
  const add = (from: number, to: number): void => {
    const between = text.slice(from, to);
    const token = isVerbatim ? between : between.replace(/[\s\uFEFF]+/g, " ").trim();
    if (token !== "") items.push(token);
  };
  let at = start;
  for (let part = node + 1; part >= 0; part = nodes.nextSibling[part] ?? -1) {
    const [from = 0, to = 0] = [nodes.start[part], nodes.end[part]];
    add(at, from);
    if (nodes.isNode[part]) items.push(child);
    else if (!comments.has(nodes.type[part] ?? "")) add(from, to);
    at = Math.max(at, to);
  }
  add(at, end);
  return patternOf(items, nodes.type[node] ?? "");
}

/** Lists in which a comma after the last element says nothing. A tuple is none of them. */
const commaLists =
  /^(?:argument_list|arguments|parameters|lambda_parameters|parameter_list|formal_parameters|list|dictionary|set|array|hash|literal_value|initializer_list|array_initializer|array_creation_expression|array_expression|field_declaration_list|field_initializer_list|enum_variant_list|enumerator_list|use_list|import_list|type_parameters)$/;
const brackets = new Set(["()", "[]", "{}"]);

/**
 * The items in writing. A run of children is written the same however long it is, as long as the
 * number of children then tells where each stands: so a statement added does not change its block.
 */
function patternOf(items: readonly Item[], type: string): string {
  if (items.every((item) => item === child)) return "";
  const [open = "", ...inner] = items;
  const close = inner.pop() ?? "";
  const isBracketed =
    typeof open === "string" && typeof close === "string" && brackets.has(open + close);
  if (isBracketed && commaLists.test(type) && isCommaList(inner)) return `${open}…,${close}`;
  if (isBracketed && inner.every((item) => item === child)) return `${open}…${close}`;
  const runs = runsOf(items);
  const isShort = runs.filter((run) => typeof run !== "string" && run.count > 1).length <= 1;
  return isShort
    ? runs.map((run) => (typeof run === "string" ? written(run) : run.sign)).join(" ")
    : items.map((item) => (item === child ? "·" : written(item))).join(" ");
}

function isCommaList(items: readonly Item[]): boolean {
  return items.every((item, at) => item === (at % 2 === 0 ? child : ","));
}

interface Run {
  readonly count: number;
  readonly sign: string;
}

/** Children side by side, or with one comma between each, become one run. */
function runsOf(items: readonly Item[]): (string | Run)[] {
  const runs: (string | Run)[] = [];
  let at = 0;
  while (at < items.length) {
    const item = items[at];
    if (typeof item === "string") {
      runs.push(item);
      at++;
      continue;
    }
    const step = items[at + 1] === "," && items[at + 2] === child ? 2 : 1;
    let count = 1;
    while (items[at + step] === child && (step === 1 || items[at + 1] === ",")) {
      at += step;
      count++;
    }
    runs.push({ count, sign: count === 1 ? "·" : step === 2 ? "…," : "…" });
    at++;
  }
  return runs;
}

/** A token that could be taken for a sign of the pattern, or for two tokens, is quoted. */
function written(token: string): string {
  return /^[^\s"·…]+$/.test(token) ? token : JSON.stringify(token);
}
