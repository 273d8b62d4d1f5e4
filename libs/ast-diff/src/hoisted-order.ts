import { at } from "./column.ts";
import { withKinds } from "./tree-writer.ts";
import { childrenOf, isSameSubtree, labelOf, typeOf } from "./tree.ts";
import type { Tree } from "./tree.ts";

/**
 * Whether two files are equal but for the order of their top-level function declarations. Those are
 * hoisted before any statement runs, so their order cannot be observed, unless two share a name.
 */
export function isSameButOrder(x: Tree, other: Tree): boolean {
  if (x.length !== other.length) return false;
  const y = withKinds(other, x.kinds);
  const one = splitHoisted(x);
  const two = splitHoisted(y);
  if (!one || !two) return false;
  const areEqual = (xs: readonly number[], ys: readonly number[]) =>
    xs.length === ys.length && xs.every((i, place) => isSameSubtree(x, i, y, ys[place] ?? -1));
  return areEqual(one.rest, two.rest) && areEqual(one.hoisted, two.hoisted);
}

/** The hoisted functions, in an order of their own, and the rest; `undefined` when the order counts. */
function splitHoisted(tree: Tree) {
  const names = new Set<string>();
  const hoisted: number[] = [];
  const rest: number[] = [];
  for (const child of childrenOf(tree, 0)) {
    const isExport = typeOf(tree, child) === "ExportNamedDeclaration";
    const inner = isExport ? child + 1 : child;
    // Overload signatures belong to the function that follows them.
    if (typeOf(tree, inner) === "TSDeclareFunction") return undefined;
    if (typeOf(tree, inner) !== "FunctionDeclaration") {
      rest.push(child);
      continue;
    }
    const name = labelOf(tree, inner + 1);
    if (names.has(name)) return undefined;
    names.add(name);
    hoisted.push(child);
  }
  const byHash = (one: number, two: number) =>
    at(tree.lo, one) - at(tree.lo, two) || at(tree.hi, one) - at(tree.hi, two);
  return { hoisted: hoisted.toSorted(byHash), rest };
}
