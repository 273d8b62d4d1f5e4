import { childrenOf, labelOf, typeOf } from "./tree.ts";
import type { Interner, Tree } from "./tree.ts";

/**
 * Whether two files are equal but for the order of their top-level function declarations. Those are
 * hoisted before any statement runs, so their order cannot be observed, unless two share a name.
 */
export function isSameButOrder(x: Tree, y: Tree, interner: Interner): boolean {
  const one = splitHoisted(x, interner);
  const other = splitHoisted(y, interner);
  if (!one || !other) return false;
  return areEqual(one.rest, other.rest) && areEqual(one.hoisted, other.hoisted);
}

function areEqual(xs: readonly number[], ys: readonly number[]): boolean {
  return xs.length === ys.length && xs.every((value, at) => value === ys[at]);
}

/** Subtree numbers of the hoisted functions and of the rest; `undefined` when the order counts. */
function splitHoisted(tree: Tree, interner: Interner) {
  const ids = interner.idsOf(tree);
  const names = new Set<string>();
  const hoisted: number[] = [];
  const rest: number[] = [];
  for (const child of childrenOf(tree, 0)) {
    const isExport = typeOf(tree, child) === "ExportNamedDeclaration";
    const inner = isExport ? child + 1 : child;
    // Overload signatures belong to the function that follows them.
    if (typeOf(tree, inner) === "TSDeclareFunction") return undefined;
    const id = ids[child] ?? -1;
    if (typeOf(tree, inner) !== "FunctionDeclaration") {
      rest.push(id);
      continue;
    }
    const name = labelOf(tree, inner + 1);
    if (names.has(name)) return undefined;
    names.add(name);
    hoisted.push(id);
  }
  return { hoisted: hoisted.toSorted((one, other) => one - other), rest };
}
