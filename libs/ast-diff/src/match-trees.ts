/**
 * Finds which nodes of two trees correspond, as a tree edit distance may pair them: in order, and
 * never out of their ancestors. From the roots down: equal subtrees first, then an exact match of
 * what is left between them where that is small, else by equality, name, likeness and type.
 * Every step is linear or n log n, or capped by a budget.
 */
import { bestInOrder, heaviestRising, pairEqualKeys } from "./align.ts";
import type { IndexPair } from "./align.ts";
import { at } from "./column.ts";
import { planExactMatch } from "./exact-match.ts";
import type { ExactPlan } from "./exact-match.ts";
import { nodesIn } from "./post-order.ts";
import { commonKinds, declarationName, kindBag, leadingNames, placesByHash } from "./likeness.ts";
import { childrenOf, isSameSubtree, sizeOf, typeOf } from "./tree.ts";
import type { Tree } from "./tree.ts";

/** Residues up to this many nodes a side are matched exactly, as far as the budget goes. */
const exactMatchNodes = 380;
/** Exact matches up to this many cells are done at once, larger ones from the cheapest on. */
const smallCells = 40_000;
/** Exact matches up to this many cells are sooner done again than remembered. */
const forgottenCells = 1000;
/** Cells for exact matches by default: some, and more with each node that may have changed. */
const leastCells = 100_000;
const cellsPerChangedNode = 60;
/** From this many of them on: fewer. */
const manyChangedNodes = 10_000;
const cellsPerFurtherNode = 20;
/** Pairs of siblings whose likeness is looked at in one gap. */
const maxLikenessPairs = 4096;
/** Subtrees of fewer nodes say too little to be taken for the same thing elsewhere. */
const minAnchorNodes = 4;

export interface MatchOptions {
  /** Table cells that exact matches may fill in. Default: by the nodes between what is equal. */
  readonly cells?: number;
  /** Whether equal siblings that changed places are kept for a move rather than matched to others. */
  readonly keepsMoved?: boolean;
  /** Nodes from which to start, none inside another. Default: the roots. */
  readonly pairs?: readonly { readonly i: number; readonly j: number }[];
  /** Nodes that are partners whatever is found. */
  readonly given?: Int32Array;
  /** Exact matches of the same two trees, taken from here and added; empty at first. */
  readonly known?: Map<string, readonly number[]>;
}

export interface Matching {
  /** For each node of the first tree its partner in the second, or -1. */
  readonly partner: Int32Array;
  /** Whether no cheaper matching exists. */
  readonly isOptimal: boolean;
  /** Whether equal siblings were seen that changed places. */
  readonly hasMoved: boolean;
}

interface Gap {
  readonly kind: "gap";
  readonly xs: readonly number[];
  readonly ys: readonly number[];
  readonly level: number;
}

type Task = { readonly kind: "pair"; readonly i: number; readonly j: number } | Gap;

/** Matches two trees that both have a root and share a kind table. */
export function matchTrees(x: Tree, y: Tree, options: MatchOptions = {}): Matching {
  return new Matcher(x, y, options).run();
}

class Matcher {
  readonly #x: Tree;
  readonly #y: Tree;
  readonly #partner: Int32Array;
  readonly #tasks: Task[] = [];
  readonly #keepsMoved: boolean;
  readonly #known: Map<string, readonly number[]> | undefined;
  #deferred: { gap: Gap; plan: ExactPlan }[] = [];
  #cells: number;
  /** Whether there are more cells to fill in the more may have changed. */
  readonly #isGrowing: boolean;
  #changedNodes = 0;
  #isOptimal: boolean;
  #hasMoved = false;

  constructor(x: Tree, y: Tree, options: MatchOptions) {
    const { cells, keepsMoved = false, pairs = [{ i: 0, j: 0 }], given, known } = options;
    this.#known = known;
    this.#x = x;
    this.#y = y;
    this.#partner = given?.slice() ?? new Int32Array(x.length).fill(-1);
    for (const { i, j } of pairs) this.#tasks.push({ kind: "pair", i, j });
    this.#cells = cells ?? leastCells;
    this.#isGrowing = cells === undefined;
    this.#keepsMoved = keepsMoved;
    this.#isOptimal = pairs.every(({ i, j }) => x.kind[i] === y.kind[j]);
  }

