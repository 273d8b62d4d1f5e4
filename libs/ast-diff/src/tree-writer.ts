import { at } from "./column.ts";
import { createKindTable } from "./kind-table.ts";
import type { KindTable } from "./kind-table.ts";
import type { Tree } from "./tree.ts";

/** The same tree with the numbers of another kind table. */
export function withKinds(tree: Tree, kinds: KindTable): Tree {
  if (tree.kinds === kinds) return tree;
  const { types, roles, labels } = tree.kinds;
  const other = types.map((type, at) => kinds.idOf(type, roles[at] ?? "", labels[at] ?? ""));
  const kind = tree.kind.map((old) => other[old] ?? -1);
  const { length, parent, size, lo, hi, start, end } = tree;
  return new FlatTree({ length, kinds, kind, parent, size, lo, hi, start, end }, () => tree.line);
}

type Columns = Omit<Tree, "line" | "type" | "role" | "label">;

/** A class because lines and texts are worked out when first asked for, and then kept. */
class FlatTree implements Tree {
  readonly length: number;
  readonly kinds: KindTable;
  readonly kind: Int32Array;
  readonly parent: Int32Array;
  readonly size: Int32Array;
  readonly lo: Int32Array;
  readonly hi: Int32Array;
  readonly start: Int32Array;
  readonly end: Int32Array;
  readonly #linesOf: () => Int32Array;
  #line: Int32Array | undefined;
  #type: readonly string[] | undefined;
  #role: readonly string[] | undefined;
  #label: readonly string[] | undefined;

  constructor(columns: Columns, linesOf: () => Int32Array) {
    this.length = columns.length;
    this.kinds = columns.kinds;
    this.kind = columns.kind;
    this.parent = columns.parent;
    this.size = columns.size;
    this.lo = columns.lo;
    this.hi = columns.hi;
    this.start = columns.start;
    this.end = columns.end;
    this.#linesOf = linesOf;
  }

  get line(): Int32Array {
    return (this.#line ??= this.#linesOf());
  }

  get type(): readonly string[] {
    return (this.#type ??= this.#texts(this.kinds.types));
  }

  get role(): readonly string[] {
    return (this.#role ??= this.#texts(this.kinds.roles));
  }

  get label(): readonly string[] {
    return (this.#label ??= this.#texts(this.kinds.labels));
  }

  #texts(column: readonly string[]): readonly string[] {
    return Array.from(this.kind, (kind) => column[kind] ?? "");
  }
}

/** Collects nodes in preorder, by kind. A class because it owns columns that grow. */
export class TreeWriter {
  readonly kinds: KindTable;
  length = 0;
  /** Levels from the root to the deepest node, once the tree is finished. */
  depth = 0;
  #capacity: number;
  #kind: Int32Array;
  #parent: Int32Array;
  #start: Int32Array;
  #end: Int32Array;

  /** `capacity`: about how many nodes will come. */
  constructor(kinds: KindTable, capacity: number) {
    this.kinds = kinds;
    this.#capacity = Math.max(16, Math.ceil(capacity));
    this.#kind = new Int32Array(this.#capacity);
    this.#parent = new Int32Array(this.#capacity);
    this.#start = new Int32Array(this.#capacity);
    this.#end = new Int32Array(this.#capacity);
  }

  add(parent: number, kind: number, start: number, end: number): number {
    const node = this.length++;
    if (node >= this.#capacity) this.#grow();
    this.#kind[node] = kind;
    this.#parent[node] = parent;
    this.#start[node] = start;
    this.#end[node] = end;
    return node;
  }

  /** Adds what another tree of the same kinds has at `root`; its source starts at `start` here. */
  addCopy(
    parent: number,
    { kind, parent: above, start, end, size }: Tree,
    root: number,
    place: number,
  ): void {
    const first = this.length;
    const count = at(size, root);
    while (first + count > this.#capacity) this.#grow();
    const shift = place - at(start, root);
    this.#kind.set(kind.subarray(root, root + count), first);
    for (let k = 0; k < count; k++) {
      const from = at(start, root + k);
      const to = first + k;
      this.#parent[to] = at(above, root + k) - root + first;
      this.#start[to] = from < 0 ? from : from + shift;
      this.#end[to] = from < 0 ? from : at(end, root + k) + shift;
    }
    this.#parent[first] = parent;
    this.length = first + count;
  }

  #grow(): void {
    this.#capacity *= 2;
    const grown = (column: Int32Array) => {
      const larger = new Int32Array(this.#capacity);
      larger.set(column);
      return larger;
    };
    this.#kind = grown(this.#kind);
    this.#parent = grown(this.#parent);
    this.#start = grown(this.#start);
    this.#end = grown(this.#end);
  }

  /** The tree. `linesOf` tells the line of each node when it is first asked for. */
  finish(linesOf: (tree: { start: Int32Array }) => Int32Array): Tree {
    const { kinds, length } = this;
    const kind = this.#kind.subarray(0, length);
    const parent = this.#parent.subarray(0, length);
    const start = this.#start.subarray(0, length);
    const end = this.#end.subarray(0, length);
    const { size, lo, hi, depth } = hashSubtrees(kinds, kind, parent);
    this.depth = depth;
    const columns = { length, kinds, kind, parent, size, lo, hi, start, end };
    return new FlatTree(columns, () => linesOf(columns));
  }
}

/** One pass from the end: the children of a node come before it, the last one first. */
function hashSubtrees(kinds: KindTable, kind: Int32Array, parent: Int32Array) {
  const length = kind.length;
  const size = new Int32Array(length);
  const lo = new Int32Array(length);
  const hi = new Int32Array(length);
  const below = new Int32Array(length);
  const { lo: kindLo, hi: kindHi } = kinds;
  for (let node = length - 1; node >= 0; node--) {
    const own = at(kind, node);
    const count = at(size, node) + 1;
    let low = at(lo, node) ^ (kindLo[own] ?? own) ^ count;
    let high = at(hi, node) ^ (kindHi[own] ?? own) ^ Math.imul(count, 0x3c6ef372);
    low = Math.imul(low ^ (low >>> 16), 0x45d9f3b);
    high = Math.imul(high ^ (high >>> 15), 0x2c1b3c6d);
    low ^= low >>> 13;
    high ^= high >>> 12;
    size[node] = count;
    lo[node] = low;
    hi[node] = high;
    const above = at(parent, node);
    if (above < 0) continue;
    const levels = at(below, node) + 1;
    if (levels > at(below, above)) below[above] = levels;
    size[above] = at(size, above) + count;
    lo[above] = Math.imul(at(lo, above), 0x01000193) + low;
    hi[above] = Math.imul(at(hi, above), 0x5bd1e995) + high;
  }
  return { size, lo, hi, depth: length === 0 ? 0 : at(below, 0) + 1 };
}

/** Collects nodes in preorder. */
export interface TreeBuilder {
  readonly add: (
    parent: number,
    type: string,
    role: string,
    label: string,
    line: number,
    start?: number,
    end?: number,
  ) => number;
  readonly finish: () => Tree;
}

export function createTreeBuilder(kinds: KindTable = createKindTable()): TreeBuilder {
  const writer = new TreeWriter(kinds, 64);
  const lines: number[] = [];
  return {
    add(parent, type, role, label, line, start = -1, end = -1) {
      lines.push(line);
      return writer.add(parent, kinds.idOf(type, role, label), start, end);
    },
    finish: () => writer.finish(() => Int32Array.from(lines)),
  };
}

/** The absent file: a forest of nothing. */
export const emptyTree: Tree = createTreeBuilder().finish();
