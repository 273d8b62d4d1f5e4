/**
 * Finds which nodes of two trees correspond. From the roots down: equal subtrees first, then an
 * exact match of what is left between them where that is small, else by name and by type.
 * Every step is linear or n log n, or capped by a budget.
 */
import { matchExactly } from "./exact-match.ts";
import type { WorkBudget } from "./exact-match.ts";
import { childrenOf, isSameNode, labelOf, sizeOf, typeOf } from "./tree.ts";
import type { Interner, Tree } from "./tree.ts";

/** Residues up to this many nodes a side are matched exactly. */
const exactMatchNodes = 300;
const exactMatchCells = 20_000_000;

export interface Matching {
  /** For each node of the first tree its partner in the second, or -1. */
  readonly partner: Int32Array;
  /** Whether no cheaper matching exists. */
  readonly isOptimal: boolean;
}

type Task =
  | { readonly kind: "pair"; readonly i: number; readonly j: number }
  | {
      readonly kind: "gap";
      readonly xs: readonly number[];
      readonly ys: readonly number[];
      readonly level: number;
    };

/** Matches two trees that both have a root. */
export function matchTrees(x: Tree, y: Tree, interner: Interner): Matching {
  const matcher = new Matcher(x, y, interner);
  return matcher.run();
}

class Matcher {
  readonly #x: Tree;
  readonly #y: Tree;
  readonly #idsX: Int32Array;
  readonly #idsY: Int32Array;
  readonly #partner: Int32Array;
  readonly #tasks: Task[] = [{ kind: "pair", i: 0, j: 0 }];
  readonly #budget: WorkBudget = { cells: exactMatchCells };
  #isOptimal = true;

  constructor(x: Tree, y: Tree, interner: Interner) {
    this.#x = x;
    this.#y = y;
    this.#idsX = interner.idsOf(x);
    this.#idsY = interner.idsOf(y);
    this.#partner = new Int32Array(x.type.length).fill(-1);
  }

