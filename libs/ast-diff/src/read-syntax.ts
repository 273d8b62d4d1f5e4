/**
 * Reads a parser's tree into the normal form: one pass, one stack of its own, no object per node.
 * Everything a formatter may change without changing the program is made the same here, and nothing
 * else. What is not in the node table stops the reading: it is never skipped.
 */
import type { EscalationReason, Limits } from "./caps.ts";
import type { KindTable } from "./kind-table.ts";
import { LabelKinds } from "./label-kinds.ts";
import { LikeText } from "./like-text.ts";
import type { ReadText } from "./like-text.ts";
import { directiveLabel, jsxText, literalLabel, templateLabel } from "./node-labels.ts";
import { exportFromReader, isFullyKnown, readerOf, specOf } from "./node-readers.ts";
import type { Walk } from "./node-readers.ts";
import {
  childRule,
  directiveSpec,
  holeSpec,
  leafForm,
  nameSpec,
  ownRule,
  roleNames,
} from "./node-table.ts";
import type { NodeSpec } from "./node-table.ts";
import type { SyntaxNode } from "./parsers.ts";
import { linesOf } from "./source-lines.ts";
import { TreeWriter } from "./tree-writer.ts";
import type { Tree } from "./tree.ts";

/**
 * `like`: a tree this reader gave for another text of the same path, read by the same parser.
 * What both texts have in common is then taken from it; the result is the same.
 */
export type ReadSyntax = (
  program: SyntaxNode,
  text: string,
  limits: Limits,
  like?: Tree,
) => Tree | EscalationReason;

const blockSpec = specOf("BlockStatement");
const rawSpec = specOf("RawTemplateElement");
const logicalSpec = specOf("LogicalExpression");

const hole: SyntaxNode = { type: "Hole" };

/** Reads trees whose nodes get their numbers from one kind table. */
export function createSyntaxReader(kinds: KindTable): ReadSyntax {
  const known = new WeakMap<Tree, ReadText>();
  return (program, text, limits, like) => {
    // Labels anew for each file: in one file a name is nearly always one string, which is found by
    // its address; the equal string of another file would be compared letter by letter.
    const walk = new SyntaxWalk(text, limits, new LabelKinds(kinds));
    const goal = program["sourceType"];
    const read = like && known.get(like);
    const tree = walk.run(program, read?.goal === goal ? read : undefined);
    if (typeof tree !== "string") known.set(tree, { tree, text, goal });
    return tree;
  };
}

/** One reading of one file. A class because the stack and the columns belong together. */
class SyntaxWalk implements Walk {
  readonly labels: LabelKinds;
  readonly #text: string;
  readonly #limits: Limits;
  readonly #writer: TreeWriter;
  readonly #nodes: SyntaxNode[] = [];
  /** Role and rule of each node on the stack, and its parent. */
  readonly #places: number[] = [];
  readonly #parents: number[] = [];
  #like: LikeText | undefined;
  #isUnknown = false;

  constructor(text: string, limits: Limits, labels: LabelKinds) {
    this.#text = text;
    this.#limits = limits;
    this.labels = labels;
    // Real files have one node in 5 to 20 characters; columns grow for the rest.
    this.#writer = new TreeWriter(labels.kinds, text.length / 5);
  }

  run(program: SyntaxNode, like: ReadText | undefined): Tree | EscalationReason {
    if (like) this.#like = new LikeText(like, this.#text);
    const { maxNodes, maxDepth } = this.#limits;
    const nodes = this.#nodes;
    const places = this.#places;
    const parents = this.#parents;
    this.push(program, childRule.plain, -1);
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
    const text = this.#text;
    const tree = this.#writer.finish(({ start }) => linesOf(start, text));
    return this.#writer.depth > maxDepth ? "too-deep" : tree;
  }

  push(node: SyntaxNode, place: number, parent: number): void {
    this.#nodes.push(node);
    this.#places.push(place);
    this.#parents.push(parent);
  }

  pushHole(place: number, parent: number): void {
    this.push(hole, place, parent);
  }

