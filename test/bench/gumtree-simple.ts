/**
 * The peer: a plain implementation of what GumTree calls "simple" (Falleri and Martinez, ICSE 2024),
 * from its description, on the same trees and hashes: equal subtrees from the highest down, then
 * containers from the bottom up, each followed by its children by equality, by structure and by type.
 */
import { childrenOf, isSameSubtree, sizeOf } from "@council/ast-diff/testing";
import type { Tree } from "@council/ast-diff/testing";

interface Side {
  readonly tree: Tree;
  readonly height: Int32Array;
  readonly partner: Int32Array;
}

function sideOf(tree: Tree): Side {
  const height = new Int32Array(tree.length).fill(1);
  for (let node = tree.length - 1; node > 0; node--) {
    const parent = tree.parent[node]!;
    height[parent] = Math.max(height[parent]!, height[node]! + 1);
  }
  return { tree, height, partner: new Int32Array(tree.length).fill(-1) };
}

/** For each node of `a` its partner in `b`, or -1. */
export function matchGumTreeSimple(a: Tree, b: Tree): Int32Array {
  const [x, y] = [sideOf(a), sideOf(b)];
  matchTopDown(x, y);
  matchBottomUp(x, y);
  return x.partner;
}

function pairAll(x: Side, i: number, y: Side, j: number): void {
  for (let k = 0; k < sizeOf(x.tree, i); k++) {
    x.partner[i + k] = j + k;
    y.partner[j + k] = i + k;
  }
}

function byHeight({ height }: Side): Map<number, number[]> {
  const levels = new Map<number, number[]>();
  height.forEach((level, node) => {
    const found = levels.get(level);
    if (found) found.push(node);
    else levels.set(level, [node]);
  });
  return levels;
}

function matchTopDown(x: Side, y: Side): void {
  const [inX, inY] = [byHeight(x), byHeight(y)];
  const ambiguous: { i: number; j: number; likeness: number }[] = [];
  for (let level = Math.max(x.height[0]!, y.height[0]!); level > 1; level--)
    for (const { is, js } of groupsAt(x, inX.get(level) ?? [], y, inY.get(level) ?? [])) {
      const isOnly = is.length === 1 && js.length === 1;
      if (isOnly && isSameSubtree(x.tree, is[0]!, y.tree, js[0]!)) pairAll(x, is[0]!, y, js[0]!);
      else
        for (const i of is)
          for (const j of js) ambiguous.push({ i, j, likeness: parentLikeness(x, i, y, j) });
    }
  ambiguous.sort((one, other) => other.likeness - one.likeness);
  for (const { i, j } of ambiguous)
    if (x.partner[i]! < 0 && y.partner[j]! < 0 && isSameSubtree(x.tree, i, y.tree, j))
      pairAll(x, i, y, j);
}

/** Nodes without partner by hash. */
function groupsAt(x: Side, xs: readonly number[], y: Side, ys: readonly number[]) {
  const groups = new Map<string, { is: number[]; js: number[] }>();
  const add = (side: Side, nodes: readonly number[], key: "is" | "js") => {
    for (const node of nodes) {
      if (side.partner[node]! >= 0) continue;
      const hash = `${side.tree.lo[node]} ${side.tree.hi[node]}`;
      const group = groups.get(hash) ?? { is: [], js: [] };
      groups.set(hash, group);
      group[key].push(node);
    }
  };
  add(x, xs, "is");
  add(y, ys, "js");
  return groups.values();
}

/** Dice over the partners below the parents, then nearness in the file. */
function parentLikeness(x: Side, i: number, y: Side, j: number): number {
  const [p, q] = [x.tree.parent[i]!, y.tree.parent[j]!];
  if (p < 0 || q < 0) return 0;
  return 2 * likeness(x, p, y, q) - Math.abs(i / x.tree.length - j / y.tree.length);
}

/** Chawathe's: common descendants over the larger side. */
function likeness(x: Side, i: number, y: Side, j: number): number {
  const [sizeX, sizeY] = [sizeOf(x.tree, i) - 1, sizeOf(y.tree, j) - 1];
  let common = 0;
  for (let k = i + 1; k <= i + sizeX; k++) {
    const partner = x.partner[k]!;
    if (partner > j && partner <= j + sizeY) common++;
  }
  return common / Math.max(1, sizeX, sizeY);
}

