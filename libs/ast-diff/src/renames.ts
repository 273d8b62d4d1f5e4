/**
 * Finds variables that are merely called something else in the other tree. A name counts only when
 * all its occurrences, on both sides, became one fresh name, and each lies inside the scope of a
 * local declaration of it: then the two programs differ in that name alone. Anything in doubt,
 * exported, or readable by its name from outside is not a rename.
 */
import { parentOf, roleOf, typeOf } from "./tree.ts";
import type { Tree } from "./tree.ts";

const patternTypes = new Set(["ArrayPattern", "ObjectPattern", "RestElement"]);
const functionTypes = new Set([
  "FunctionDeclaration",
  "FunctionExpression",
  "ArrowFunctionExpression",
]);
const scopeTypes = new Set([
  ...functionTypes,
  "Program",
  "BlockStatement",
  "CatchClause",
  "ForStatement",
  "ForInStatement",
  "ForOfStatement",
  "SwitchStatement",
  "StaticBlock",
  "TSModuleBlock",
]);
/** Steps up the tree that one search may take in all; deep hostile input ends here as "no rename". */
const maxSteps = 2_000_000;

interface Names {
  readonly nodes: ReadonlyMap<string, readonly number[]>;
  readonly jsx: ReadonlySet<string>;
  /** Whether names can be looked up at run time, so that no rename is safe. */
  readonly isDynamic: boolean;
}

/** Names of `x` whose every occurrence is a harmless rename, with the name in `y`; `partner` is the matching. */
export function findRenames(x: Tree, y: Tree, partner: Int32Array): ReadonlyMap<string, string> {
  const renamed = new Map<string, string>();
  const namesX = namesOf(x);
  const namesY = namesOf(y);
  if (namesX.isDynamic || namesY.isDynamic) return renamed;
  let steps = maxSteps;
  for (const [name, nodes] of namesX.nodes) {
    const target = targetOf(y, nodes, partner);
    if (target === undefined || target === name) continue;
    const isFresh = !namesY.nodes.has(name) && !namesX.nodes.has(target);
    const isWhole = namesY.nodes.get(target)?.length === nodes.length;
    const isTag = [namesX, namesY].some(({ jsx }) => jsx.has(name) || jsx.has(target));
    if (!isFresh || !isWhole || isTag) continue;
    const scopes = localScopes(x, nodes);
    if (!scopes) continue;
    const inside = nodes.every((node) => {
      let at = node;
      while (at >= 0 && !scopes.has(at) && steps-- > 0) at = parentOf(x, at);
      return at >= 0 && steps > 0;
    });
    if (inside) renamed.set(name, target);
  }
  return renamed;
}

/** The variable name a node carries. */
export function nameOf(tree: Tree, node: number): string {
  return (tree.label[node] ?? "").replace(/\?$/, "");
}

function namesOf(tree: Tree): Names {
  const nodes = new Map<string, number[]>();
  const jsx = new Set<string>();
  let isDynamic = false;
  for (const [node, type] of tree.type.entries()) {
    if (type === "WithStatement") isDynamic = true;
    if (type === "JSXIdentifier") jsx.add(tree.label[node] ?? "");
    if (type !== "Identifier") continue;
    const name = nameOf(tree, node);
    if (name === "eval") isDynamic = true;
    const found = nodes.get(name);
    if (found) found.push(node);
    else nodes.set(name, [node]);
  }
  return { nodes, jsx, isDynamic };
}

/** The one name that all these nodes have on the other side. */
function targetOf(y: Tree, nodes: readonly number[], partner: Int32Array): string | undefined {
  let target: string | undefined;
  for (const node of nodes) {
    const other = partner[node] ?? -1;
    if (other < 0 || typeOf(y, other) !== "Identifier") return undefined;
    const name = nameOf(y, other);
    if (target !== undefined && target !== name) return undefined;
    target = name;
  }
  return target;
}

/** The scopes that declare this name; `undefined` when the name is visible outside the file. */
function localScopes(tree: Tree, nodes: readonly number[]): ReadonlySet<number> | undefined {
  const isModule = tree.type.some((type) => /^(?:Import|Export)\w*Declaration$/.test(type));
  const scopes = new Set<number>();
  for (const node of nodes) {
    const scope = declaredScope(tree, node);
    if (scope === "public") return undefined;
    // Without import or export the file may be a script, whose top level everyone shares.
    if (scope === 0 && !isModule) return undefined;
    if (scope !== undefined) scopes.add(scope);
  }
  return scopes;
}

/** The scope in which this node declares its name, if it declares one. */
function declaredScope(tree: Tree, node: number): number | "public" | undefined {
  const at = outOfPattern(tree, node);
  const parent = parentOf(tree, at);
  const type = typeOf(tree, parent);
  const role = roleOf(tree, at);
  if (type === "TSParameterProperty") return "public";
  if (functionTypes.has(type) && role === "params") return parent;
  if (role === "id") return type.endsWith("Expression") ? parent : scopeAround(tree, parent);
  if (type === "CatchClause") return at === parent + 1 ? parent : undefined;
  if (type === "VariableDeclarator" && at === parent + 1)
    return scopeAround(tree, parentOf(tree, parent));
  if (/^Import\w*Specifier$/.test(type)) return 0;
  // A type, enum or namespace may be merged with declarations elsewhere.
  return /^TS(?:Interface|TypeAlias|Enum|Module)Declaration$/.test(type) ? "public" : undefined;
}

/** From a name inside a destructuring pattern to the outermost pattern. */
function outOfPattern(tree: Tree, node: number): number {
  let at = node;
  for (;;) {
    const parent = parentOf(tree, at);
    const type = typeOf(tree, parent);
    const isDefaulted = type === "AssignmentPattern" && at === parent + 1;
    const isValue =
      type === "Property" &&
      at !== parent + 1 &&
      typeOf(tree, parentOf(tree, parent)) === "ObjectPattern";
    if (!patternTypes.has(type) && !isDefaulted && !isValue) return at;
    at = parent;
  }
}

function scopeAround(tree: Tree, declaration: number): number | "public" {
  let at = parentOf(tree, declaration);
  if (typeOf(tree, at) === "ExportNamedDeclaration") return "public";
  while (at > 0 && !scopeTypes.has(typeOf(tree, at))) at = parentOf(tree, at);
  return Math.max(at, 0);
}
