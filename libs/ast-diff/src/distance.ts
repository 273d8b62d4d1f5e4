/**
 * The edit distance between two files as an interval that is certain to hold it: insert 1,
 * delete 1, relabel within a type 1, across types 2; a move is a delete and an insert.
 */
import { at } from "./column.ts";
import type { Span } from "./comparison.ts";
import { condense } from "./condense.ts";
import { matchTrees } from "./match-trees.ts";
import type { Matching, MatchOptions } from "./match-trees.ts";
import { withKinds } from "./tree-writer.ts";
import { isSameSubtree } from "./tree.ts";
import type { Tree } from "./tree.ts";

/** Table cells for exact matches, beside 12 for each node. */
const verdictCells = 2_000_000;

export interface Distance extends Span {
  /** For each node of the first tree its partner in the second, or -1. */
  readonly partner: Int32Array;
}

/** The distance between two trees. An empty tree is the absent file. The same either way round. */
export function measureDistance(x: Tree, other: Tree, options: MatchOptions = {}): Distance {
  const y = withKinds(other, x.kinds);
  const nothing = new Int32Array(x.length).fill(-1);
  const all = x.length + y.length;
  if (x.length === 0 || y.length === 0) return { lo: all, hi: all, partner: nothing };
  if (isSameSubtree(x, 0, y, 0)) return { lo: 0, hi: 0, partner: nothing.map((_, node) => node) };

  // A verdict rests on this number: it is worth more work than a script that is shown.
  const found = matchEitherWay(x, y, { cells: verdictCells + 12 * all, ...options });
  const { a, b, partner } = condense(x, y, found.partner);
  const checked = costOf(a.tree, b.tree, partner);
  if (checked === undefined) return { lo: leastCost(x, y), hi: all, partner: nothing };
  const lo = found.isOptimal ? checked : Math.min(leastCost(a.tree, b.tree), checked);
  return { lo, hi: checked, partner: found.partner };
}

/** Alignment may break ties differently from either side, so it always starts from the same one. */
export function matchEitherWay(x: Tree, y: Tree, options: MatchOptions): Matching {
  if (!isAfter(x, y)) return matchTrees(x, y, options);
  const { pairs, given } = options;
  const found = matchTrees(y, x, {
    ...options,
    ...(pairs ? { pairs: pairs.map(({ i, j }) => ({ i: j, j: i })) } : {}),
    ...(given ? { given: inverse(given, y.length) } : {}),
  });
  return { ...found, partner: inverse(found.partner, x.length) };
}

/**
 * The cost of the edit script that a matching stands for, found by carrying it out: take from both
 * trees what has no partner and compare the rest, node for node and parent for parent.
 * `undefined` when the rests differ in shape, so that the matching is no edit script.
 */
export function costOf(x: Tree, y: Tree, partner: Int32Array): number | undefined {
  const back = inverse(partner, y.length);
  const aboveX = keptAncestors(x, partner);
  const aboveY = keptAncestors(y, back);
  let cost = y.length;
  let next = 0;
  for (let i = 0; i < partner.length; i++) {
    const j = at(partner, i);
    if (j < 0) {
      cost++;
      continue;
    }
    // In order: nothing between this partner and the last one is kept.
    while (next < j) if (at(back, next++) >= 0) return undefined;
    next = j + 1;
    const above = at(aboveX, i);
    const partnerAbove = above < 0 ? -1 : at(partner, above);
    if (at(back, j) !== i || partnerAbove !== aboveY[j]) return undefined;
    cost += relabelCost(x, i, y, j) - 1;
  }
  while (next < y.length) if (at(back, next++) >= 0) return undefined;
  return cost;
}

function relabelCost(x: Tree, i: number, y: Tree, j: number): number {
  const [kind, other] = [at(x.kind, i), at(y.kind, j)];
  if (kind === other) return 0;
  return x.kinds.typeIds[kind] === x.kinds.typeIds[other] ? 1 : 2;
}

/** For each node its nearest ancestor that has a partner, or -1. */
export function keptAncestors(tree: Tree, partner: Int32Array): Int32Array {
  const above = new Int32Array(partner.length);
  for (let node = 0; node < partner.length; node++) {
    const parent = tree.parent[node] ?? -1;
    above[node] = parent < 0 || (partner[parent] ?? -1) >= 0 ? parent : (above[parent] ?? -1);
  }
  return above;
}

/** The same matching seen from the other tree, of `size` nodes. */
export function inverse(partner: Int32Array, size: number): Int32Array {
  const back = new Int32Array(size).fill(-1);
  for (let node = 0; node < partner.length; node++) {
    const other = partner[node] ?? -1;
    if (other >= 0) back[other] = node;
  }
  return back;
}

/**
 * A cost below which no edit script can be: per node type, each edit removes at most one node too
 * many and one too few. Trees that differ in shape alone need two edits, for one would show here.
 */
export function leastCost(x: Tree, y: Tree): number {
  const cost = leastRelabelCost(x, y, () => false);
  return Math.max(cost, 2 * Number(cost === 0));
}

/** As `leastCost`, where labels of the types that `isUnlabelled` names cost nothing; 0 for equal counts. */
export function leastRelabelCost(
  x: Tree,
  y: Tree,
  isUnlabelled: (type: string) => boolean,
): number {
  const { kinds } = x;
  const surplus = new Int32Array(kinds.types.length);
  for (const kind of x.kind) surplus[kind] = (surplus[kind] ?? 0) + 1;
  for (const kind of y.kind) surplus[kind] = (surplus[kind] ?? 0) - 1;
  const more = new Int32Array(kinds.types.length);
  const fewer = new Int32Array(kinds.types.length);
  for (const [kind, value] of surplus.entries()) {
    const type = kinds.typeIds[kind] ?? 0;
    // Without labels only the difference of both counts.
    if (value > 0 || isUnlabelled(kinds.types[kind] ?? "")) more[type] = (more[type] ?? 0) + value;
    else fewer[type] = (fewer[type] ?? 0) - value;
  }
  return more.reduce((sum, value, type) => sum + Math.max(Math.abs(value), fewer[type] ?? 0), 0);
}

/** A fixed order of unequal trees: by size, by hash, then by the first node that differs. */
function isAfter(x: Tree, y: Tree): boolean {
  const [hashX, hashY] = [
    [x.length, x.lo[0], x.hi[0]],
    [y.length, y.lo[0], y.hi[0]],
  ];
  for (const [place, one = 0] of hashX.entries()) {
    const other = hashY[place] ?? 0;
    if (one !== other) return one > other;
  }
  for (const column of ["size", "type", "role", "label"] as const)
    for (let node = 0; node < x.length; node++) {
      const [one, other] = [x[column][node], y[column][node]];
      if (one !== undefined && other !== undefined && one !== other) return one > other;
    }
  return false;
}
