/**
 * Reads a parser's tree into the normal form: one pass, one stack of its own, no object per node.
 * Everything a formatter may change without changing the program is made the same here, and nothing
 * else. What is not in the node table stops the reading: it is never skipped.
 */
import type { EscalationReason, Limits } from "./caps.ts";
import type { KindTable } from "./kind-table.ts";
import { LabelKinds } from "./label-kinds.ts";
import { directiveLabel, jsxText, literalLabel, templateLabel } from "./node-labels.ts";
import {
  childRule,
  directiveSpec,
  holeSpec,
  leafForm,
  nameSpec,
  nodeTable,
  ownRule,
} from "./node-table.ts";
import type { NodeSpec, Slot } from "./node-table.ts";
import type { SyntaxNode } from "./parsers.ts";
import { lineStartsOf } from "./source-lines.ts";
import { TreeWriter } from "./tree-writer.ts";
import type { Tree } from "./tree.ts";

export type ReadSyntax = (
  program: SyntaxNode,
  text: string,
  limits: Limits,
) => Tree | EscalationReason;

const blockSpec = specOf("BlockStatement");
const rawSpec = specOf("RawTemplateElement");
const logicalSpec = specOf("LogicalExpression");
const exportFromSpec = specOf("ExportFromSpecifier");

const hole: SyntaxNode = { type: "Hole" };

function specOf(type: string): NodeSpec {
  const spec = nodeTable.get(type);
  if (!spec) throw new Error(`not in the node table: ${type}`);
  return spec;
}

/** Reads trees whose nodes get their numbers from one kind table. */
export function createSyntaxReader(kinds: KindTable): ReadSyntax {
  const labels = new LabelKinds(kinds);
  return (program, text, limits) => new SyntaxWalk(text, limits, labels).run(program);
}

/** One reading of one file. A class because the stack and the columns belong together. */
class SyntaxWalk {
  readonly #text: string;
  readonly #limits: Limits;
  readonly #labels: LabelKinds;
  readonly #writer: TreeWriter;
  readonly #nodes: SyntaxNode[] = [];
  /** Role and rule of each node on the stack, and its parent. */
  readonly #places: number[] = [];
  readonly #parents: number[] = [];
  #isUnknown = false;

  constructor(text: string, limits: Limits, labels: LabelKinds) {
    this.#text = text;
    this.#limits = limits;
    this.#labels = labels;
    // Real files have one node in 5 to 20 characters; columns grow for the rest.
    this.#writer = new TreeWriter(labels.kinds, text.length / 6);
  }

