/**
 * One function per node type, written from the node table and compiled once per process. A single
 * function for all types would meet every shape of object at every property it reads, which costs
 * several times the rest of the reading; in a function of its own each property has one place. The
 * text is made of the table alone: nothing of a file that is read takes part in it.
 */
import { compileFunction } from "node:vm";
import type { LabelKinds } from "./label-kinds.ts";
import { childRule, leafForm, nodeTable, ownRule } from "./node-table.ts";
import type { NodeSpec, Slot } from "./node-table.ts";
import type { SyntaxNode } from "./parsers.ts";

/** What a reader may ask of the walk it takes part in. */
export interface Walk {
  readonly labels: LabelKinds;
  /** Leaves a node for later; `place` is 16 times its role and its rule. */
  readonly push: (node: SyntaxNode, place: number, parent: number) => void;
  /** The left out element of a list. */
  readonly pushHole: (place: number, parent: number) => void;
  readonly add: (parent: number, kind: number, start: number, end: number) => number;
  /** Ends the reading: something is not known. */
  readonly stop: () => void;
  /** What a rule of the type makes of the node; whether that was all there is to read. */
  readonly isReadWhole: (node: SyntaxNode, spec: NodeSpec, role: number, parent: number) => boolean;
  /** The kind of a leaf that is labelled by its text. */
  readonly leafKind: (node: SyntaxNode, spec: NodeSpec, role: number, rule: number) => number;
  /** What the label says beside the flags of the node. */
  readonly extraLabel: (node: SyntaxNode, spec: NodeSpec) => string;
}

/** Reads one node whose place asks nothing special of it. */
export type NodeReader = (
  node: SyntaxNode,
  role: number,
  rule: number,
  parent: number,
  walk: Walk,
) => void;

const readers = new Map<string, NodeReader>();

/** The reader of a type; `undefined` for a type that is not in the table. */
export function readerOf(type: string): NodeReader | undefined {
  const known = readers.get(type);
  if (known) return known;
  const spec = nodeTable.get(type);
  if (!spec) return undefined;
  const reader = compileReader(spec);
  readers.set(type, reader);
  return reader;
}

/** Whether every property of the node that holds something is in the table. */
export function isFullyKnown(node: SyntaxNode, spec: NodeSpec): boolean {
  for (const property in node)
    if (!spec.known.has(property) && isFilled(node[property])) return false;
  return true;
}

function isFilled(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

function compileReader(spec: NodeSpec): NodeReader {
  const body = [...knownCheck, ...ownReading(spec), ...kindOf(spec), placing, ...slotsOf(spec)];
  const text = `return function read${spec.type}(node, role, rule, parent, walk) {\n${body.join("\n")}\n}`;
  const make = compileFunction(text, ["spec", "order", "isFilled"]) as (
    spec: NodeSpec,
    order: string[],
    isFilled: (value: unknown) => boolean,
  ) => NodeReader;
  return make(spec, [], isFilled);
}

/** Nodes of a type nearly always have the same properties in the same order, the one last seen. */
const knownCheck = [
  "let at = 0;",
  "for (const property in node) {",
  "  if (property === order[at]) at++;",
  "  else if (spec.known.has(property)) order[at++] = property;",
  "  else if (isFilled(node[property])) return walk.stop();",
  "}",
];

function ownReading({ own }: NodeSpec): string[] {
  const isWhole = own === ownRule.bar || own === ownRule.directive || own === ownRule.logical;
  return isWhole ? ["if (walk.isReadWhole(node, spec, role, parent)) return;"] : [];
}

function kindOf({ leaf, labels, own }: NodeSpec): string[] {
  if (leaf === leafForm.identifier)
    return [
      'const name = node.optional ? node.name + "?" : node.name;',
      "const kind = walk.labels.ofText(spec, role, name);",
    ];
  if (leaf !== leafForm.none) return ["const kind = walk.leafKind(node, spec, role, rule);"];
  const hasExtra = own === ownRule.property || own === ownRule.import;
  const extra = hasExtra ? "walk.extraLabel(node, spec)" : '""';
  const codes = labels.map((key) => [
    `const ${key}_ = node.${key};`,
    `code = code * 64 + (${key}_ === true ? 1 : ${key}_ ? walk.labels.codeOf(${key}_) : 0);`,
  ]);
  return [
    `const extra = ${extra};`,
    "let code = extra.length;",
    ...codes.flat(),
    "const kind = walk.labels.ofCode(spec, role, code, node, extra);",
  ];
}

const placing = [
  "const range = node.range;",
  "const index = range",
  "  ? walk.add(parent, kind, range[0], range[1])",
  "  : walk.add(parent, kind, node.start, node.end);",
].join("\n");

function slotsOf(spec: NodeSpec): string[] {
  return spec.slots.flatMap((slot, at) =>
    slot.isList ? listSlot(spec, slot, `v${at}`) : singleSlot(spec, slot, `v${at}`),
  );
}

function singleSlot(spec: NodeSpec, { key, role, rule, isRequired }: Slot, name: string): string[] {
  const isName = rule === childRule.name && spec.labels.includes("computed");
  const place = isName
    ? `node.computed === true ? ${role * 16} : ${role * 16 + rule}`
    : role * 16 + rule;
  return [
    `const ${name} = node.${key};`,
    `if (${name}) walk.push(${name}, ${place}, index);`,
    ...(isRequired ? ["else return walk.stop();"] : []),
  ];
}

function listSlot(spec: NodeSpec, slot: Slot, name: string): string[] {
  const isHole = slot.rule === childRule.hole;
  const missing = isHole
    ? `walk.pushHole(${slot.role * 16 + slot.rule}, index)`
    : "return walk.stop()";
  return [
    `const ${name} = node.${slot.key};`,
    `if (${name}) {`,
    `  if (!Array.isArray(${name})) return walk.stop();`,
    `  if (${name}.length > 0) {`,
    `    const place = ${slot.role * 16} + ${listRule(spec, slot)};`,
    `    for (let k = ${name}.length - 1; k >= 0; k--) {`,
    `      if (${name}[k]) walk.push(${name}[k], place, index);`,
    `      else ${missing};`,
    "    }",
    "  }",
    "}",
  ];
}

/** The rule for the entries of a list, where it depends on what is around it. */
function listRule(spec: NodeSpec, slot: Slot): string {
  if (slot.rule === childRule.hole) return String(childRule.plain);
  if (slot.key === "quasis")
    return `(rule === ${childRule.tagged} ? ${childRule.raw} : ${slot.rule})`;
  if (slot.key === "specifiers" && spec.type === "ExportNamedDeclaration")
    return `(node.source ? ${childRule.exportFrom} : ${slot.rule})`;
  return String(slot.rule);
}

export const exportFromReader: NodeReader = compileReader(specOf("ExportFromSpecifier"));

/** The row of a type that is known to be in the table. */
export function specOf(type: string): NodeSpec {
  const spec = nodeTable.get(type);
  if (!spec) throw new Error(`not in the node table: ${type}`);
  return spec;
}