  add(parent: number, kind: number, start: number, end: number): number {
    const node = this.#writer.add(parent, kind, start, end);
    this.#like?.follow(node, parent, kind);
    return node;
  }

  #addNode(node: SyntaxNode, parent: number, kind: number): number {
    return this.add(parent, kind, startOf(node), endOf(node));
  }

  /** As `addNode`, for names alone: a function that meets few shapes of object reads them sooner. */
  #addName(node: SyntaxNode, parent: number, kind: number): number {
    const range = node["range"] as readonly [number, number] | undefined;
    return range
      ? this.add(parent, kind, range[0], range[1])
      : this.add(parent, kind, node["start"] as number, node["end"] as number);
  }

  /** Takes a statement over from the like tree; whether it is there. */
  #isTakenOver(node: SyntaxNode, type: string, role: number, parent: number): boolean {
    const like = this.#like;
    if (!like?.hasTwin(parent)) return false;
    const start = startOf(node);
    const found = like.equalTo(parent, type, roleNames[role] ?? "", start, endOf(node));
    if (found >= 0) this.#writer.addCopy(parent, like.tree, found, start);
    return found >= 0;
  }

  #visit(node: SyntaxNode, role: number, rule: number, parent: number): void {
    const type = node.type;
    if (rule !== childRule.plain && this.#isReadByRule(node, type, role, rule, parent)) return;
    const read = rule === childRule.exportFrom ? exportFromReader : readerOf(type);
    if (read) read(node, role, rule, parent, this);
    else this.stop();
  }

  isReadWhole(node: SyntaxNode, spec: NodeSpec, role: number, parent: number): boolean {
    switch (spec.own) {
      case ownRule.bar: {
        const only = onlyType(node);
        if (only) this.push(only, role * 16, parent);
        return only !== undefined;
      }
      case ownRule.directive: {
        const text = node["directive"];
        if (typeof text !== "string") return false;
        this.#addNode(node, parent, this.labels.ofText(directiveSpec, role, directiveLabel(text)));
        return true;
      }
      case ownRule.logical: {
        const kind = this.labels.ofLabels(spec, role, node, "");
        this.#pushOperands(node, this.#addNode(node, parent, kind));
        return true;
      }
      default:
        return false;
    }
  }

  stop(): void {
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
        return type === "EmptyStatement" || this.#isTakenOver(node, type, role, parent);
      case childRule.rendered:
        return isUnrendered(node);
      case childRule.body: {
        if (type === "BlockStatement") return false;
        const block = this.#addNode(node, parent, this.labels.ofText(blockSpec, role, ""));
        if (type !== "EmptyStatement") this.push(node, childRule.plain, block);
        return true;
      }
      case childRule.hole:
        this.add(parent, this.labels.ofText(holeSpec, role, ""), -1, -1);
        return true;
      case childRule.name: {
        const name = nameOf(node, type);
        if (name === undefined) return false;
        this.#addName(node, parent, this.labels.ofText(nameSpec, role, name));
        return true;
      }
      default:
        return false;
    }
  }

  extraLabel(node: SyntaxNode, spec: NodeSpec): string {
    return extraOf(node, spec, this.#text);
  }

  /** The kind of a node whose label is its text. */
  leafKind(node: SyntaxNode, spec: NodeSpec, role: number, rule: number): number {
    const labels = this.labels;
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

  #pushOperands(chain: SyntaxNode, parent: number): void {
    // Left to right, since the operator is associative; the stack wants them the other way round.
    const stack: unknown[] = [chain["left"], chain["right"]];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      const operand = node as SyntaxNode;
      const isSame =
        operand.type === "LogicalExpression" && operand["operator"] === chain["operator"];
      if (isSame && !isFullyKnown(operand, logicalSpec)) return this.stop();
      if (isSame) stack.push(operand["left"], operand["right"]);
      else this.push(operand, childRule.plain, parent);
    }
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
function extraOf(node: SyntaxNode, spec: NodeSpec, text: string): string {
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

function endOf(node: SyntaxNode): number {
  const range = node["range"] as readonly [number, number] | undefined;
  return range ? range[1] : (node["end"] as number);
}