  run(program: SyntaxNode): Tree | EscalationReason {
    const { maxNodes, maxDepth } = this.#limits;
    const nodes = this.#nodes;
    const places = this.#places;
    const parents = this.#parents;
    this.#push(program, 0, childRule.plain, -1);
    let steps = 0;
    for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
      const place = places.pop() ?? 0;
      this.#visit(node, place >> 4, place & 15, parents.pop() ?? -1);
      if (this.#isUnknown) return "unknown-node";
      if ((++steps & 4095) !== 0) continue;
      if (this.#writer.length > maxNodes) return "too-large";
      if (this.#limits.isOver()) return "timeout";
    }
    if (this.#writer.length > maxNodes) return "too-large";
    if (this.#writer.depth() > maxDepth) return "too-deep";
    return this.#writer.finish(({ start }) => linesOf(start, this.#text));
  }

  #push(node: SyntaxNode, role: number, rule: number, parent: number): void {
    this.#nodes.push(node);
    this.#places.push(role * 16 + rule);
    this.#parents.push(parent);
  }

  #add(node: SyntaxNode, parent: number, kind: number): number {
    const range = node["range"] as readonly [number, number] | undefined;
    if (range) return this.#writer.add(parent, kind, range[0], range[1]);
    return this.#writer.add(parent, kind, node["start"] as number, node["end"] as number);
  }

  #visit(node: SyntaxNode, role: number, rule: number, parent: number): void {
    const type = node.type;
    if (rule !== childRule.plain && this.#isReadByRule(node, type, role, rule, parent)) return;
    const spec = rule === childRule.exportFrom ? exportFromSpec : nodeTable.get(type);
    if (!spec || !this.#isFullyKnown(node, spec)) return this.#stop();
    if (spec.own !== ownRule.none && this.#isReadWhole(node, spec, role, parent)) return;
    const kind =
      spec.leaf === leafForm.none
        ? this.#labels.ofLabels(spec, role, node, extraLabel(node, spec, this.#text))
        : this.#leafKind(node, spec, role, rule);
    const index = this.#add(node, parent, kind);
    const isComputed = spec.hasNames && node["computed"] === true;
    for (const slot of spec.slots) this.#pushSlot(node, slot, rule, isComputed, index);
  }

  /** What the rule of the type makes of a node; whether that was all there is to read. */
  #isReadWhole(node: SyntaxNode, spec: NodeSpec, role: number, parent: number): boolean {
    switch (spec.own) {
      case ownRule.bar: {
        const only = onlyType(node);
        if (only) this.#push(only, role, childRule.plain, parent);
        return only !== undefined;
      }
      case ownRule.directive: {
        const text = node["directive"];
        if (typeof text !== "string") return false;
        this.#add(node, parent, this.#labels.ofText(directiveSpec, role, directiveLabel(text)));
        return true;
      }
      case ownRule.logical: {
        const kind = this.#labels.ofLabels(spec, role, node, "");
        this.#pushOperands(node, this.#add(node, parent, kind));
        return true;
      }
      default:
        return false;
    }
  }

  #stop(): void {
    this.#isUnknown = true;
  }

  /** What the rule of the slot makes of a node; whether that was all there is to read. */
  #isReadByRule(
    node: SyntaxNode,
    type: string,
    role: number,
    rule: number,
    parent: number,
  ): boolean {
    switch (rule) {
      case childRule.statement:
        return type === "EmptyStatement";
      case childRule.rendered:
        return isUnrendered(node);
      case childRule.body: {
        if (type === "BlockStatement") return false;
        const block = this.#add(node, parent, this.#labels.ofText(blockSpec, role, ""));
        if (type !== "EmptyStatement") this.#push(node, 0, childRule.plain, block);
        return true;
      }
      case childRule.hole:
        this.#writer.add(parent, this.#labels.ofText(holeSpec, role, ""), -1, -1);
        return true;
      case childRule.name: {
        const name = nameOf(node, type);
        if (name === undefined) return false;
        this.#add(node, parent, this.#labels.ofText(nameSpec, role, name));
        return true;
      }
      default:
        return false;
    }
  }

  /** The kind of a node whose label is its text. */
  #leafKind(node: SyntaxNode, spec: NodeSpec, role: number, rule: number): number {
    const labels = this.#labels;
    switch (spec.leaf) {
      case leafForm.identifier: {
        const name = node["name"] as string;
        return labels.ofText(spec, role, node["optional"] ? `${name}?` : name);
      }
      case leafForm.name:
        return labels.ofText(spec, role, String(node["name"]));
      case leafForm.literal: {
        const value = node["value"];
        if (typeof value !== "string") return labels.ofText(spec, role, literalLabel(node));
        const text = rule === childRule.attribute ? value.replace(/\r\n?/g, "\n") : value;
        return labels.ofString(spec, role, text);
      }
      case leafForm.template:
        return rule === childRule.raw
          ? labels.ofText(rawSpec, role, templateLabel(node, true))
          : labels.ofText(spec, role, templateLabel(node, false));
      default:
        return labels.ofText(spec, role, jsxText(String(node["raw"])));
    }
  }