function typeIn({ tree }: Side, node: number): string {
  return tree.kinds.types[tree.kind[node]!]!;
}

function matchBottomUp(x: Side, y: Side): void {
  for (let i = x.tree.length - 1; i > 0; i--) {
    if (x.partner[i]! >= 0 || sizeOf(x.tree, i) === 1) continue;
    let best = -1;
    let bestLikeness = -1;
    for (const j of containersFor(x, i, y)) {
      const found = likeness(x, i, y, j);
      if (found > bestLikeness) [best, bestLikeness] = [j, found];
    }
    const nodes = sizeOf(x.tree, i) + (best < 0 ? 0 : sizeOf(y.tree, best));
    if (best < 0 || bestLikeness < 1 / (1 + Math.log(nodes))) continue;
    x.partner[i] = best;
    y.partner[best] = i;
    recover(x, i, y, best);
  }
  if (x.partner[0]! < 0) {
    x.partner[0] = 0;
    y.partner[0] = 0;
    recover(x, 0, y, 0);
  }
}

/** Nodes of one type, without partner, above the partners of what is below. */
function containersFor(x: Side, i: number, y: Side): Set<number> {
  const found = new Set<number>();
  const seen = new Set<number>();
  const type = typeIn(x, i);
  for (let k = i + 1; k < i + sizeOf(x.tree, i); k++) {
    let above = x.partner[k]! < 0 ? -1 : y.tree.parent[x.partner[k]!]!;
    for (; above > 0 && !seen.has(above); above = y.tree.parent[above]!) {
      seen.add(above);
      if (y.partner[above]! < 0 && typeIn(y, above) === type) found.add(above);
    }
  }
  return found;
}

/** Children by equality, then by structure, then by type where only one has it. */
function recover(x: Side, i: number, y: Side, j: number): void {
  const free = (side: Side, node: number) =>
    childrenOf(side.tree, node).filter((child) => side.partner[child]! < 0);
  for (const [k, l] of commonSeries(free(x, i), free(y, j), (k, l) =>
    isSameSubtree(x.tree, k, y.tree, l),
  ))
    pairAll(x, k, y, l);
  for (const [k, l] of commonSeries(free(x, i), free(y, j), (k, l) => isSameShape(x, k, y, l)))
    pairAll(x, k, y, l);
  const only = (side: Side, node: number) => {
    const byType = new Map<string, number>();
    for (const child of free(side, node)) {
      const type = typeIn(side, child);
      byType.set(type, byType.has(type) ? -1 : child);
    }
    return byType;
  };
  const inY = only(y, j);
  for (const [type, k] of only(x, i)) {
    const l = inY.get(type) ?? -1;
    if (k < 0 || l < 0) continue;
    x.partner[k] = l;
    y.partner[l] = k;
    recover(x, k, y, l);
  }
}

function isSameShape(x: Side, i: number, y: Side, j: number): boolean {
  if (sizeOf(x.tree, i) !== sizeOf(y.tree, j)) return false;
  for (let k = 0; k < sizeOf(x.tree, i); k++) {
    if (x.tree.size[i + k] !== y.tree.size[j + k]) return false;
    if (typeIn(x, i + k) !== typeIn(y, j + k)) return false;
    if (x.partner[i + k]! >= 0 || y.partner[j + k]! >= 0) return false;
  }
  return true;
}

function commonSeries(
  xs: readonly number[],
  ys: readonly number[],
  isSame: (i: number, j: number) => boolean,
): [number, number][] {
  const width = ys.length + 1;
  const lengths = new Uint16Array((xs.length + 1) * width);
  for (let k = xs.length - 1; k >= 0; k--)
    for (let l = ys.length - 1; l >= 0; l--)
      lengths[k * width + l] = isSame(xs[k]!, ys[l]!)
        ? lengths[(k + 1) * width + l + 1]! + 1
        : Math.max(lengths[(k + 1) * width + l]!, lengths[k * width + l + 1]!);
  const series: [number, number][] = [];
  let [k, l] = [0, 0];
  while (k < xs.length && l < ys.length) {
    if (isSame(xs[k]!, ys[l]!)) series.push([xs[k++]!, ys[l++]!]);
    else if (lengths[(k + 1) * width + l]! >= lengths[k * width + l + 1]!) k++;
    else l++;
  }
  return series;
}
