/**
 * Two matched trees with every kept subtree as one leaf. What comes after matching then takes time by
 * what changed and not by what is there. A leaf has a number that no other has, and stands on both
 * sides for ranges that were compared node for node: whatever turns the one condensed tree into the
 * other turns the one tree into the other.
 */
import { at } from "./column.ts";
import type { ScriptStep } from "./edit-script.ts";
import { TreeWriter } from "./tree-writer.ts";
import { isSameSubtree, sizeOf } from "./tree.ts";
import type { Tree } from "./tree.ts";

/** One side: the small tree, and which node of it stands for which of the large one. */
export interface CondensedSide {
  readonly tree: Tree;
  readonly whole: Tree;
  /** The node of the whole tree that a node stands for. */
  readonly nodes: Int32Array;
  /** The node that stands for one of the whole tree; -1 inside a leaf. */
  readonly places: Int32Array;
}

export interface Condensed {
  readonly a: CondensedSide;
  readonly b: CondensedSide;
  /** For each node of the small tree A its partner in the small tree B, or -1. */
  readonly partner: Int32Array;
}

/** Puts one leaf in the place of each subtree that `partner` pairs, node for node, with an equal one. */
export function condense(x: Tree, y: Tree, partner: Int32Array): Condensed {
  const kept = keptSubtrees(x, y, partner);
  const a = condenseSide(x, kept, 0);
  const b = condenseSide(y, kept, 1);
  const small = a.nodes.map((i) => {
    const j = at(partner, i);
    return j < 0 ? -1 : at(b.places, j);
  });
  return { a, b, partner: small };
}

/** Roots of the largest subtrees that are kept whole: i, j, i, j and so on. */
function keptSubtrees(x: Tree, y: Tree, partner: Int32Array): number[] {
  const kept: number[] = [];
  for (let i = 0; i < x.length;) {
    const j = at(partner, i);
    const isKept = j >= 0 && isKeptWhole(x, i, y, j, partner);
    if (isKept) kept.push(i, j);
    i += isKept ? sizeOf(x, i) : 1;
  }
  return kept;
}

function isKeptWhole(x: Tree, i: number, y: Tree, j: number, partner: Int32Array): boolean {
  if (!isSameSubtree(x, i, y, j)) return false;
  for (let k = at(x.size, i) - 1; k > 0; k--) if (partner[i + k] !== j + k) return false;
  return true;
}

/** `side`: 0 for the first of each kept pair, 1 for the second. */
function condenseSide(whole: Tree, kept: readonly number[], side: number): CondensedSide {
  const writer = new TreeWriter(whole.kinds, 2 * kept.length);
  const places = new Int32Array(whole.length).fill(-1);
  // Below -1: the number of the leaf that belongs here.
  for (let pair = 0; pair < kept.length; pair += 2)
    places[kept[pair + side] ?? -1] = -2 - (pair >> 1);
  const nodes: number[] = [];
  // Numbers beyond the table are no kind of node, so that a leaf is like nothing but its other half.
  const firstLeafKind = whole.kinds.types.length;
  for (let node = 0; node < whole.length;) {
    const leaf = -2 - at(places, node);
    const isLeaf = leaf >= 0;
    const parent = at(whole.parent, node);
    const kind = isLeaf ? firstLeafKind + leaf : at(whole.kind, node);
    places[node] = writer.add(parent < 0 ? -1 : at(places, parent), kind, -1, -1);
    nodes.push(node);
    node += isLeaf ? sizeOf(whole, node) : 1;
  }
  const tree = writer.finish(({ start }) => new Int32Array(start.length));
  return { tree, whole, nodes: Int32Array.from(nodes), places };
}

/** The matching of the whole trees, with what is matched otherwise in the small ones. */
export function expandPartner({ a, b, partner: small }: Condensed, whole: Int32Array): Int32Array {
  const partner = whole.slice();
  for (let place = 0; place < small.length; place++) {
    const other = at(small, place);
    partner[at(a.nodes, place)] = other < 0 ? -1 : at(b.nodes, other);
  }
  return partner;
}

/** A script of the small trees in the node numbers of the whole ones. */
export function expandScript({ a, b }: Condensed, script: readonly ScriptStep[]): ScriptStep[] {
  const count = a.tree.length;
  const nameOf = (node: number): number => {
    if (node < 0) return node;
    return node < count ? at(a.nodes, node) : a.whole.length + at(b.nodes, node - count);
  };
  return script.map((step): ScriptStep => {
    switch (step.kind) {
      case "delete":
      case "update":
        return { ...step, node: nameOf(step.node) };
      case "move":
      case "insert":
        return {
          ...step,
          node: nameOf(step.node),
          parent: nameOf(step.parent),
          after: nameOf(step.after),
        };
      case "rename":
        return {
          ...step,
          nodes: step.nodes.map((entry) => ({ ...entry, node: nameOf(entry.node) })),
        };
    }
  });
}
