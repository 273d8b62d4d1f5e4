/** Finds code that went elsewhere, also into another file, among what a matching leaves alone. */
import { at } from "./column.ts";
import { condense, expandPartner } from "./condense.ts";
import type { Condensed } from "./condense.ts";
import { inverse } from "./distance.ts";
import { declarationName } from "./likeness.ts";
import { matchTrees } from "./match-trees.ts";
import { childrenOf, isSameSubtree, sizeOf, typeOf } from "./tree.ts";
import type { Tree } from "./tree.ts";

/** Subtrees of fewer nodes are written anew more often than moved, unless there is only one such. */
const minMovedNodes = 4;
/** As many as `var a;` has. */
const minOnlyNodes = 3;

/** A matching with moves, and the same of the trees with what was kept in one piece. */
export interface Moved {
  readonly partner: Int32Array;
  readonly condensed: Condensed;
}

/**
 * The matching with moves among the subtrees that have no partner, the largest first: one that is
 * equal to another, else a declaration of one type and name, or one that holds mostly the same, matched
 * inside. The first of several equal ones goes to the first.
 */
export function findMoves(x: Tree, y: Tree, partner: Int32Array): Moved {
  const condensed = condense(x, y, partner);
  const { a, b, partner: small } = condensed;
  const allX = looseSubtrees(a.tree, small);
  const allY = looseSubtrees(b.tree, inverse(small, b.tree.length));
  const looseX = movable(a.tree, allX, b.tree, allY);
  const looseY = movable(b.tree, allY, a.tree, allX);
  if (looseX.length === 0 || looseY.length === 0) return { partner, condensed };
  const moved = {
    ...condensed,
    partner: new MoveFinder(a.tree, b.tree, small, looseX, looseY).run(looseX),
  };
  return { partner: expandPartner(moved, partner), condensed: moved };
}

/** Roots of subtrees of which no node has a partner. */
function looseSubtrees(tree: Tree, partner: Int32Array): number[] {
  const hasKept = new Uint8Array(tree.length);
  const roots: number[] = [];
  for (let node = tree.length - 1; node >= 0; node--) {
    if (at(partner, node) >= 0) hasKept[node] = 1;
    if (hasKept[node]) hasKept[at(tree.parent, node)] = 1;
    else if (sizeOf(tree, node) >= minOnlyNodes) roots.push(node);
  }
  return roots.toReversed();
}

/** Without the small ones of which there are several on a side, or none on the other. */
function movable(tree: Tree, loose: readonly number[], other: Tree, otherLoose: readonly number[]) {
  const isSmall = (of: Tree, node: number) => sizeOf(of, node) < minMovedNodes;
  const countsOf = (of: Tree, nodes: readonly number[]) => {
    const counts = new Map<number, number>();
    for (const node of nodes)
      if (isSmall(of, node)) counts.set(at(of.lo, node), (counts.get(at(of.lo, node)) ?? 0) + 1);
    return counts;
  };
  const [counts, others] = [countsOf(tree, loose), countsOf(other, otherLoose)];
  return loose.filter((node) => {
    const hash = at(tree.lo, node);
    return !isSmall(tree, node) || (counts.get(hash) === 1 && others.get(hash) === 1);
  });
}

/** A class because what is taken on either side changes together. */
class MoveFinder {
  readonly #x: Tree;
  readonly #y: Tree;
  readonly #moved: Int32Array;
  readonly #takenX: Uint8Array;
  readonly #takenY: Uint8Array;
  readonly #places: ReadonlyMap<number, readonly number[]>;
  readonly #placesX: ReadonlyMap<number, readonly number[]>;
  readonly #names: ReadonlyMap<string, number>;
  readonly #namesX: ReadonlyMap<number, string>;
  readonly #next = new Map<number, number>();

  constructor(
    x: Tree,
    y: Tree,
    partner: Int32Array,
    looseX: readonly number[],
    looseY: readonly number[],
  ) {
    this.#x = x;
    this.#y = y;
    this.#moved = partner.slice();
    this.#takenX = new Uint8Array(x.length);
    this.#takenY = new Uint8Array(y.length);
    this.#names = onlyDeclarations(y, looseY);
    this.#namesX = new Map([...onlyDeclarations(x, looseX)].map(([name, node]) => [node, name]));
    this.#places = byHash(y, looseY);
    this.#placesX = byHash(x, looseX);
  }

