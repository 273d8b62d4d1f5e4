/**
 * Exact ordered tree edit distance between two small forests.
 * Zhang and Shasha, "Simple fast algorithms for the editing distance between trees and related
 * problems", SIAM J. Comput. 18 (1989). Insert 1, delete 1, relabel within a type 1, across types 2.
 * The trees are taken as they are or mirrored, whichever is less work. Of the tables only a band is
 * filled in: Touzet, "A linear tree edit distance algorithm for similar ordered trees", CPM 2005.
 */
import { at } from "./column.ts";
import { nodesIn, postOrderOf } from "./post-order.ts";
import type { PostOrder, Run } from "./post-order.ts";
import { sizeOf } from "./tree.ts";

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

/** An exact match that has been planned. */
export interface ExactPlan {
  /** Cells of the whole tables: what it costs at most, or little more. */
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
      leastTable(px, py, leastDistance(x, y)).readMapping(pair);
    },
  };
}

/** More than any distance, and twice of it still a small integer. */
const unknown = 1 << 28;

/**
 * A table of which the band is wide enough. No mapping of cost k leaves a band of width k, and what a
 * band gives is the cost of some mapping: so a distance within its band is the distance, and else the
 * band that is as wide as the distance it gave holds an optimal one.
 */
function leastTable(px: PostOrder, py: PostOrder, least: number): DistanceTable {
  const all = px.count + py.count;
  // A wider band is no less work than the table.
  const widthOf = (width: number) => (2 * width < Math.min(px.count, py.count) ? width : all);
  const first = new DistanceTable(px, py, widthOf(least));
  const { distance } = first;
  return distance <= first.band ? first : new DistanceTable(px, py, widthOf(distance));
}

/** How often each kind occurs; all 0 between two uses. */
let surplus = new Int32Array(4096);

/** A distance that nodes of the same kind on both sides leave no way around: most often the distance. */
function leastDistance(x: Run, y: Run): number {
  countKinds(x, 1);
  countKinds(y, -1);
  let [more, fewer] = [0, 0];
  for (const { tree, roots } of [x, y])
    for (const root of roots)
      for (let node = root; node < root + sizeOf(tree, root); node++) {
        const kind = at(tree.kind, node);
        const count = at(surplus, kind);
        if (count > 0) more += count;
        else fewer -= count;
        surplus[kind] = 0;
      }
  return Math.max(more, fewer);
}

function countKinds({ tree, roots }: Run, step: number): void {
  for (const root of roots)
    for (let node = root; node < root + sizeOf(tree, root); node++) {
      const kind = at(tree.kind, node);
      if (kind >= surplus.length) growSurplus(2 * kind);
      surplus[kind] = at(surplus, kind) + step;
    }
}

function growSurplus(length: number): void {
  const larger = new Int32Array(length);
  larger.set(surplus);
  surplus = larger;
}

/** Room for tables, kept from match to match: what is read of it was written in the same match. */
let room = [new Int32Array(0), new Int32Array(0)] as const;

/** Two tables of at least this many cells, with anything in them. */
function tablesOf(cells: number): readonly [trees: Int32Array, forests: Int32Array] {
  if (room[0].length < cells) room = [new Int32Array(2 * cells), new Int32Array(2 * cells)];
  return room;
}

/** The two tables of the algorithm, filled in. A class because the large one is reused for every pair of roots. */
class DistanceTable {
  readonly #px: PostOrder;
  readonly #py: PostOrder;
  readonly #trees: Int32Array;
  readonly #forests: Int32Array;
  readonly #width: number;
  /** How many nodes more one side of a pair of forests may have, what is left of them included. */
  readonly band: number;
  /** Where the subtrees that are being filled in begin, and what of the band is left for them. */
  #left = 0;
  #top = 0;
  #bandHere = 0;
  /** The cost of some mapping, or more than any; the least cost where that is within the band. */
  readonly distance: number;

