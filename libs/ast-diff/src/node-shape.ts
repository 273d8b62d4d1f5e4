/**
 * Reads one syntax node into the shape it has in the normal form. Everything a formatter may
 * change without changing the program is made the same here, and nothing else.
 */
import { nodeTable } from "./node-table.ts";
import type { NodeSpec } from "./node-table.ts";
import { isSyntaxNode } from "./parsers.ts";
import type { SyntaxNode } from "./parsers.ts";

export interface Child {
  readonly node: SyntaxNode;
  readonly role: string;
}

/** `undefined` in place of a shape: the node, or something filled in it, is unknown. */
export interface Shape {
  readonly type: string;
  readonly label: string;
  readonly children: readonly Child[];
}

/** The slots that hold a name and not a variable, by node type. */
const nameSlots: Readonly<Record<string, readonly string[]>> = {
  AccessorProperty: ["key"],
  BreakStatement: ["label"],
  ContinueStatement: ["label"],
  ExportAllDeclaration: ["exported"],
  ExportFromSpecifier: ["local", "exported"],
  ExportSpecifier: ["exported"],
  ImportAttribute: ["key"],
  ImportSpecifier: ["imported"],
  LabeledStatement: ["label"],
  MemberExpression: ["property"],
  MetaProperty: ["meta", "property"],
  MethodDefinition: ["key"],
  Property: ["key"],
  PropertyDefinition: ["key"],
  TSAbstractAccessorProperty: ["key"],
  TSAbstractMethodDefinition: ["key"],
  TSAbstractPropertyDefinition: ["key"],
  TSEnumMember: ["id"],
  TSMethodSignature: ["key"],
  TSNamedTupleMember: ["label"],
  TSPropertySignature: ["key"],
  TSQualifiedName: ["right"],
};

const statementLists: ReadonlySet<string> = new Set([
  "Program.body",
  "BlockStatement.body",
  "StaticBlock.body",
  "TSModuleBlock.body",
  "SwitchCase.consequent",
]);

const bodySlots: ReadonlySet<string> = new Set([
  "IfStatement.consequent",
  "IfStatement.alternate",
  "ForStatement.body",
  "ForInStatement.body",
  "ForOfStatement.body",
  "WhileStatement.body",
  "DoWhileStatement.body",
  "WithStatement.body",
]);

/** The shape of a node; `undefined` when it cannot be fully understood. `source` is the file's text. */
export function shapeOf(given: SyntaxNode, source: string): Shape | undefined {
  const node = rewrite(given);
  const leaf = leafShape(node);
  if (leaf) return leaf;
  const spec = nodeTable.get(node.type);
  if (!spec || !isFullyKnown(node, spec)) return undefined;
  const children: Child[] = [];
  for (const slot of spec.slots) {
    const found = slotNodes(node, slot.key);
    if (!found) return undefined;
    if (slot.isRequired && found.length !== 1) return undefined;
    for (const child of found) children.push({ node: child, role: slot.role });
  }
  return { type: node.type, label: labelText(node, spec, source), children };
}

/** Nodes that are read as another node. */
function rewrite(node: SyntaxNode): SyntaxNode {
  if (node.type === "LogicalExpression") return { ...node, operands: operandsOf(node) };
  if (node.type === "TSUnionType" || node.type === "TSIntersectionType") {
    // A leading `|` before a single type says nothing.
    const types = node["types"];
    if (Array.isArray(types) && types.length === 1 && isSyntaxNode(types[0]))
      return rewrite(types[0]);
  }
  if (node.type === "TaggedTemplateExpression" && isSyntaxNode(node["quasi"])) {
    // A tag sees the text as written, so inside it the spelling counts.
    const quasi = node["quasi"];
    const quasis = nodesIn(quasi["quasis"]).map((part) => ({
      ...part,
      type: "RawTemplateElement",
    }));
    return { ...node, quasi: { ...quasi, quasis } };
  }
  if (node.type === "ExportNamedDeclaration" && node["source"])
    return {
      ...node,
      specifiers: nodesIn(node["specifiers"]).map((part) => ({
        ...part,
        type: "ExportFromSpecifier",
      })),
    };
  return node;
}