  run(looseX: readonly number[]): Int32Array {
    const [x, y] = [this.#x, this.#y];
    const pairs: { i: number; j: number }[] = [];
    for (const i of looseX.toSorted((one, two) => sizeOf(x, two) - sizeOf(x, one) || one - two)) {
      if (this.#takenX[i]) continue;
      const j = this.#counterpartOf(i);
      if (j < 0) continue;
      this.#takenX.fill(1, i, i + sizeOf(x, i));
      this.#takenY.fill(1, j, j + sizeOf(y, j));
      pairs.push({ i, j });
    }
    const { partner } = matchTrees(x, y, { pairs, keepsMoved: true });
    return this.#moved.map((j, i) => (j >= 0 ? j : at(partner, i)));
  }

  #counterpartOf(i: number): number {
    const equal = this.#equalTo(i);
    if (equal >= 0) return equal;
    const named = this.#namedLike(this.#namesX.get(i));
    return named >= 0 ? named : this.#holderLike(i);
  }

  /**
   * What holds most of the same: children, which no others are like, with more than half of the nodes of
   * both. There is one such at most, and it finds this one too.
   */
  #holderLike(i: number): number {
    const [x, y] = [this.#x, this.#y];
    const common = new Map<number, number>();
    for (const child of childrenOf(x, i)) {
      const other = this.#onlyEqualTo(child);
      if (other < 0) continue;
      const holder = at(y.parent, other);
      common.set(holder, (common.get(holder) ?? 0) + sizeOf(x, child));
    }
    for (const [j, nodes] of common) {
      const isMost = 2 * nodes > sizeOf(x, i) && 2 * nodes > sizeOf(y, j);
      if (isMost && typeOf(x, i) === typeOf(y, j) && this.#isLoose(j)) return j;
    }
    return -1;
  }

  /** The equal of a node, where neither side has two of them. */
  #onlyEqualTo(i: number): number {
    const hash = at(this.#x.lo, i);
    const found = this.#places.get(hash);
    const other = found?.length === 1 ? (found[0] ?? -1) : -1;
    const isOnly = other >= 0 && this.#placesX.get(hash)?.length === 1;
    return isOnly && isSameSubtree(this.#x, i, this.#y, other) ? other : -1;
  }

  /** Whether a node is among those that may be where others went. */
  #isLoose(j: number): boolean {
    return (this.#places.get(at(this.#y.lo, j)) ?? []).includes(j) && this.#isFree(j);
  }

  #equalTo(i: number): number {
    const key = at(this.#x.lo, i);
    const candidates = this.#places.get(key) ?? [];
    for (let turn = this.#next.get(key) ?? 0; turn < candidates.length; turn++) {
      this.#next.set(key, turn + 1);
      const j = candidates[turn] ?? -1;
      if (this.#isFree(j) && isSameSubtree(this.#x, i, this.#y, j)) return j;
    }
    return -1;
  }

  #namedLike(name: string | undefined): number {
    const j = name === undefined ? -1 : (this.#names.get(name) ?? -1);
    return j >= 0 && this.#isFree(j) ? j : -1;
  }

  #isFree(j: number): boolean {
    return !this.#takenY.subarray(j, j + sizeOf(this.#y, j)).includes(1);
  }
}

function byHash(tree: Tree, nodes: readonly number[]): ReadonlyMap<number, readonly number[]> {
  const places = new Map<number, number[]>();
  for (const node of nodes) {
    const found = places.get(at(tree.lo, node));
    if (found) found.push(node);
    else places.set(at(tree.lo, node), [node]);
  }
  return places;
}

/** Declarations by type and name, where only one has it. */
function onlyDeclarations(tree: Tree, nodes: readonly number[]): ReadonlyMap<string, number> {
  const byName = new Map<string, number>();
  for (const node of nodes) {
    const name = declarationName(tree, node);
    if (name !== undefined) byName.set(name, byName.has(name) ? -1 : node);
  }
  return byName;
}
