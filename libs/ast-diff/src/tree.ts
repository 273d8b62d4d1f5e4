import type { KindTable } from "./kind-table.ts";

export { createInterner } from "./interner.ts";
export type { Interner } from "./interner.ts";
export { createTreeBuilder, emptyTree } from "./tree-writer.ts";
export type { TreeBuilder } from "./tree-writer.ts";

/**
 * An ordered, labelled tree in preorder columns: node 0 is the root, the subtree of node `i` is
 * the range `i` to `i + size[i] - 1`, its first child is `i + 1`. Flat so that depth costs no stack.
 */
export interface Tree {
  readonly length: number;
  readonly kinds: KindTable;
  /** Type, role and label of each node, as a number of `kinds`. */
  readonly kind: Int32Array;
  readonly parent: Int32Array;
  readonly size: Int32Array;
  /**
   * 64 bits of hash of each subtree, in two halves. Unequal hashes mean unequal subtrees; equal
   * hashes mean nothing until the subtrees are compared.
   */
  readonly lo: Int32Array;
  readonly hi: Int32Array;
  /** Where the node stands in its source, UTF-16 units, end exclusive; -1 where that is not known. */
  readonly start: Int32Array;
  readonly end: Int32Array;
  /** Source line, from 1. Not part of the normal form. */
  readonly line: Int32Array;
  readonly type: readonly string[];
  /** The slot in the parent where the order of the siblings alone does not tell it, else empty. */
  readonly role: readonly string[];
  readonly label: readonly string[];
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
  if (x.kinds === y.kinds) return x.kind[i] === y.kind[j];
  return (
    typeOf(x, i) === typeOf(y, j) &&
    labelOf(x, i) === labelOf(y, j) &&
    roleOf(x, i) === roleOf(y, j)
  );
}

export function typeOf(tree: Tree, node: number): string {
  return tree.kinds.types[tree.kind[node] ?? -1] ?? "";
}

/** The parent of a node; -1 above the root. */
export function parentOf(tree: Tree, node: number): number {
  return tree.parent[node] ?? -1;
}

export function roleOf(tree: Tree, node: number): string {
  return tree.kinds.roles[tree.kind[node] ?? -1] ?? "";
}

export function labelOf(tree: Tree, node: number): string {
  return tree.kinds.labels[tree.kind[node] ?? -1] ?? "";
}

/** Whether two subtrees of trees with one kind table are equal, node for node. Linear. */
export function isSameSubtree(x: Tree, i: number, y: Tree, j: number): boolean {
  const size = x.size[i] ?? 0;
  if (size !== y.size[j] || x.lo[i] !== y.lo[j] || x.hi[i] !== y.hi[j]) return false;
  for (let k = 0; k < size; k++)
    if (x.kind[i + k] !== y.kind[j + k] || x.size[i + k] !== y.size[j + k]) return false;
  return true;
}