  #pushSlot(
    from: SyntaxNode,
    slot: Slot,
    parentRule: number,
    isComputed: boolean,
    parent: number,
  ): void {
    const value = from[slot.key];
    if (!value) {
      if (slot.isRequired) this.#stop();
      return;
    }
    let rule = slot.rule;
    if (rule === childRule.name && isComputed) rule = childRule.plain;
    if (!slot.isList) {
      if (Array.isArray(value)) return this.#stop();
      return this.#push(value as SyntaxNode, slot.role, rule, parent);
    }
    if (!Array.isArray(value)) return this.#stop();
    if (value.length === 0) return;
    this.#pushList(value, slot, listRule(from, slot, parentRule), parent);
  }

  #pushList(items: readonly unknown[], slot: Slot, rule: number, parent: number): void {
    for (let at = items.length - 1; at >= 0; at--) {
      const item = items[at];
      if (item) this.#push(item as SyntaxNode, slot.role, rule, parent);
      else if (slot.rule === childRule.hole) this.#push(hole, slot.role, childRule.hole, parent);
      else return this.#stop();
    }
  }

  #pushOperands(chain: SyntaxNode, parent: number): void {
    // Left to right, since the operator is associative; the stack wants them the other way round.
    const stack: unknown[] = [chain["left"], chain["right"]];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      const operand = node as SyntaxNode;
      const isSame =
        operand.type === "LogicalExpression" && operand["operator"] === chain["operator"];
      if (isSame && !this.#isFullyKnown(operand, logicalSpec)) return this.#stop();
      if (isSame) stack.push(operand["left"], operand["right"]);
      else this.#push(operand, 0, childRule.plain, parent);
    }
  }

  /** Whether every property of the node that holds something is in the table. */
  #isFullyKnown(node: SyntaxNode, spec: NodeSpec): boolean {
    const seen = (this.#labels.seen[spec.index] ??= []);
    let at = 0;
    for (const property in node) {
      // Nodes of a type nearly always have the same properties in the same order.
      if (property !== seen[at]) {
        if (!spec.known.has(property)) {
          const value = node[property];
          const isEmpty = Array.isArray(value) ? value.length === 0 : !value;
          if (!isEmpty) return false;
          continue;
        }
        seen[at] = property;
      }
      at++;
    }
    return true;
  }
}

/** A key is the same key quoted or not; a number is the key it is turned into. */
function nameOf(node: SyntaxNode, type: string): string | undefined {
  if (type === "Identifier") {
    const { decorators, name } = node;
    const isBare = !Array.isArray(decorators) || decorators.length === 0;
    return isBare ? String(name) : undefined;
  }
  const { value } = node;
  if (type !== "Literal") return undefined;
  return typeof value === "string" || typeof value === "number" || typeof value === "bigint"
    ? String(value)
    : undefined;
}

function listRule(from: SyntaxNode, slot: Slot, parentRule: number): number {
  if (slot.rule === childRule.hole) return childRule.plain;
  if (parentRule === childRule.tagged && slot.key === "quasis") return childRule.raw;
  if (slot.key === "specifiers" && from.type === "ExportNamedDeclaration" && from["source"])
    return childRule.exportFrom;
  return slot.rule;
}

/** The one type of a union or intersection of one: a leading `|` says nothing. */
function onlyType(node: SyntaxNode): SyntaxNode | undefined {
  const types = node["types"];
  return Array.isArray(types) && types.length === 1 ? (types[0] as SyntaxNode) : undefined;
}

/** What JSX does not render: blank text, a comment. */
function isUnrendered(node: SyntaxNode): boolean {
  if (node.type === "JSXText") return jsxText(String(node["raw"])) === "";
  const inner = node["expression"] as SyntaxNode | undefined;
  return node.type === "JSXExpressionContainer" && inner?.type === "JSXEmptyExpression";
}

/** What the label says beside the flags of the node. */
function extraLabel(node: SyntaxNode, spec: NodeSpec, text: string): string {
  if (spec.own === ownRule.property) {
    // `{__proto__}` makes a property where `{__proto__: __proto__}` sets the prototype.
    const key = node["key"] as SyntaxNode | undefined;
    return node["shorthand"] === true && key?.["name"] === "__proto__" ? "shorthand" : "";
  }
  return spec.own === ownRule.import && hasEmptyBraces(node, text) ? "braces" : "";
}

/** TypeScript drops `import {} from "x"` and keeps `import "x"`; the syntax tree does not tell them apart. */
function hasEmptyBraces(node: SyntaxNode, text: string): boolean {
  const { specifiers, source } = node;
  if (Array.isArray(specifiers) && specifiers.length > 0) return false;
  const start = startOf(node);
  const end = startOf(source as SyntaxNode);
  return text.slice(start, end).includes("{");
}

function startOf(node: SyntaxNode): number {
  const range = node["range"] as readonly [number, number] | undefined;
  return range ? range[0] : (node["start"] as number);
}

/** The line of each offset, from 1; 0 where there is no offset. */
function linesOf(starts: Int32Array, text: string): Int32Array {
  const lineStarts = lineStartsOf(text);
  const lines = new Int32Array(starts.length);
  let line = 0;
  for (const [node, start] of starts.entries()) {
    if (start < 0) continue;
    // Nodes come nearly in the order of the text.
    while ((lineStarts[line + 1] ?? Infinity) <= start) line++;
    while ((lineStarts[line] ?? 0) > start) line--;
    lines[node] = line + 1;
  }
  return lines;
}
