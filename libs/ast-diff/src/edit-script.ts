/**
 * An edit script that, carried out, turns one tree into another: deletions, moves, insertions, then
 * relabels. Nodes of A are named by their index in A; inserted ones by the length of A plus their
 * index in B. A script is made from any pairing of nodes, checked by nothing but its application.
 */
import { heaviestRising } from "./align.ts";
import type { IndexPair } from "./align.ts";
import { at } from "./column.ts";
import { inverse, keptAncestors } from "./distance.ts";
import { sizeOf } from "./tree.ts";
import type { Tree } from "./tree.ts";

export type ScriptStep =
  /** The children take the place of the node. */
  | { readonly kind: "delete"; readonly node: number }
  /** The subtree goes below `parent`, behind its child `after`; -1: to the front. */
  | {
      readonly kind: "move";
      readonly node: number;
      readonly parent: number;
      readonly after: number;
    }
  /** A new node goes there and takes over the next `adopts` siblings as its children. */
  | {
      readonly kind: "insert";
      readonly node: number;
      readonly parent: number;
      readonly after: number;
      readonly adopts: number;
      readonly nodeKind: number;
    }
  | { readonly kind: "update"; readonly node: number; readonly nodeKind: number }
  /** A binding is called something else: one step, however many nodes carry the name. */
  | {
      readonly kind: "rename";
      readonly from: string;
      readonly to: string;
      readonly nodes: readonly { readonly node: number; readonly nodeKind: number }[];
    };

/** Nodes that carry the name of one renamed binding. */
export interface RenamedNodes {
  readonly from: string;
  readonly to: string;
  readonly nodes: readonly number[];
}

/**
 * The script that `partner` stands for: for each node of A its partner in B or -1, each node of B at
 * most once, the roots paired. Both trees share a kind table. Takes n log n at most.
 */
export function createScript(
  a: Tree,
  b: Tree,
  partner: Int32Array,
  renames: readonly RenamedNodes[] = [],
): ScriptStep[] {
  const kept = partner.map((j, i) => (j >= 0 && isSameType(a, i, b, j) ? j : -1));
  const back = inverse(kept, b.length);
  return [
    ...deletions(kept),
    ...movesOf(a, b, kept, back),
    ...insertions(a, b, back),
    ...relabels(a, b, kept, renames),
  ];
}

function isSameType(a: Tree, i: number, b: Tree, j: number): boolean {
  const { typeIds } = a.kinds;
  return typeIds[at(a.kind, i)] === typeIds[at(b.kind, j)];
}

function deletions(kept: Int32Array): ScriptStep[] {
  const steps: ScriptStep[] = [];
  for (let node = kept.length - 1; node >= 0; node--)
    if (at(kept, node) < 0) steps.push({ kind: "delete", node });
  return steps;
}

/** Every node that has another parent, or stands in another order, and is not what the others pass by. */
function movesOf(a: Tree, b: Tree, kept: Int32Array, back: Int32Array): ScriptStep[] {
  const aboveA = keptAncestors(a, kept);
  const aboveB = keptAncestors(b, back);
  const moved = movedNodes(kept, back, aboveA, aboveB);
  if (moved.size === 0) return [];
  const steps: ScriptStep[] = [];
  const last = new Int32Array(b.length).fill(-1);
  for (let j = 1; j < b.length; j++) {
    const node = at(back, j);
    if (node < 0) continue;
    const above = at(aboveB, j);
    if (moved.has(node))
      steps.push({ kind: "move", node, parent: at(back, above), after: at(last, above) });
    last[above] = node;
  }
  return steps;
}

function movedNodes(
  kept: Int32Array,
  back: Int32Array,
  aboveA: Int32Array,
  aboveB: Int32Array,
): Set<number> {
  const moved = new Set<number>();
  const latest = new Int32Array(back.length).fill(-1);
  const disordered = new Map<number, IndexPair[]>();
  for (let j = 1; j < back.length; j++) {
    const i = at(back, j);
    if (i < 0) continue;
    const above = at(aboveB, j);
    if (at(kept, at(aboveA, i)) !== above) moved.add(i);
    else if (i > at(latest, above)) latest[above] = i;
    else disordered.set(above, []);
  }
  if (disordered.size === 0) return moved;
  for (let j = 1; j < back.length; j++) {
    const i = at(back, j);
    if (i >= 0 && !moved.has(i)) disordered.get(at(aboveB, j))?.push([j, i]);
  }
  for (const pairs of disordered.values()) {
    const inOrder = new Set(heaviestRising(pairs, () => 1));
    for (const pair of pairs) if (!inOrder.has(pair)) moved.add(pair[1]);
  }
  return moved;
}

function insertions(a: Tree, b: Tree, back: Int32Array): ScriptStep[] {
  const steps: ScriptStep[] = [];
  const last = new Int32Array(b.length).fill(-1);
  const nameOf = (j: number) => (at(back, j) >= 0 ? at(back, j) : a.length + j);
  for (let j = 1; j < b.length; j++) {
    const parent = at(b.parent, j);
    const after = at(last, parent);
    const node = nameOf(j);
    last[parent] = node;
    if (at(back, j) >= 0) continue;
    const adopts = keptBelow(b, back, j);
    const nodeKind = at(b.kind, j);
    steps.push({ kind: "insert", node, parent: nameOf(parent), after, adopts, nodeKind });
  }
  return steps;
}

/** Topmost nodes below `root` that have a partner. */
function keptBelow(b: Tree, back: Int32Array, root: number): number {
  let count = 0;
  let j = root + 1;
  while (j < root + sizeOf(b, root)) {
    const isKept = at(back, j) >= 0;
    count += Number(isKept);
    j += isKept ? sizeOf(b, j) : 1;
  }
  return count;
}

function relabels(
  a: Tree,
  b: Tree,
  kept: Int32Array,
  renames: readonly RenamedNodes[],
): ScriptStep[] {
  const steps: ScriptStep[] = [];
  const renamed = new Set<number>();
  for (const { from, to, nodes } of renames) {
    const changed = nodes.filter((node) => at(kept, node) >= 0);
    for (const node of changed) renamed.add(node);
    const relabelled = changed.map((node) => ({ node, nodeKind: at(b.kind, at(kept, node)) }));
    steps.push({ kind: "rename", from, to, nodes: relabelled });
  }
  for (let node = 0; node < kept.length; node++) {
    const j = at(kept, node);
    if (j < 0 || at(a.kind, node) === at(b.kind, j) || renamed.has(node)) continue;
    steps.push({ kind: "update", node, nodeKind: at(b.kind, j) });
  }
  return steps;
}
