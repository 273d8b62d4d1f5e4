/**
 * Lists the differences between two renders that no small ratio excuses. What is let through is
 * listed, not what is caught: a harmless rename, and types that leave no trace at run time.
 */
import type { Divergence, DivergenceCategory } from "./comparison.ts";
import { inverse } from "./distance.ts";
import { findRenames } from "./renames.ts";
import type { NamedTree } from "./renames.ts";
import { isSameNode, labelOf, parentOf, roleOf, typeOf } from "./tree.ts";
import type { Tree } from "./tree.ts";

/** Where a node stands, as bits. */
const inType = 1;
const inAssertion = 2;
const inTest = 4;
const inDecoratedClass = 8;

/** TypeScript syntax that is there at run time, or holds something that is. */
const runtimeTypes = new Set([
  "TSAsExpression",
  "TSSatisfiesExpression",
  "TSTypeAssertion",
  "TSNonNullExpression",
  "TSInstantiationExpression",
  "TSEnumDeclaration",
  "TSEnumBody",
  "TSEnumMember",
  "TSModuleDeclaration",
  "TSModuleBlock",
  "TSParameterProperty",
  "TSExportAssignment",
  "TSImportEqualsDeclaration",
  "TSExternalModuleReference",
  "TSNamespaceExportDeclaration",
  "TSEmptyBodyFunctionExpression",
  "TSAbstractAccessorProperty",
  "TSAbstractMethodDefinition",
  "TSAbstractPropertyDefinition",
]);

const typesByCategory: readonly (readonly [DivergenceCategory, string])[] = [
  [
    "operator",
    "BinaryExpression LogicalExpression AssignmentExpression UpdateExpression UnaryExpression",
  ],
  ["literal", "Literal TemplateLiteral TemplateElement RawTemplateElement JSXText Directive"],
  ["await", "AwaitExpression"],
  ["yield", "YieldExpression"],
  ["throw", "ThrowStatement"],
  ["return", "ReturnStatement"],
  ["condition", "IfStatement ConditionalExpression SwitchStatement SwitchCase"],
  ["condition", "ForStatement ForInStatement ForOfStatement WhileStatement DoWhileStatement"],
  ["callee", "CallExpression NewExpression TaggedTemplateExpression"],
  ["member", "MemberExpression ChainExpression Name PrivateIdentifier Property"],
  ["import", "ImportDeclaration ImportSpecifier ImportDefaultSpecifier ImportNamespaceSpecifier"],
  [
    "import",
    "ImportExpression ImportAttribute TSImportEqualsDeclaration TSExternalModuleReference",
  ],
  ["decorator", "Decorator"],
  ["type-assertion", "TSAsExpression TSTypeAssertion TSNonNullExpression TSSatisfiesExpression"],
  ["type-assertion", "TSAnyKeyword TSTypePredicate"],
  ["try-catch", "TryStatement CatchClause"],
  ["function", "FunctionDeclaration FunctionExpression ArrowFunctionExpression"],
  ["operand", "Identifier ThisExpression Super"],
];
const categories: ReadonlyMap<string, DivergenceCategory> = new Map(
  typesByCategory.flatMap(([category, types]) => types.split(" ").map((type) => [type, category])),
);

/** Types whose change counts even where only types are read. */
const criticalInTypes = new Set(["Literal", "TemplateElement", "TSAnyKeyword", "TSTypePredicate"]);
const assertionTypes = new Set(["TSAsExpression", "TSTypeAssertion", "TSSatisfiesExpression"]);
const firstIsTest = new Set([
  "IfStatement",
  "WhileStatement",
  "ConditionalExpression",
  "SwitchStatement",
]);

