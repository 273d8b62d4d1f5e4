/**
 * An ordered, labelled tree in preorder columns: node 0 is the root, the subtree of node `i` is
 * the range `i` to `i + size[i] - 1`, its first child is `i + 1`. Flat so that depth costs no stack.
 */
export interface Tree {
  readonly type: readonly string[];
  /** The slot in the parent where the order of the siblings alone does not tell it, else empty. */
  readonly role: readonly string[];
  readonly label: readonly string[];
  readonly parent: Int32Array;
  readonly size: Int32Array;
  /** Source line, from 1. Not part of the normal form. */
  readonly line: Int32Array;
  /** Where the node stands in its source, UTF-16 units, end exclusive; -1 where that is not known. */
  readonly start: Int32Array;
  readonly end: Int32Array;
}

/** Child indexes of a node, in order. */
export function childrenOf(tree: Tree, node: number): number[] {
  const children: number[] = [];
  const end = node + sizeOf(tree, node);
  for (let child = node + 1; child < end; child += sizeOf(tree, child)) children.push(child);
  return children;
}

/** Nodes in the subtree of `node`, itself included. */
export function sizeOf(tree: Tree, node: number): number {
  return tree.size[node] ?? 1;
}

/** Whether both nodes carry the same type, role and label. */
export function isSameNode(x: Tree, i: number, y: Tree, j: number): boolean {
  return x.type[i] === y.type[j] && x.label[i] === y.label[j] && x.role[i] === y.role[j];
}

export function typeOf(tree: Tree, node: number): string {
  return tree.type[node] ?? "";
}

/** The parent of a node; -1 above the root. */
export function parentOf(tree: Tree, node: number): number {
  return tree.parent[node] ?? -1;
}

export function roleOf(tree: Tree, node: number): string {
  return tree.role[node] ?? "";
}

export function labelOf(tree: Tree, node: number): string {
  return tree.label[node] ?? "";
}

/** Numbers subtrees so that two have the same number exactly when they are equal, node for node. */
export interface Interner {
  readonly idsOf: (tree: Tree) => Int32Array;
}

/**
 * The key of a subtree is its root and the numbers of its children, in full: no hash stands
 * between two trees and the statement that they are equal.
 */
export function createInterner(): Interner {
  const numbers = new Map<string, number>();
  const known = new WeakMap<Tree, Int32Array>();
  const idsOf = (tree: Tree): Int32Array => {
    const found = known.get(tree);
    if (found) return found;
    const ids = new Int32Array(tree.type.length);
    for (let node = ids.length - 1; node >= 0; node--) {
      const below = childrenOf(tree, node).map((child) => ids[child]);
      // The label comes last: it alone may hold any character.
      const key = `${tree.type[node]} ${tree.role[node]} ${below.join(",")} ${tree.label[node]}`;
      const number = numbers.get(key) ?? numbers.size;
      numbers.set(key, number);
      ids[node] = number;
    }
    known.set(tree, ids);
    return ids;
  };
  return { idsOf };
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

export function createTreeBuilder(): TreeBuilder {
  const type: string[] = [];
  const role: string[] = [];
  const label: string[] = [];
  const parents: number[] = [];
  const lines: number[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  return {
    add(parent, nodeType, nodeRole, nodeLabel, line, start = -1, end = -1) {
      type.push(nodeType);
      role.push(nodeRole);
      label.push(nodeLabel);
      parents.push(parent);
      lines.push(line);
      starts.push(start);
      ends.push(end);
      return parents.length - 1;
    },
    finish() {
      const parent = Int32Array.from(parents);
      const size = new Int32Array(parents.length).fill(1);
      for (let node = size.length - 1; node > 0; node--) {
        const above = parents[node] ?? 0;
        size[above] = (size[above] ?? 1) + (size[node] ?? 1);
      }
      const line = Int32Array.from(lines);
      const start = Int32Array.from(starts);
      const end = Int32Array.from(ends);
      return { type, role, label, parent, size, line, start, end };
    },
  };
}

/** The absent file: a forest of nothing. */
export const emptyTree: Tree = {
  type: [],
  role: [],
  label: [],
  parent: new Int32Array(),
  size: new Int32Array(),
  line: new Int32Array(),
  start: new Int32Array(),
  end: new Int32Array(),
};