  constructor(px: PostOrder, py: PostOrder, band: number) {
    this.#px = px;
    this.#py = py;
    this.#width = py.count + 1;
    this.band = band;
    const cells = (px.count + 1) * this.#width;
    [this.#trees, this.#forests] = tablesOf(cells);
    this.#trees.fill(unknown, 0, cells);
    for (const p of px.keyRoots) for (const q of py.keyRoots) this.#fill(p, q, true);
    // The closing roots are key roots, and the last.
    this.distance = this.#forest(px.count, py.count);
  }

  /** Distances between prefixes of the subtrees at `p` and `q`; keeps those of whole subtrees. */
  #fill(p: number, q: number, keep: boolean): void {
    const left = (this.#left = at(this.#px.leftmost, p));
    const top = (this.#top = at(this.#py.leftmost, q));
    // What is left of the two subtrees differs by so many nodes already.
    const band = (this.#bandHere = this.band - Math.abs(left - top));
    if (band < 0) return;
    const columns = q - top + 1;
    const forests = this.#forests;
    for (let column = 0; column <= Math.min(columns, band); column++) forests[column] = column;
    if (band < columns) forests[band + 1] = unknown;
    const rows = Math.min(p - left + 1, columns + band);
    for (let row = 1; row <= rows; row++) {
      const line = row * this.#width;
      const from = Math.max(1, row - band);
      const end = Math.min(columns, row + band);
      forests[line + from - 1] = from === 1 ? row : unknown;
      const isTree = this.#px.leftmost[left + row - 1] === left;
      if (isTree) this.#fillTreeRow(row, from, end, keep);
      else this.#fillRow(row, from, end);
      if (end < columns) forests[line + end + 1] = unknown;
    }
  }

  /**
   * A row without whole subtrees: nearly all of the time of a match goes by here. Indexes are within the
   * columns by construction, so what is read is a number; `at` would ask each time. Cells beside the
   * band are `unknown`, and those further out were not written: they are not asked for.
   */
  #fillRow(row: number, from: number, end: number): void {
    const forests = this.#forests;
    const trees = this.#trees;
    const { leftmost, count } = this.#py;
    const node = this.#left + row - 1;
    const rowBeside = at(this.#px.leftmost, node) - this.#left;
    const line = row * this.#width;
    const above = line - this.#width;
    const beside = rowBeside * this.#width - this.#top;
    const least = rowBeside + this.#top - this.#bandHere;
    const most = rowBeside + this.#top + this.#bandHere;
    const treeLine = node * count;
    let best = forests[line + from - 1] as number;
    for (let column = from, to = this.#top + from - 1; column <= end; column++, to++) {
      const other = forests[above + column] as number;
      best = (other < best ? other : best) + 1;
      const toLeft = leftmost[to] as number;
      if (toLeft >= least && toLeft <= most) {
        const kept = (forests[beside + toLeft] as number) + (trees[treeLine + to] as number);
        if (kept < best) best = kept;
      }
      forests[line + column] = best;
    }
  }

  /** A row whose node is above all before it: where the column's is too, the two are whole subtrees. */
  #fillTreeRow(row: number, from: number, end: number, keep: boolean): void {
    const forests = this.#forests;
    const trees = this.#trees;
    const { kind: kinds, type: types, leftmost, count } = this.#py;
    const top = this.#top;
    const node = this.#left + row - 1;
    const kind = at(this.#px.kind, node);
    const type = at(this.#px.type, node);
    const line = row * this.#width;
    const above = line - this.#width;
    const most = top + this.#bandHere;
    const treeLine = node * count;
    let best = forests[line + from - 1] as number;
    for (let column = from, to = top + from - 1; column <= end; column++, to++) {
      const toLeft = leftmost[to] as number;
      const other = forests[above + column] as number;
      best = (other < best ? other : best) + 1;
      if (toLeft === top) {
        const relabel = kind === kinds[to] ? 0 : type === types[to] ? 1 : 2;
        const kept = (forests[above + column - 1] as number) + relabel;
        if (kept < best) best = kept;
        if (keep) trees[treeLine + to] = best;
      } else if (toLeft <= most) {
        const kept = toLeft - top + (trees[treeLine + to] as number);
        if (kept < best) best = kept;
      }
      forests[line + column] = best;
    }
  }

  /** Walks the tables back along one optimal way. Ties go to keeping nodes of one type together. */
  readMapping(pair: (i: number, j: number) => void): void {
    const open = [{ p: this.#px.count - 1, q: this.#py.count - 1 }];
    for (let top = open.pop(); top; top = open.pop()) {
      this.#fill(top.p, top.q, false);
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