/** The operands of a chain of one logical operator, which is associative, left to right. */
function operandsOf(chain: SyntaxNode): SyntaxNode[] {
  const operands: SyntaxNode[] = [];
  const stack: unknown[] = [chain];
  while (stack.length > 0) {
    const node = stack.pop();
    if (!isSyntaxNode(node)) continue;
    if (node.type === "LogicalExpression" && node["operator"] === chain["operator"])
      stack.push(node["right"], node["left"]);
    else operands.push(node);
  }
  return operands;
}

function leafShape(node: SyntaxNode): Shape | undefined {
  const leaf = (type: string, label: string): Shape => ({ type, label, children: [] });
  switch (node.type) {
    case "Name":
      return leaf("Name", String(node["name"]));
    case "Hole":
      return leaf("Hole", "");
    case "JSXText":
      return leaf("JSXText", jsxText(String(node["raw"])));
    case "JSXIdentifier":
    case "PrivateIdentifier":
      return leaf(node.type, String(node["name"]));
    case "Literal":
      return leaf("Literal", literalLabel(node));
    case "TemplateElement":
    case "RawTemplateElement":
      return leaf(node.type, templateText(node));
    case "ExpressionStatement":
      // An escape inside a directive switches it off, so beside the quotes the spelling counts.
      return typeof node["directive"] === "string"
        ? leaf("Directive", node["directive"].replace(/\\(["'])/g, "$1"))
        : undefined;
    default:
      return undefined;
  }
}

function literalLabel(node: SyntaxNode): string {
  const { regex, bigint, value } = node;
  if (typeof regex === "object" && regex !== null && "pattern" in regex && "flags" in regex)
    return `/${String(regex.pattern)}/${String(regex.flags).split("").toSorted().join("")}`;
  if (typeof bigint === "string") return `${bigint}n`;
  if (typeof value === "string") return JSON.stringify(value);
  return String(value);
}

function templateText(node: SyntaxNode): string {
  const value = node["value"];
  if (typeof value !== "object" || value === null) return "";
  const cooked = "cooked" in value ? value.cooked : undefined;
  const raw = "raw" in value ? String(value.raw) : "";
  // Line ends in the source count as one newline in both readings.
  if (node.type === "RawTemplateElement" || typeof cooked !== "string")
    return `raw ${raw.replace(/\r\n?/g, "\n")}`;
  return JSON.stringify(cooked);
}

/** Text between tags, as the JSX transform reads it: lines trimmed, blank ones dropped, joined by a space. */
function jsxText(raw: string): string {
  const lines = raw.split(/\r\n?|\n/);
  const last = lines.length - 1;
  const kept = lines.map((line, at) => trimBlanks(line, at > 0, at < last));
  return kept.filter((line) => line !== "").join(" ");
}

/** By hand: a pattern anchored at the end takes quadratic time on a long run of spaces. */
function trimBlanks(line: string, atStart: boolean, atEnd: boolean): string {
  const isBlank = (at: number) => line[at] === " " || line[at] === "\t";
  let [start, end] = [0, line.length];
  while (atStart && start < end && isBlank(start)) start++;
  while (atEnd && end > start && isBlank(end - 1)) end--;
  return line.slice(start, end);
}

function isFullyKnown(node: SyntaxNode, spec: NodeSpec): boolean {
  for (const [property, value] of Object.entries(node)) {
    if (spec.known.has(property)) continue;
    const isEmpty = Array.isArray(value) ? value.length === 0 : !value;
    if (!isEmpty) return false;
  }
  return true;
}

function labelText(node: SyntaxNode, spec: NodeSpec, source: string): string {
  if (node.type === "Identifier") return `${String(node["name"])}${node["optional"] ? "?" : ""}`;
  const parts: string[] = [];
  for (const key of spec.labels) {
    const value = node[key];
    if (value === true) parts.push(key);
    else if (typeof value === "string") parts.push(`${key}=${value}`);
  }
  if (isProtoShorthand(node)) parts.push("shorthand");
  if (hasEmptyBraces(node, source)) parts.push("braces");
  return parts.join(" ");
}

/** `{__proto__}` makes a property where `{__proto__: __proto__}` sets the prototype. */
function isProtoShorthand(node: SyntaxNode): boolean {
  const key = node["key"];
  return node["shorthand"] === true && isSyntaxNode(key) && key["name"] === "__proto__";
}

/** TypeScript drops `import {} from "x"` and keeps `import "x"`; the syntax tree does not tell them apart. */
function hasEmptyBraces(node: SyntaxNode, source: string): boolean {
  if (node.type !== "ImportDeclaration" || nodesIn(node["specifiers"]).length > 0) return false;
  const start = rangeOf(node)?.[0];
  const end = isSyntaxNode(node["source"]) ? rangeOf(node["source"])?.[0] : undefined;
  return start === undefined || end === undefined || source.slice(start, end).includes("{");
}

function rangeOf(node: SyntaxNode): readonly number[] | undefined {
  const range = node["range"];
  return Array.isArray(range) ? range.filter((edge) => typeof edge === "number") : undefined;
}

function nodesIn(value: unknown): SyntaxNode[] {
  return Array.isArray(value) ? value.filter(isSyntaxNode) : [];
}

/** The nodes in one slot, after the rules for that slot; `undefined` when it holds something else. */
function slotNodes(node: SyntaxNode, key: string): readonly SyntaxNode[] | undefined {
  const nodes = rawSlot(node[key], key);
  if (!nodes) return undefined;
  const place = `${node.type}.${key}`;
  if (statementLists.has(place)) return nodes.filter((entry) => entry.type !== "EmptyStatement");
  if (bodySlots.has(place)) return nodes.map(inBraces);
  if (place === "JSXElement.children" || place === "JSXFragment.children")
    return nodes.filter(isRendered);
  if (place === "JSXAttribute.value") return nodes.map(attributeValue);
  if (nameSlots[node.type]?.includes(key) && node["computed"] !== true) return nodes.map(asName);
  return nodes;
}

function rawSlot(value: unknown, key: string): SyntaxNode[] | undefined {
  const items: readonly unknown[] = Array.isArray(value) ? value : value ? [value] : [];
  const nodes: SyntaxNode[] = [];
  for (const item of items) {
    if (item === null && key === "elements") nodes.push({ type: "Hole" });
    else if (isSyntaxNode(item)) nodes.push(item);
    else return undefined;
  }
  return nodes;
}

function inBraces(statement: SyntaxNode): SyntaxNode {
  return statement.type === "BlockStatement"
    ? statement
    : { type: "BlockStatement", body: [statement], loc: statement["loc"] };
}

function isRendered(child: SyntaxNode): boolean {
  if (child.type === "JSXText") return jsxText(String(child["raw"])) !== "";
  const inner = child["expression"];
  return !(
    child.type === "JSXExpressionContainer" &&
    isSyntaxNode(inner) &&
    inner.type === "JSXEmptyExpression"
  );
}

function attributeValue(node: SyntaxNode): SyntaxNode {
  if (node.type !== "Literal" || typeof node["value"] !== "string") return node;
  return { ...node, value: node["value"].replace(/\r\n?/g, "\n") };
}

/** A key is the same key quoted or not; a number is the key it is turned into. */
function asName(node: SyntaxNode): SyntaxNode {
  if (node.type === "Identifier" && nodesIn(node["decorators"]).length === 0)
    return { type: "Name", name: node["name"], loc: node["loc"] };
  if (node.type === "Literal" && /^(string|number|bigint)$/.test(typeof node["value"]))
    return { type: "Name", name: String(node["value"]), loc: node["loc"] };
  return node;
}
