/**
 * Exact ordered tree edit distance between two small forests.
 * Zhang and Shasha, "Simple fast algorithms for the editing distance between trees and related
 * problems", SIAM J. Comput. 18 (1989). Insert 1, delete 1, relabel within a type 1, across types 2.
 * The trees are taken as they are or mirrored, whichever is less work.
 */
import { at } from "./column.ts";
import { sizeOf } from "./tree.ts";
import type { Tree } from "./tree.ts";

/** Sibling subtrees of one tree, in order. */
export interface Run {
  readonly tree: Tree;
  readonly roots: readonly number[];
}

/** How many table cells may still be filled in. */
export interface WorkBudget {
  cells: number;
}

/** A run in postorder, closed by a root of its own so that it is one tree. */
interface PostOrder {
  readonly count: number;
  /** Index in the tree; -1 for the closing root. */
  readonly node: Int32Array;
  readonly kind: Int32Array;
  readonly type: Int32Array;
  readonly leftmost: Int32Array;
  readonly keyRoots: Int32Array;
}

/** Nodes in the subtrees of a run. */
export function nodesIn({ tree, roots }: Run): number {
  return roots.reduce((sum, root) => sum + sizeOf(tree, root), 0);
}

function postOrderOf(run: Run, isMirrored: boolean): PostOrder {
  const { tree, roots } = run;
  const inner = nodesIn(run);
  const node = new Int32Array(inner + 1).fill(-1);
  const leftmost = new Int32Array(inner + 1);
  let before = 0;
  for (const root of roots) {
    const depth = new Int32Array(sizeOf(tree, root));
    for (let k = 0; k < depth.length; k++) {
      if (k > 0) depth[k] = (depth[(tree.parent[root + k] ?? 0) - root] ?? 0) + 1;
      const size = tree.size[root + k] ?? 1;
      // Mirrored, postorder is preorder from the end. As it is, descendants come before a node.
      const place = isMirrored ? inner - 1 - before - k : before + k + size - 1 - (depth[k] ?? 0);
      node[place] = root + k;
      leftmost[place] = place - size + 1;
    }
    before += depth.length;
  }
  const last = new Int32Array(inner + 1).fill(-1);
  for (let place = 0; place <= inner; place++) last[at(leftmost, place)] = place;
  const keyRoots = last.filter((root) => root >= 0).toSorted();
  const kind = node.map((index) => (index < 0 ? -1 : at(tree.kind, index)));
  const type = kind.map((id) => (id < 0 ? -1 : (tree.kinds.typeIds[id] ?? 0)));
  return { count: inner + 1, node, kind, type, leftmost, keyRoots };
}

/** Rows of a table over a run as it is and mirrored: all subtrees but those that come first, or last. */
function rowsOf({ tree, roots }: Run): readonly [straight: number, mirrored: number] {
  const inner = nodesIn({ tree, roots });
  // The closing root has them all below it.
  let [straight, mirrored] = [inner + 1, inner + 1];
  for (const [place, root] of roots.entries()) {
    if (place > 0) straight += sizeOf(tree, root);
    if (place < roots.length - 1) mirrored += sizeOf(tree, root);
    const end = root + sizeOf(tree, root);
    for (let node = root + 1; node < end; node++) {
      const parent = at(tree.parent, node);
      const size = at(tree.size, node);
      if (node !== parent + 1) straight += size;
      if (node + size !== parent + at(tree.size, parent)) mirrored += size;
    }
  }
  return [straight, mirrored];
}

/** An exact match that has been planned; `cells` is what it costs. */
export interface ExactPlan {
  readonly cells: number;
  /** Pairs the nodes of an optimal mapping. */
  readonly match: (pair: (i: number, j: number) => void) => void;
}

/** Plans an optimal mapping between two runs of trees with one kind table. */
export function planExactMatch(x: Run, y: Run): ExactPlan {
  const [straightX, mirroredX] = rowsOf(x);
  const [straightY, mirroredY] = rowsOf(y);
  const straight = straightX * straightY;
  const mirrored = mirroredX * mirroredY;
  return {
    cells: Math.min(straight, mirrored),
    match(pair) {
      const px = postOrderOf(x, mirrored < straight);
      const py = postOrderOf(y, mirrored < straight);
      const table = new DistanceTable(px, py);
      for (const p of px.keyRoots) for (const q of py.keyRoots) table.fill(p, q, true);
      table.readMapping(pair);
    },
  };
}

/** Room for tables, kept from match to match: what is read of it was written in the same match. */
let room = [new Int32Array(0), new Int32Array(0)] as const;

/** Two tables of at least this many cells, with anything in them. */
function tablesOf(cells: number): readonly [trees: Int32Array, forests: Int32Array] {
  if (room[0].length < cells) room = [new Int32Array(2 * cells), new Int32Array(2 * cells)];
  return room;
}

/** The two tables of the algorithm. A class because the large one is reused for every pair of roots. */
class DistanceTable {
  readonly #px: PostOrder;
  readonly #py: PostOrder;
  readonly #trees: Int32Array;
  readonly #forests: Int32Array;
  readonly #width: number;