/** Critical divergences of one file in both renders, given a matching of their trees. */
export function findDivergences(
  path: string,
  namedA: NamedTree,
  namedB: NamedTree,
  partner: Int32Array,
): Divergence[] {
  const [a, b] = [namedA.tree, namedB.tree];
  const placesA = placesIn(a);
  const placesB = placesIn(b);
  const renamed = new Set(findRenames(namedA, namedB, partner).flatMap(({ nodes }) => nodes));
  const found: Divergence[] = [];
  for (const [i, j] of partner.entries()) {
    if (j >= 0 && (isSameNode(a, i, b, j) || renamed.has(i))) continue;
    const ofA = categoryOf(a, i, placesA);
    const category = j < 0 ? ofA : pairCategory(a, i, b, j, ofA ?? categoryOf(b, j, placesB));
    if (category) found.push({ path, category, ...sideA(a, i), ...(j < 0 ? {} : sideB(b, j)) });
  }
  for (const [j, i] of inverse(partner, b.length).entries()) {
    const category = i < 0 ? categoryOf(b, j, placesB) : undefined;
    if (category) found.push({ path, category, ...sideB(b, j) });
  }
  return found;
}

function pairCategory(
  a: Tree,
  i: number,
  b: Tree,
  j: number,
  category: DivergenceCategory | undefined,
): DivergenceCategory | undefined {
  return category && accessOf(a, i) !== accessOf(b, j) ? "access-modifier" : category;
}

function sideA(a: Tree, i: number) {
  return { a: describe(a, i), lineA: a.line[i] ?? 0 };
}

function sideB(b: Tree, j: number) {
  return { b: describe(b, j), lineB: b.line[j] ?? 0 };
}

/** For each node the bits of where it stands; one pass, since parents come first. */
function placesIn(tree: Tree): Uint8Array {
  const places = new Uint8Array(tree.type.length);
  for (const [node, type] of tree.type.entries()) {
    const parent = parentOf(tree, node);
    let place = places[parent] ?? 0;
    if (type.startsWith("TS") && !runtimeTypes.has(type)) {
      place |= inType;
      if (assertionTypes.has(typeOf(tree, parent))) place |= inAssertion;
    }
    if (isTest(tree, node, parent)) place |= inTest;
    // With decorators, a compiler may keep the types of a class for run time.
    const isClass = type === "ClassDeclaration" || type === "ClassExpression";
    if (isClass && typeOf(tree, node + 1) === "Decorator") place |= inDecoratedClass;
    places[node] = place;
  }
  return places;
}

function isTest(tree: Tree, node: number, parent: number): boolean {
  const isFirst = node === parent + 1;
  const above = typeOf(tree, parent);
  return (
    roleOf(tree, node) === "test" ||
    (isFirst ? firstIsTest.has(above) : above === "DoWhileStatement")
  );
}

function categoryOf(tree: Tree, node: number, places: Uint8Array): DivergenceCategory | undefined {
  const type = typeOf(tree, node);
  const place = places[node] ?? 0;
  if (place & inAssertion) return "type-assertion";
  if (place & inType && !criticalInTypes.has(type))
    return place & inDecoratedClass ? "decorator" : undefined;
  const special = categoryByParent(tree, node);
  if (special) return special;
  const category = runtimeCategory(type, labelOf(tree, node));
  const isVague = category === "operand" || category === "structure";
  return isVague && place & inTest ? "condition" : category;
}

function categoryByParent(tree: Tree, node: number): DivergenceCategory | undefined {
  const parent = parentOf(tree, node);
  const above = typeOf(tree, parent);
  const isExported = /^Export(?:\w*Specifier|AllDeclaration)$/.test(above);
  const isSource = above === "ExportNamedDeclaration" && typeOf(tree, node) === "Literal";
  if (categories.get(above) === "import" || isExported || isSource) return "import";
  return node === parent + 1 && categories.get(above) === "callee" ? "callee" : undefined;
}

function runtimeCategory(type: string, label: string): DivergenceCategory {
  if (type === "UnaryExpression" && label === "operator=!") return "negation";
  return categories.get(type) ?? (type.startsWith("Export") ? "import" : "structure");
}

function accessOf(tree: Tree, node: number): string {
  return /accessibility=(\w+)/.exec(labelOf(tree, node))?.[1] ?? "";
}

function describe(tree: Tree, node: number): string {
  const label = labelOf(tree, node);
  return `${typeOf(tree, node)}${label === "" ? "" : ` ${label}`}`.slice(0, 120);
}
