/**
 * The edit distance between two files as an interval that is certain to hold it: insert 1,
 * delete 1, relabel within a type 1, across types 2; a move is a delete and an insert.
 */
import type { Span } from "./comparison.ts";
import { matchTrees } from "./match-trees.ts";
import { isSameNode } from "./tree.ts";
import type { Interner, Tree } from "./tree.ts";

export interface Distance extends Span {
  /** For each node of the first tree its partner in the second, or -1. */
  readonly partner: Int32Array;
}

/** The distance between two trees. An empty tree is the absent file. The same either way round. */
export function measureDistance(x: Tree, y: Tree, interner: Interner): Distance {
  const [sizeX, sizeY] = [x.type.length, y.type.length];
  const nothing = new Int32Array(sizeX).fill(-1);
  if (sizeX === 0 || sizeY === 0) return { lo: sizeX + sizeY, hi: sizeX + sizeY, partner: nothing };
  if (interner.idsOf(x)[0] === interner.idsOf(y)[0])
    return { lo: 0, hi: 0, partner: nothing.map((_, node) => node) };

  // Alignment may break ties differently from either side, so it always starts from the same one.
  const isSwapped = isAfter(x, y);
  const found = isSwapped ? matchTrees(y, x, interner) : matchTrees(x, y, interner);
  const partner = isSwapped ? inverse(found.partner, sizeX) : found.partner;
  const checked = costOf(x, y, partner);
  if (checked === undefined) return { lo: leastCost(x, y), hi: sizeX + sizeY, partner: nothing };
  const lo = found.isOptimal ? checked : Math.min(leastCost(x, y), checked);
  return { lo, hi: checked, partner };
}

/**
 * The cost of the edit script that a matching stands for, found by carrying it out: take from both
 * trees what has no partner and compare the rest, node for node and parent for parent.
 * `undefined` when the rests differ in shape, so that the matching is no edit script.
 */
export function costOf(x: Tree, y: Tree, partner: Int32Array): number | undefined {
  const back = inverse(partner, y.type.length);
  const restX = keptNodes(x, partner);
  const restY = keptNodes(y, back);
  if (restX.nodes.length !== restY.nodes.length) return undefined;
  let cost = x.type.length + y.type.length - 2 * restX.nodes.length;
  for (const [at, i] of restX.nodes.entries()) {
    const j = restY.nodes[at] ?? -1;
    if (partner[i] !== j || restX.above[at] !== restY.above[at]) return undefined;
    if (x.type[i] !== y.type[j]) cost += 2;
    else if (!isSameNode(x, i, y, j)) cost += 1;
  }
  return cost;
}

/** Nodes with a partner, in preorder, each with the place of its nearest kept ancestor in that list. */
function keptNodes(tree: Tree, partner: Int32Array): { nodes: number[]; above: number[] } {
  const nodes: number[] = [];
  const above: number[] = [];
  const nearest = new Int32Array(partner.length).fill(-1);
  for (let node = 0; node < partner.length; node++) {
    const parent = tree.parent[node] ?? -1;
    const kept = parent < 0 ? -1 : (nearest[parent] ?? -1);
    nearest[node] = kept;
    if ((partner[node] ?? -1) < 0) continue;
    above.push(kept);
    nearest[node] = nodes.length;
    nodes.push(node);
  }
  return { nodes, above };
}

/** The same matching seen from the other tree, of `size` nodes. */
export function inverse(partner: Int32Array, size: number): Int32Array {
  const back = new Int32Array(size).fill(-1);
  partner.forEach((other, node) => {
    if (other >= 0) back[other] = node;
  });
  return back;
}

/**
 * A cost below which no edit script can be: per node type, each edit removes at most one node too
 * many and one too few. Trees that differ in shape alone need two edits, for one would show here.
 */
export function leastCost(x: Tree, y: Tree): number {
  const surplus = new Map<string, Map<string, number>>();
  const count = (tree: Tree, step: number): void => {
    for (const [node, type] of tree.type.entries()) {
      const labels = surplus.get(type) ?? new Map<string, number>();
      surplus.set(type, labels);
      const label = `${tree.role[node]} ${tree.label[node]}`;
      labels.set(label, (labels.get(label) ?? 0) + step);
    }
  };
  count(x, 1);
  count(y, -1);
  let cost = 0;
  for (const labels of surplus.values()) {
    let [more, fewer] = [0, 0];
    for (const value of labels.values())
      if (value > 0) more += value;
      else fewer -= value;
    cost += Math.max(more, fewer);
  }
  return Math.max(cost, 2 * Number(cost === 0));
}

/** A fixed order of unequal trees: by size, then by the first node that differs. */
function isAfter(x: Tree, y: Tree): boolean {
  if (x.type.length !== y.type.length) return x.type.length > y.type.length;
  for (const column of ["size", "type", "role", "label"] as const)
    for (let node = 0; node < x.type.length; node++) {
      const [one, other] = [x[column][node], y[column][node]];
      if (one !== undefined && other !== undefined && one !== other) return one > other;
    }
  return false;
}
