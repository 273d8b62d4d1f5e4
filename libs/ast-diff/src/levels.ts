/**
 * The distance at the levels beyond the normal form (N1): N2 leaves out what local things are called,
 * N3 also the order of what order says nothing about. Each is at most the level before it, and 0 only
 * where renaming local bindings, and putting things in order, make the programs equal.
 */
import { at } from "./column.ts";
import type { Span } from "./comparison.ts";
import { costOf, inverse, leastRelabelCost } from "./distance.ts";
import type { Distance } from "./distance.ts";
import { canonicalOrder } from "./order-free.ts";
import { findRenames, isNameType } from "./renames.ts";
import type { NamedTree, Rename } from "./renames.ts";
import { typeOf } from "./tree.ts";
import type { Tree } from "./tree.ts";
import { alphaForm, isSameForm, lazily, reordered, withoutNames } from "./without-names.ts";

/** Pairs the nodes of two trees over one kind table. */
export type Match = (x: Tree, y: Tree) => Int32Array;

export interface Levels {
  readonly atN2: Span;
  readonly atN3: Span;
  /** The matching by which N2 is lowest, and the renames it shows. */
  readonly partner: Int32Array;
  readonly renames: readonly Rename[];
}

interface Named {
  readonly cost: number;
  readonly partner: Int32Array;
  readonly renames: readonly Rename[];
}

const none: Span = { lo: 0, hi: 0 };

/** The levels of two trees over one kind table, from their distance at N1. */
export function measureLevels(x: NamedTree, y: NamedTree, n1: Distance, match: Match): Levels {
  // What is called something else costs nothing, so only the counts of the rest bound it from below.
  const least = leastRelabelCost(x.tree, y.tree, isNameType);
  const { partner, renames, cost } = leastNamed(x, y, n1, least, match);
  const atN2 = cost === 0 ? none : spanOf(least, cost, n1);
  const ordered = cost === 0 ? 0 : orderFreeCost(x, y, cost, least, match);
  const atN3 = ordered === 0 ? none : spanOf(least, Math.min(cost, ordered), n1);
  return { atN2, atN3, partner, renames };
}

/** Only equal programs are nothing apart. */
function spanOf(least: number, hi: number, n1: Span): Span {
  return { lo: Math.min(Math.max(1, least), hi, n1.lo), hi };
}

/**
 * The lowest cost without renames: by the matching at hand, or by one that was found without names,
 * for names alike may draw a matching away from the one in which all were renamed.
 */
function leastNamed(x: NamedTree, y: NamedTree, n1: Distance, least: number, match: Match): Named {
  const given = namedCost(x, y, n1.partner, n1.hi);
  if (given.cost <= least || !isMaybeRenamed(x, y, n1.partner)) return given;
  const partner = match(withoutNames(x), withoutNames(y));
  const cost = costOf(x.tree, y.tree, partner);
  if (cost === undefined) return given;
  const found = namedCost(x, y, partner, cost);
  return found.cost < given.cost ? found : given;
}

function namedCost(x: NamedTree, y: NamedTree, partner: Int32Array, cost: number): Named {
  const renames = findRenames(x, y, partner);
  const renamed = renames.reduce((sum, { nodes }) => sum + nodes.length, 0);
  return { cost: cost - renamed, partner, renames };
}

/** Whether names are left on both sides, and each has one for something local that the other has not. */
function isMaybeRenamed(x: NamedTree, y: NamedTree, partner: Int32Array): boolean {
  const isKept = (i: number, j: number) => j >= 0 && x.tree.kind[i] === y.tree.kind[j];
  const back = inverse(partner, y.tree.length);
  const isLeft = (tree: Tree, isMatched: (node: number) => boolean) =>
    tree.kind.some((_, node) => !isMatched(node) && isNameType(typeOf(tree, node)));
  if (!isLeft(x.tree, (i) => isKept(i, at(partner, i)))) return false;
  if (!isLeft(y.tree, (j) => at(back, j) >= 0 && isKept(at(back, j), j))) return false;
  const [namesX, namesY] = [freeNames(x), freeNames(y)];
  if (namesX.size === 0 || namesY.size === 0) return false;
  if (x.tree.length === y.tree.length) return true;
  return (
    [...namesX].some((name) => !namesY.has(name)) && [...namesY].some((name) => !namesX.has(name))
  );
}

function freeNames({ bindings }: NamedTree): Set<string> {
  return new Set(bindings.names.filter((_, binding) => !bindings.isFixed[binding]));
}

function orderFreeCost(
  x: NamedTree,
  y: NamedTree,
  n2: number,
  least: number,
  match: Match,
): number {
  if (n2 <= least) return n2;
  if (least === 0 && isSameForm(alphaForm(x), alphaForm(y))) return 0;
  const orders = [canonicalOrder(x.tree), canonicalOrder(y.tree)] as const;
  if (orders.every((order) => order.every((node, place) => node === place))) return n2;
  const [one, other] = [reordered(x, orders[0]), reordered(y, orders[1])];
  const partner = match(one.tree, other.tree);
  const hi = costOf(one.tree, other.tree, partner);
  if (hi === undefined) return n2;
  return leastNamed(one, other, { lo: 0, hi, partner }, least, match).cost;
}

/** The bindings of several trees joined into one, each behind its place in the joined tree. */
export function joinBindings(
  tree: Tree,
  parts: readonly { readonly named: NamedTree; readonly start: number }[],
): NamedTree {
  return lazily(tree, () => {
    const of = new Int32Array(tree.length).fill(-1);
    const declares = new Uint8Array(tree.length);
    const names: string[] = [];
    const isFixed: boolean[] = [];
    for (const { named, start } of parts) {
      const first = names.length;
      const { bindings } = named;
      for (let node = 0; node < named.tree.length; node++) {
        const binding = at(bindings.of, node);
        if (binding >= 0) of[start + node] = first + binding;
        declares[start + node] = bindings.declares[node] ?? 0;
      }
      for (const name of bindings.names) names.push(name);
      for (const fixed of bindings.isFixed) isFixed.push(fixed);
    }
    return { of, declares, names, isFixed };
  });
}
