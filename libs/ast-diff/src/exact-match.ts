/**
 * Exact ordered tree edit distance between two small runs of siblings.
 * Zhang and Shasha, "Simple fast algorithms for the editing distance between trees and related
 * problems", SIAM J. Comput. 18 (1989). Insert 1, delete 1, relabel within a type 1, across types 2.
 */
import { isSameNode } from "./tree.ts";
import type { Tree } from "./tree.ts";

/** Sibling subtrees that stand next to each other: preorder nodes `start` to `end - 1`. */
export interface Run {
  readonly tree: Tree;
  readonly start: number;
  readonly end: number;
}

/** How many table cells may still be filled in. */
export interface WorkBudget {
  cells: number;
}

export interface NodePair {
  readonly i: number;
  readonly j: number;
}

/** A run in postorder, closed by a root of its own so that it is one tree. */
interface PostOrder {
  readonly count: number;
  /** Preorder index in the tree; -1 for the closing root. */
  readonly node: Int32Array;
  readonly leftmost: Int32Array;
  readonly keyRoots: readonly number[];
  readonly keyRootSize: number;
}

function postOrderOf({ tree, start, end }: Run): PostOrder {
  const inner = end - start;
  const node = new Int32Array(inner + 1).fill(-1);
  const leftmost = new Int32Array(inner + 1);
  const depth = new Int32Array(inner);
  for (let k = 0; k < inner; k++) {
    const above = (tree.parent[start + k] ?? -1) - start;
    depth[k] = above >= 0 ? (depth[above] ?? 0) + 1 : 0;
    const size = tree.size[start + k] ?? 1;
    // Descendants come before a node in postorder, ancestors after it.
    const place = k + size - 1 - (depth[k] ?? 0);
    node[place] = start + k;
    leftmost[place] = place - size + 1;
  }
  const last = new Map<number, number>();
  leftmost.forEach((left, place) => last.set(left, place));
  const keyRoots = [...last.values()].toSorted((one, other) => one - other);
  const keyRootSize = keyRoots.reduce((sum, root) => sum + root - (leftmost[root] ?? 0) + 1, 0);
  return { count: inner + 1, node, leftmost, keyRoots, keyRootSize };
}

/**
 * An optimal mapping between two runs, or `undefined` when it would cost more than the budget,
 * which then is left as it is.
 */
export function matchExactly(x: Run, y: Run, budget: WorkBudget): NodePair[] | undefined {
  const px = postOrderOf(x);
  const py = postOrderOf(y);
  const cells = px.keyRootSize * py.keyRootSize;
  if (cells > budget.cells) return undefined;
  budget.cells -= cells;

  const relabelCost = (p: number, q: number): number => {
    const i = px.node[p] ?? -1;
    const j = py.node[q] ?? -1;
    if (i < 0 || j < 0) return i === j ? 0 : 2;
    if (x.tree.type[i] !== y.tree.type[j]) return 2;
    return isSameNode(x.tree, i, y.tree, j) ? 0 : 1;
  };
  const table = new DistanceTable(px, py, relabelCost);
  for (const p of px.keyRoots) for (const q of py.keyRoots) table.fill(p, q, true);
  return table.readMapping();
}

/** The two tables of the algorithm. A class because the large one is reused for every pair of roots. */
class DistanceTable {
  readonly #px: PostOrder;
  readonly #py: PostOrder;
  readonly #relabelCost: (p: number, q: number) => number;
  readonly #trees: Int32Array;
  readonly #forests: Int32Array;
  readonly #width: number;

  constructor(px: PostOrder, py: PostOrder, relabelCost: (p: number, q: number) => number) {
    this.#px = px;
    this.#py = py;
    this.#relabelCost = relabelCost;
    this.#width = py.count + 1;
    this.#trees = new Int32Array(px.count * py.count);
    this.#forests = new Int32Array((px.count + 1) * this.#width);
  }

  #forest(row: number, column: number): number {
    return this.#forests[row * this.#width + column] ?? 0;
  }

  #tree(p: number, q: number): number {
    return this.#trees[p * this.#py.count + q] ?? 0;
  }

  /** Distances between all prefixes of the subtrees at `p` and `q`; keeps those of whole subtrees. */
  fill(p: number, q: number, keep: boolean): void {
    const left = this.#px.leftmost[p] ?? 0;
    const top = this.#py.leftmost[q] ?? 0;
    const forests = this.#forests;
    const width = this.#width;
    forests[0] = 0;
    for (let row = 1; row <= p - left + 1; row++) forests[row * width] = row;
    for (let column = 1; column <= q - top + 1; column++) forests[column] = column;
    for (let row = 1; row <= p - left + 1; row++) {
      const at = left + row - 1;
      const atLeft = this.#px.leftmost[at] ?? 0;
      for (let column = 1; column <= q - top + 1; column++) {
        const to = top + column - 1;
        const toLeft = this.#py.leftmost[to] ?? 0;
        const edited = Math.min(this.#forest(row - 1, column), this.#forest(row, column - 1)) + 1;
        const areTrees = atLeft === left && toLeft === top;
        const kept = areTrees
          ? this.#forest(row - 1, column - 1) + this.#relabelCost(at, to)
          : this.#forest(atLeft - left, toLeft - top) + this.#tree(at, to);
        const best = Math.min(edited, kept);
        forests[row * width + column] = best;
        if (areTrees && keep) this.#trees[at * this.#py.count + to] = best;
      }
    }
  }

  /** Walks the tables back along one optimal way. Ties go to keeping nodes of one type together. */
  readMapping(): NodePair[] {
    const pairs: NodePair[] = [];
    const open = [{ p: this.#px.count - 1, q: this.#py.count - 1 }];
    for (let top = open.pop(); top; top = open.pop()) {
      this.fill(top.p, top.q, false);
      this.#readBack(top.p, top.q, pairs, open);
    }
    return pairs;
  }

  #readBack(p: number, q: number, pairs: NodePair[], open: { p: number; q: number }[]): void {
    const left = this.#px.leftmost[p] ?? 0;
    const top = this.#py.leftmost[q] ?? 0;
    let row = p - left + 1;
    let column = q - top + 1;
    while (row > 0 && column > 0) {
      const at = left + row - 1;
      const to = top + column - 1;
      const here = this.#forest(row, column);
      const rowBefore = (this.#px.leftmost[at] ?? 0) - left;
      const columnBefore = (this.#py.leftmost[to] ?? 0) - top;
      const areTrees = rowBefore === 0 && columnBefore === 0;
      const relabel = this.#relabelCost(at, to);
      const isPair = areTrees && here === this.#forest(row - 1, column - 1) + relabel;
      if (isPair && relabel < 2) {
        this.#addPair(at, to, pairs);
        row--;
        column--;
      } else if (here === this.#forest(row - 1, column) + 1) row--;
      else if (here === this.#forest(row, column - 1) + 1) column--;
      else if (areTrees) {
        this.#addPair(at, to, pairs);
        row--;
        column--;
      } else {
        open.push({ p: at, q: to });
        row = rowBefore;
        column = columnBefore;
      }
    }
  }

  #addPair(p: number, q: number, pairs: NodePair[]): void {
    const i = this.#px.node[p] ?? -1;
    const j = this.#py.node[q] ?? -1;
    if (i >= 0 && j >= 0) pairs.push({ i, j });
  }
}
