/**
 * The order of a file's nodes without what order says nothing about: hoisted functions, neighbouring
 * imports and what they name, methods of a class, members of a type. Where two share a name their
 * order may count, and is kept. Object keys are not among these: programs do read their order.
 */
import { childrenOf, labelOf, roleOf, sizeOf, typeOf } from "./tree.ts";
import type { Tree } from "./tree.ts";

/** Imports that may change places with their neighbours. A bare `import "x"` runs where it stands. */
const imports =
  /^(?:import_statement|import_from_statement|import_spec|import_declaration|use_declaration|using_directive|namespace_use_declaration)$/;
const specifiers = /^(?:Import|Export)Specifier$/;

/** All nodes in preorder, each list of children in one order for all its arrangements. */
export function canonicalOrder(tree: Tree): Int32Array {
  const order = new Int32Array(tree.size.length);
  const stack = order.length > 0 ? [0] : [];
  let count = 0;
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    order[count++] = node;
    const children = sizeOf(tree, node) > 1 ? orderedChildren(tree, node) : [];
    for (let at = children.length - 1; at >= 0; at--) stack.push(children[at] ?? 0);
  }
  return order;
}

function orderedChildren(tree: Tree, node: number): readonly number[] {
  const children = childrenOf(tree, node);
  if (children.length < 2) return children;
  switch (typeOf(tree, node)) {
    case "Program":
      return sortImports(
        tree,
        moveSorted(children, (child) => hoistedName(tree, child)),
      );
    case "ImportDeclaration":
    case "ExportNamedDeclaration":
      return moveSorted(children, (child) =>
        specifiers.test(typeOf(tree, child)) ? written(tree, child) : undefined,
      );
    case "ClassBody":
      return moveSorted(children, (child) => memberKey(tree, child, "MethodDefinition"));
    case "TSInterfaceBody":
    case "TSTypeLiteral": {
      const isPlain = (child: number) => memberKey(tree, child, "TSPropertySignature");
      return children.every(isPlain) ? moveSorted(children, isPlain) : children;
    }
    default:
      return sortImports(tree, children);
  }
}

/** Those with a key at the end, by key; all as they were where two have the same one. */
function moveSorted(
  children: readonly number[],
  keyOf: (child: number) => string | undefined,
): readonly number[] {
  const keyed = children.flatMap((child) => {
    const key = keyOf(child);
    return key === undefined ? [] : [{ child, key }];
  });
  if (new Set(keyed.map(({ key }) => key)).size < keyed.length) return children;
  const moved = new Set(keyed.map(({ child }) => child));
  const sorted = keyed.toSorted((x, y) => (x.key < y.key ? -1 : 1));
  return [...children.filter((child) => !moved.has(child)), ...sorted.map(({ child }) => child)];
}

/** The name of a function declaration that is there before any statement runs. */
function hoistedName(tree: Tree, node: number): string | undefined {
  const inner = typeOf(tree, node) === "ExportNamedDeclaration" ? node + 1 : node;
  const type = typeOf(tree, inner);
  // Overload signatures belong to the function that follows them: the same name twice.
  if (type !== "FunctionDeclaration" && type !== "TSDeclareFunction") return undefined;
  const id = childrenOf(tree, inner).find((child) => roleOf(tree, child) === "id");
  // Where names are left out, functions go by what is in them.
  return labelOf(tree, id ?? inner + 1) || `${tree.lo[inner]} ${tree.hi[inner]}`;
}

/** Kind and name of a member whose place says nothing: not computed, not decorated. */
function memberKey(tree: Tree, node: number, type: string): string | undefined {
  const parts = childrenOf(tree, node);
  const isDecorated = parts.some((part) => typeOf(tree, part) === "Decorator");
  if (typeOf(tree, node) !== type || isDecorated) return undefined;
  const name = parts.find((part) => /^(?:Name|PrivateIdentifier)$/.test(typeOf(tree, part)));
  if (name === undefined) return undefined;
  // Accessors and overloads share their name with another member.
  return `${/static/.test(labelOf(tree, node))} ${/kind=[gs]et/.exec(labelOf(tree, node))?.[0] ?? ""} ${typeOf(tree, name)} ${labelOf(tree, name)}`;
}

/** Runs of imports side by side, each run in the order of its text. */
function sortImports(tree: Tree, children: readonly number[]): readonly number[] {
  if (!children.some((child) => isMovableImport(tree, child))) return children;
  const ordered: number[] = [];
  let run: number[] = [];
  const close = (): void => {
    const keyed = run.map((child) => ({ child, key: written(tree, child) }));
    ordered.push(...keyed.toSorted((x, y) => (x.key < y.key ? -1 : 1)).map(({ child }) => child));
    run = [];
  };
  for (const child of children) {
    if (isMovableImport(tree, child)) run.push(child);
    else {
      close();
      ordered.push(child);
    }
  }
  close();
  return ordered;
}

/** Larger ones stay where they are: to write them takes a call for each level. */
const maxImportNodes = 500;

function isMovableImport(tree: Tree, node: number): boolean {
  if (sizeOf(tree, node) > maxImportNodes) return false;
  const type = typeOf(tree, node);
  if (type !== "ImportDeclaration") return imports.test(type);
  return childrenOf(tree, node).some((child) => typeOf(tree, child).endsWith("Specifier"));
}

/** A small subtree in writing. Specifiers are sorted within it, so that both orders have one text. */
function written(tree: Tree, node: number): string {
  const own = `${typeOf(tree, node)} ${roleOf(tree, node)} ${labelOf(tree, node)}`;
  const parts = sizeOf(tree, node) > 1 ? childrenOf(tree, node) : [];
  const texts = parts.map((part) => written(tree, part));
  return `${own}(${texts.toSorted().join()})`;
}