  run(): Matching {
    while (this.#tasks.length > 0) {
      for (let task = this.#tasks.pop(); task; task = this.#tasks.pop())
        if (task.kind === "pair") this.#matchPair(task.i, task.j);
        else this.#matchGap(task);
      this.#settleDeferred();
    }
    return { partner: this.#partner, isOptimal: this.#isOptimal, hasMoved: this.#hasMoved };
  }

  /** Pairs two subtrees node for node if they are equal. */
  #keep(i: number | undefined, j: number | undefined): boolean {
    if (i === undefined || j === undefined || !isSameSubtree(this.#x, i, this.#y, j)) return false;
    const size = sizeOf(this.#x, i);
    for (let k = 0; k < size; k++) this.#partner[i + k] = j + k;
    return true;
  }

  /**
   * Keeping equal roots, and equal subtrees at either end of their children, never costs optimality:
   * order lets at most one side of such a pair be matched elsewhere, and an edit script that does
   * so costs no less than one that keeps the pair and gives those partners up.
   */
  #matchPair(i: number, j: number): void {
    if (this.#keep(i, j)) return;
    this.#partner[i] = j;
    const xs = childrenOf(this.#x, i);
    const ys = childrenOf(this.#y, j);
    const shorter = Math.min(xs.length, ys.length);
    let head = 0;
    while (head < shorter && this.#keep(xs[head], ys[head])) head++;
    let tail = 0;
    while (tail < shorter - head && this.#keep(xs.at(-1 - tail), ys.at(-1 - tail))) tail++;
    const gap = (children: number[]) => children.slice(head, children.length - tail);
    this.#tasks.push({ kind: "gap", xs: gap(xs), ys: gap(ys), level: 0 });
  }

  #matchGap(gap: Gap): void {
    const { xs, ys } = gap;
    if (xs.length === 0 || ys.length === 0) return;
    if (this.#isOnePair(xs, ys)) {
      this.#tasks.push({ kind: "pair", i: xs[0] ?? -1, j: ys[0] ?? -1 });
      return;
    }
    const rest = gap.level === 0 ? this.#withoutMoved(gap) : undefined;
    if (rest) this.#hasMoved = true;
    if (rest && this.#keepsMoved) return this.#alignEqual(rest);
    const runX = { tree: this.#x, roots: xs };
    const runY = { tree: this.#y, roots: ys };
    const [nodesX, nodesY] = [nodesIn(runX), nodesIn(runY)];
    if (Math.max(nodesX, nodesY) > exactMatchNodes) return this.#align(gap);
    this.#addCells(nodesX + nodesY);
    const plan = planExactMatch(runX, runY);
    if (plan.cells <= smallCells && plan.cells <= this.#cells) this.#matchExactly(gap, plan);
    else this.#deferred.push({ gap, plan });
  }

  /** Large changes are mostly of a kind that exact matches make little of. */
  #addCells(nodes: number): void {
    if (!this.#isGrowing) return;
    const isMany = this.#changedNodes > manyChangedNodes;
    this.#cells += nodes * (isMany ? cellsPerFurtherNode : cellsPerChangedNode);
    this.#changedNodes += nodes;
  }

  #isOnePair(xs: readonly number[], ys: readonly number[]): boolean {
    if (xs.length > 1 || ys.length > 1) return false;
    return this.#x.kind[xs[0] ?? -1] === this.#y.kind[ys[0] ?? -1];
  }

  #matchExactly({ xs, ys }: Gap, plan: ExactPlan): void {
    this.#cells -= plan.cells;
    const key = this.#known && plan.cells > forgottenCells ? `${xs.join()}/${ys.join()}` : "";
    let pairs = this.#known?.get(key);
    if (!pairs) {
      const found: number[] = [];
      plan.match((i, j) => found.push(i, j));
      if (key !== "") this.#known?.set(key, found);
      pairs = found;
    }
    for (let k = 0; k < pairs.length; k += 2) this.#partner[pairs[k] ?? 0] = pairs[k + 1] ?? -1;
  }

  #settleDeferred(): void {
    const deferred = this.#deferred.toSorted((one, other) => one.plan.cells - other.plan.cells);
    this.#deferred = [];
    for (const { gap, plan } of deferred)
      if (plan.cells <= this.#cells) this.#matchExactly(gap, plan);
      else this.#align(gap);
  }

  #align(gap: Gap): void {
    this.#isOptimal = false;
    const { xs, ys, level } = gap;
    if (level === 0) return this.#alignEqual(gap);
    const anchors = this.#anchorsOf(gap);
    if (!anchors) return this.#matchDeep(xs, ys);
    this.#split(xs, ys, anchors, level + 1);
  }

  /** Equal siblings: the heaviest series in order is kept. */
  #alignEqual({ xs, ys }: Gap): void {
    const [x, y] = [this.#x, this.#y];
    const pairs = this.#equalPairs(xs, ys);
    const anchors = heaviestRising(pairs, ([k]) => sizeOf(x, xs[k] ?? 0)).filter(([k, l]) =>
      isSameSubtree(x, xs[k] ?? 0, y, ys[l] ?? 0),
    );
    this.#split(xs, ys, anchors, 1);
  }

  #equalPairs(xs: readonly number[], ys: readonly number[]): IndexPair[] {
    return pairEqualKeys(
      xs.map((node) => at(this.#x.lo, node)),
      ys.map((node) => at(this.#y.lo, node)),
    );
  }

  /**
   * A gap without the siblings that changed places: equal ones, and declarations of one type and
   * name, that cross the heaviest series of such pairs. `undefined` when there are none.
   */
  #withoutMoved({ xs, ys }: Gap): Gap | undefined {
    const [x, y] = [this.#x, this.#y];
    if (xs.length === 1 || ys.length === 1) return undefined;
    const pairs = this.#equalPairs(xs, ys);
    const known = new Set(pairs.map(([k]) => k));
    const taken = new Set(pairs.map(([, l]) => l));
    const namesX = xs.map((node, k) => (known.has(k) ? k : (declarationName(x, node) ?? k)));
    const namesY = ys.map((node, l) =>
      taken.has(l) ? -1 - l : (declarationName(y, node) ?? -1 - l),
    );
    const named = pairEqualKeys<string | number>(namesX, namesY);
    const all = [...pairs, ...named].toSorted((one, other) => one[0] - other[0]);
    const inOrder = new Set(heaviestRising(all, ([k]) => sizeOf(x, xs[k] ?? 0)));
    const moved = all.filter(
      (pair) => !inOrder.has(pair) && sizeOf(x, xs[pair[0]] ?? 0) >= minAnchorNodes,
    );
    if (moved.length === 0) return undefined;
    const movedX = new Set(moved.map(([k]) => k));
    const movedY = new Set(moved.map(([, l]) => l));
    return {
      kind: "gap",
      xs: xs.filter((_, k) => !movedX.has(k)),
      ys: ys.filter((_, l) => !movedY.has(l)),
      level: 1,
    };
  }

  /** What corresponds at this level; `undefined` when there is no further level. */
  #anchorsOf({ xs, ys, level }: Gap): IndexPair[] | undefined {
    const [x, y] = [this.#x, this.#y];
    if (level <= 2) {
      const keyOf = (tree: Tree) => (node: number) =>
        `${typeOf(tree, node)} ${leadingNames(tree, node, 3 - level)}`;
      const pairs = pairEqualKeys(xs.map(keyOf(x)), ys.map(keyOf(y)));
      return heaviestRising(pairs, ([k]) => sizeOf(x, xs[k] ?? 0));
    }
    if (level === 3 && xs.length * ys.length <= maxLikenessPairs) {
      const bagsX = xs.map((node) => kindBag(x, node));
      const bagsY = ys.map((node) => kindBag(y, node));
      return bestInOrder(xs.length, ys.length, (k, l) =>
        this.#isSameType(xs[k], ys[l]) ? 1 + commonKinds(bagsX[k], bagsY[l]) : 0,
      );
    }
    if (level > 3) return undefined;
    const typesX = xs.map((node) => typeOf(x, node));
    const typesY = ys.map((node) => typeOf(y, node));
    return heaviestRising(pairEqualKeys(typesX, typesY), () => 1);
  }

  #isSameType(i: number | undefined, j: number | undefined): boolean {
    const { typeIds } = this.#x.kinds;
    return typeIds[this.#x.kind[i ?? -1] ?? -1] === typeIds[this.#y.kind[j ?? -1] ?? -1];
  }

  #split(
    xs: readonly number[],
    ys: readonly number[],
    anchors: readonly IndexPair[],
    level: number,
  ): void {
    let [fromX, fromY] = [0, 0];
    for (const [atX, atY] of [...anchors, [xs.length, ys.length] as const]) {
      const gap = { xs: xs.slice(fromX, atX), ys: ys.slice(fromY, atY) };
      this.#tasks.push({ kind: "gap", ...gap, level });
      const [i, j] = [xs[atX], ys[atY]];
      if (i !== undefined && j !== undefined) this.#tasks.push({ kind: "pair", i, j });
      [fromX, fromY] = [atX + 1, atY + 1];
    }
  }

  /**
   * Equal subtrees at any depth below siblings of which none correspond: code that was wrapped or
   * unwrapped. They stand beside each other on both sides, so order is all that has to be kept.
   */
  #matchDeep(xs: readonly number[], ys: readonly number[]): void {
    const [x, y] = [this.#x, this.#y];
    const places = placesByHash(y, ys, minAnchorNodes);
    const pairs: IndexPair[] = [];
    for (const root of xs) {
      let i = root;
      while (i < root + sizeOf(x, root)) {
        const j = places.get(at(x.lo, i))?.pop();
        if (j !== undefined) pairs.push([i, j]);
        i += j === undefined ? 1 : sizeOf(x, i);
      }
    }
    let end = 0;
    for (const [i, j] of heaviestRising(pairs, ([node]) => sizeOf(x, node)))
      if (j >= end && this.#keep(i, j)) end = j + sizeOf(y, j);
  }
}