  constructor(px: PostOrder, py: PostOrder) {
    this.#px = px;
    this.#py = py;
    this.#width = py.count + 1;
    [this.#trees, this.#forests] = tablesOf((px.count + 1) * this.#width);
  }

  /** Distances between all prefixes of the subtrees at `p` and `q`; keeps those of whole subtrees. */
  fill(p: number, q: number, keep: boolean): void {
    const left = at(this.#px.leftmost, p);
    const top = at(this.#py.leftmost, q);
    const columns = q - top + 1;
    const forests = this.#forests;
    for (let column = 0; column <= columns; column++) forests[column] = column;
    for (let row = 1; row <= p - left + 1; row++) {
      const line = row * this.#width;
      forests[line] = row;
      this.#fillRow(left + row - 1, left, top, columns, keep);
    }
  }

  /**
   * Nearly all of the time of a match goes by here. Indexes are within the columns by construction, so
   * what is read is a number; `at` would ask each time.
   */
  #fillRow(node: number, left: number, top: number, columns: number, keep: boolean): void {
    const forests = this.#forests;
    const trees = this.#trees;
    const { kind: kinds, type: types, leftmost, count } = this.#py;
    const kind = at(this.#px.kind, node);
    const type = at(this.#px.type, node);
    const nodeLeft = at(this.#px.leftmost, node);
    const line = (node - left + 1) * this.#width;
    const above = line - this.#width;
    const beside = (nodeLeft - left) * this.#width - top;
    const treeLine = node * count;
    let best = node - left + 1;
    if (nodeLeft !== left) {
      // Never two whole trees: the row that most of the time goes into.
      for (let column = 1, to = top; column <= columns; column++, to++) {
        const other = forests[above + column] as number;
        best = (other < best ? other : best) + 1;
        const kept =
          (forests[beside + (leftmost[to] as number)] as number) + (trees[treeLine + to] as number);
        if (kept < best) best = kept;
        forests[line + column] = best;
      }
      return;
    }
    for (let column = 1, to = top; column <= columns; column++, to++) {
      const toLeft = leftmost[to] as number;
      const other = forests[above + column] as number;
      best = (other < best ? other : best) + 1;
      if (toLeft === top) {
        const relabel = kind === kinds[to] ? 0 : type === types[to] ? 1 : 2;
        const kept = (forests[above + column - 1] as number) + relabel;
        if (kept < best) best = kept;
        if (keep) trees[treeLine + to] = best;
      } else {
        const kept = (forests[beside + toLeft] as number) + (trees[treeLine + to] as number);
        if (kept < best) best = kept;
      }
      forests[line + column] = best;
    }
  }

  /** Walks the tables back along one optimal way. Ties go to keeping nodes of one type together. */
  readMapping(pair: (i: number, j: number) => void): void {
    const open = [{ p: this.#px.count - 1, q: this.#py.count - 1 }];
    for (let top = open.pop(); top; top = open.pop()) {
      this.fill(top.p, top.q, false);
      this.#readBack(top.p, top.q, pair, open);
    }
  }

  #forest(row: number, column: number): number {
    return this.#forests[row * this.#width + column] ?? 0;
  }

  #relabelCost(p: number, q: number): number {
    if (this.#px.kind[p] === this.#py.kind[q]) return 0;
    return this.#px.type[p] === this.#py.type[q] ? 1 : 2;
  }

  #readBack(
    p: number,
    q: number,
    pair: (i: number, j: number) => void,
    open: { p: number; q: number }[],
  ): void {
    const left = this.#px.leftmost[p] ?? 0;
    const top = this.#py.leftmost[q] ?? 0;
    let row = p - left + 1;
    let column = q - top + 1;
    while (row > 0 && column > 0) {
      const from = left + row - 1;
      const to = top + column - 1;
      const here = this.#forest(row, column);
      const rowBefore = (this.#px.leftmost[from] ?? 0) - left;
      const columnBefore = (this.#py.leftmost[to] ?? 0) - top;
      const areTrees = rowBefore === 0 && columnBefore === 0;
      const relabel = this.#relabelCost(from, to);
      const isPair = areTrees && here === this.#forest(row - 1, column - 1) + relabel;
      if (isPair && relabel < 2) {
        this.#addPair(from, to, pair);
        row--;
        column--;
      } else if (here === this.#forest(row - 1, column) + 1) row--;
      else if (here === this.#forest(row, column - 1) + 1) column--;
      else if (areTrees) {
        this.#addPair(from, to, pair);
        row--;
        column--;
      } else {
        open.push({ p: from, q: to });
        row = rowBefore;
        column = columnBefore;
      }
    }
  }

  #addPair(p: number, q: number, pair: (i: number, j: number) => void): void {
    const i = this.#px.node[p] ?? -1;
    const j = this.#py.node[q] ?? -1;
    if (i >= 0 && j >= 0) pair(i, j);
  }
}
