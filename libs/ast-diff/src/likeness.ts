/** How alike two subtrees look at a glance, to decide which of many siblings to compare in full. */
import { at } from "./column.ts";
import { labelOf, sizeOf, typeOf } from "./tree.ts";
import type { Tree } from "./tree.ts";

const maxLooked = 64;
const namedTypes = /^(?:identifier|name|literal|property_identifier|type_identifier)$/i;
const declarations = /^(?!Variable|Import|lexical).*(?:Declaration|Definition|_item)$/i;

/** Node kinds of the first nodes of a subtree, with how often each occurs. */
export type KindBag = ReadonlyMap<number, number>;

export function kindBag(tree: Tree, node: number): KindBag {
  const bag = new Map<number, number>();
  const end = node + Math.min(sizeOf(tree, node), maxLooked);
  for (let place = node + 1; place < end; place++) {
    const kind = tree.kind[place] ?? -1;
    bag.set(kind, (bag.get(kind) ?? 0) + 1);
  }
  return bag;
}

/** Nodes that both bags have. */
export function commonKinds(one: KindBag | undefined, other: KindBag | undefined): number {
  let common = 0;
  if (!one || !other) return common;
  for (const [kind, count] of one) common += Math.min(count, other.get(kind) ?? 0);
  return common;
}

/** The first names and literals in a subtree: what a reader would call it by. */
export function leadingNames(tree: Tree, node: number, count: number): string {
  const names: string[] = [];
  const end = Math.min(node + sizeOf(tree, node), node + 8);
  for (let place = node; place < end && names.length < count; place++)
    if (namedTypes.test(typeOf(tree, place))) names.push(labelOf(tree, place));
  return JSON.stringify(names);
}

/** Type and name of a declaration; `undefined` for all else. */
export function declarationName(tree: Tree, node: number): string | undefined {
  const type = typeOf(tree, node);
  return declarations.test(type) ? `${type} ${leadingNames(tree, node, 1)}` : undefined;
}

/** Where subtrees of one hash, of `least` nodes or more, stand below some siblings, from the last to the first. */
export function placesByHash(
  tree: Tree,
  siblings: readonly number[],
  least: number,
): Map<number, number[]> {
  const places = new Map<number, number[]>();
  for (const root of siblings.toReversed())
    for (let node = root + sizeOf(tree, root) - 1; node >= root; node--) {
      if (sizeOf(tree, node) < least) continue;
      const key = at(tree.lo, node);
      const found = places.get(key);
      if (found) found.push(node);
      else places.set(key, [node]);
    }
  return places;
}