  run(): Matching {
    if (!isSameNode(this.#x, 0, this.#y, 0)) this.#isOptimal = false;
    for (let task = this.#tasks.pop(); task; task = this.#tasks.pop())
      if (task.kind === "pair") this.#matchPair(task.i, task.j);
      else this.#matchGap(task.xs, task.ys, task.level);
    return { partner: this.#partner, isOptimal: this.#isOptimal };
  }

  #isEqual(i: number | undefined, j: number | undefined): boolean {
    return i !== undefined && j !== undefined && this.#idsX[i] === this.#idsY[j];
  }

  /**
   * Keeping equal roots, and equal subtrees at either end of their children, never costs optimality:
   * order lets at most one side of such a pair be matched elsewhere, and an edit script that does
   * so costs no less than one that keeps the pair and gives those partners up.
   */
  #matchPair(i: number, j: number): void {
    this.#partner[i] = j;
    if (this.#isEqual(i, j)) {
      for (let k = 1; k < sizeOf(this.#x, i); k++) this.#partner[i + k] = j + k;
      return;
    }
    const xs = childrenOf(this.#x, i);
    const ys = childrenOf(this.#y, j);
    const shorter = Math.min(xs.length, ys.length);
    let head = 0;
    while (head < shorter && this.#isEqual(xs[head], ys[head])) head++;
    let tail = 0;
    while (tail < shorter - head && this.#isEqual(xs.at(-1 - tail), ys.at(-1 - tail))) tail++;
    const pushEqual = (k: number | undefined, l: number | undefined) => {
      if (k !== undefined && l !== undefined) this.#tasks.push({ kind: "pair", i: k, j: l });
    };
    for (let k = 0; k < head; k++) pushEqual(xs[k], ys[k]);
    for (let k = 1; k <= tail; k++) pushEqual(xs.at(-k), ys.at(-k));
    const gap = (children: number[]) => children.slice(head, children.length - tail);
    this.#tasks.push({ kind: "gap", xs: gap(xs), ys: gap(ys), level: 0 });
  }

  #matchGap(xs: readonly number[], ys: readonly number[], level: number): void {
    const [i, j] = [xs[0], ys[0]];
    if (i === undefined || j === undefined) return;
    const isSinglePair = xs.length === 1 && ys.length === 1;
    if (isSinglePair && isSameNode(this.#x, i, this.#y, j)) {
      this.#tasks.push({ kind: "pair", i, j });
      return;
    }
    if (this.#matchExactly(xs, ys)) return;
    this.#isOptimal = false;
    const keyOf = keyLevels[level];
    if (!keyOf) return;
    const anchors = alignInOrder(
      xs.map((node) => keyOf(this.#x, node, this.#idsX)),
      ys.map((node) => keyOf(this.#y, node, this.#idsY)),
    );
    let [fromX, fromY] = [0, 0];
    for (const [atX, atY] of [...anchors, [xs.length, ys.length] as const]) {
      const gap = { xs: xs.slice(fromX, atX), ys: ys.slice(fromY, atY) };
      this.#tasks.push({ kind: "gap", ...gap, level: level + 1 });
      const [k, l] = [xs[atX], ys[atY]];
      if (k !== undefined && l !== undefined) this.#tasks.push({ kind: "pair", i: k, j: l });
      [fromX, fromY] = [atX + 1, atY + 1];
    }
  }

  #matchExactly(xs: readonly number[], ys: readonly number[]): boolean {
    const runX = runOf(this.#x, xs);
    const runY = runOf(this.#y, ys);
    const longest = Math.max(runX.end - runX.start, runY.end - runY.start);
    if (longest > exactMatchNodes) return false;
    const pairs = matchExactly(runX, runY, this.#budget);
    for (const { i, j } of pairs ?? []) this.#partner[i] = j;
    return pairs !== undefined;
  }
}

function runOf(tree: Tree, siblings: readonly number[]) {
  const start = siblings[0] ?? 0;
  const last = siblings.at(-1) ?? start;
  return { tree, start, end: last + sizeOf(tree, last) };
}

/** What siblings are aligned by, from the surest sign to the weakest. */
const keyLevels: readonly ((tree: Tree, node: number, ids: Int32Array) => string)[] = [
  (_tree, node, ids) => String(ids[node]),
  (tree, node) => `${typeOf(tree, node)} ${namesIn(tree, node, 2)}`,
  (tree, node) => `${typeOf(tree, node)} ${namesIn(tree, node, 1)}`,
  (tree, node) => typeOf(tree, node),
];

/** The first names and literals in a subtree: what a reader would call it by. */
function namesIn(tree: Tree, node: number, count: number): string {
  const names: string[] = [];
  const end = Math.min(node + sizeOf(tree, node), node + 8);
  for (let at = node; at < end && names.length < count; at++)
    if (/^(?:Identifier|Name|Literal)$/.test(typeOf(tree, at))) names.push(labelOf(tree, at));
  return JSON.stringify(names);
}

/**
 * Pairs equal keys, the k-th with the k-th, and keeps the longest series of pairs in which both
 * indexes rise (patience sorting, n log n).
 */
export function alignInOrder(
  xs: readonly string[],
  ys: readonly string[],
): (readonly [x: number, y: number])[] {
  const places = new Map<string, number[]>();
  ys.forEach((key, at) => {
    const found = places.get(key);
    if (found) found.push(at);
    else places.set(key, [at]);
  });
  const used = new Map<string, number>();
  const pairs: (readonly [number, number])[] = [];
  xs.forEach((key, at) => {
    const turn = used.get(key) ?? 0;
    used.set(key, turn + 1);
    const place = places.get(key)?.[turn];
    if (place !== undefined) pairs.push([at, place]);
  });
  return longestRising(pairs);
}

function longestRising(
  pairs: readonly (readonly [number, number])[],
): (readonly [number, number])[] {
  const ends: number[] = [];
  const before = new Int32Array(pairs.length).fill(-1);
  pairs.forEach(([, value], at) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const end = pairs[ends[middle] ?? 0]?.[1] ?? 0;
      if (end < value) low = middle + 1;
      else high = middle;
    }
    before[at] = low > 0 ? (ends[low - 1] ?? -1) : -1;
    ends[low] = at;
  });
  const series: (readonly [number, number])[] = [];
  for (let at = ends.at(-1) ?? -1; at >= 0; at = before[at] ?? -1) {
    const pair = pairs[at];
    if (pair) series.push(pair);
  }
  return series.toReversed();
}
