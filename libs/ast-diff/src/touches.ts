/** What kinds of code a change adds or takes away, as counted sets of features. */
import { syntaxFeature } from "./languages/syntax-features.ts";
import { childrenOf, labelOf, sizeOf, typeOf } from "./tree.ts";
import type { Interner, Tree } from "./tree.ts";

export type FeatureKind =
  | "call"
  | "import"
  | "throw"
  | "condition"
  | "literal"
  | "member"
  | "try"
  | "type-escape"
  | "decorator";

export interface Feature {
  readonly kind: FeatureKind;
  readonly name: string;
  /** How many more the candidate has; negative when it has fewer. */
  readonly count: number;
}

const testPlaces: Readonly<Record<string, number>> = {
  IfStatement: 0,
  WhileStatement: 0,
  ConditionalExpression: 0,
  SwitchStatement: 0,
  DoWhileStatement: 1,
};

/** The features of which two versions of a file hold a different number. */
export function changedFeatures(
  base: Tree,
  candidate: Tree,
  interner: Interner,
  language: "script" | "other",
): Feature[] {
  const featureOf = language === "script" ? scriptFeature : syntaxFeature;
  const counts = new Map<string, { kind: FeatureKind; name: string; count: number }>();
  const count = (tree: Tree, step: number): void => {
    const ids = interner.idsOf(tree);
    for (let node = 0; node < tree.size.length; node++) {
      const found = featureOf(tree, node);
      if (!found) continue;
      // Calls are told by name, whatever their arguments; the rest by all that is in them.
      const isByName = found.kind === "call" || found.kind === "member";
      const key = `${found.kind} ${isByName ? found.name : ids[node]}`;
      const entry = counts.get(key) ?? { ...found, count: 0 };
      entry.count += step;
      counts.set(key, entry);
    }
  };
  count(base, -1);
  count(candidate, 1);
  return [...counts.values()].filter((entry) => entry.count !== 0);
}

function scriptFeature(tree: Tree, node: number): { kind: FeatureKind; name: string } | undefined {
  const parent = tree.parent[node] ?? -1;
  if (isTest(tree, node, parent)) return { kind: "condition", name: "" };
  switch (typeOf(tree, node)) {
    case "CallExpression":
    case "NewExpression":
    case "TaggedTemplateExpression":
      return callOf(tree, node);
    case "ImportDeclaration":
    case "ImportExpression":
    case "ExportAllDeclaration":
    case "TSExternalModuleReference":
    case "ExportNamedDeclaration":
      return importOf(tree, node);
    case "ThrowStatement":
      return { kind: "throw", name: "" };
    case "Literal":
    case "TemplateElement":
    case "RawTemplateElement":
    case "JSXText":
      return { kind: "literal", name: labelOf(tree, node) };
    case "MemberExpression":
      return { kind: "member", name: dottedName(tree, node) };
    case "TryStatement":
      return { kind: "try", name: "" };
    case "TSAnyKeyword":
    case "TSAsExpression":
    case "TSTypeAssertion":
    case "TSNonNullExpression":
      return { kind: "type-escape", name: typeOf(tree, node) };
    case "Decorator":
      return { kind: "decorator", name: "" };
    default:
      return undefined;
  }
}

function isTest(tree: Tree, node: number, parent: number): boolean {
  if (tree.role[node] === "test") return true;
  const place = testPlaces[typeOf(tree, parent)];
  if (place === undefined) return false;
  return place === 0 ? node === parent + 1 : node === parent + 1 + sizeOf(tree, parent + 1);
}

function callOf(tree: Tree, node: number): { kind: FeatureKind; name: string } {
  const [callee = node, argument = node] = childrenOf(tree, node);
  const name = dottedName(tree, callee);
  const isModule =
    (name === "require" || name === "import") && typeOf(tree, argument) === "Literal";
  return isModule
    ? { kind: "import", name: unquoted(labelOf(tree, argument)) }
    : { kind: "call", name };
}

function importOf(tree: Tree, node: number): { kind: FeatureKind; name: string } | undefined {
  const source = childrenOf(tree, node).find((child) => typeOf(tree, child) === "Literal");
  if (source !== undefined) return { kind: "import", name: unquoted(labelOf(tree, source)) };
  return typeOf(tree, node) === "ImportExpression"
    ? { kind: "import", name: "(computed)" }
    : undefined;
}

function unquoted(label: string): string {
  return label.replace(/^"|"$/g, "");
}

/** `a.b.c` of a chain of plain names; parts that are not plain names become `(…)`. */
function dottedName(tree: Tree, node: number): string {
  const names: string[] = [];
  let at = node;
  for (let level = 0; level < 8; level++) {
    const type = typeOf(tree, at);
    if (type === "ChainExpression" || type === "TSNonNullExpression") at++;
    else if (type === "MemberExpression") {
      const property = childrenOf(tree, at)[1] ?? -1;
      names.push(typeOf(tree, property) === "Name" ? labelOf(tree, property) : "(…)");
      at++;
    } else {
      const plain: Readonly<Record<string, string>> = { ThisExpression: "this", Super: "super" };
      names.push(type === "Identifier" ? labelOf(tree, at) : (plain[type] ?? "(…)"));
      break;
    }
  }
  return names.toReversed().join(".").slice(0, 120);
}
