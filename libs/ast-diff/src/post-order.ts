import { at } from "./column.ts";
import { sizeOf } from "./tree.ts";
import type { Tree } from "./tree.ts";

/** Sibling subtrees of one tree, in order. */
export interface Run {
  readonly tree: Tree;
  readonly roots: readonly number[];
}

/** A run in postorder, closed by a root of its own so that it is one tree. */
export interface PostOrder {
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

/** Nodes, labels and key roots of a run as the algorithm takes them; mirrored: from the last to the first. */
export function postOrderOf(run: Run, isMirrored: boolean): PostOrder {
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
  return {
    count: inner + 1,
    node,
    ...labelsOf(tree, node),
    leftmost,
    keyRoots: keyRootsOf(leftmost),
  };
}

/** By hand: `map` of a typed array takes longer than the tables of a small match. */
function labelsOf(tree: Tree, node: Int32Array): Pick<PostOrder, "kind" | "type"> {
  const kind = new Int32Array(node.length).fill(-1);
  const type = new Int32Array(node.length).fill(-1);
  // The last one is the closing root.
  for (let place = 0; place < node.length - 1; place++) {
    const id = at(tree.kind, at(node, place));
    kind[place] = id;
    type[place] = tree.kinds.typeIds[id] ?? 0;
  }
  return { kind, type };
}

/** The last of the nodes that share a leftmost leaf, for each such leaf. */
function keyRootsOf(leftmost: Int32Array): Int32Array {
  const last = new Int32Array(leftmost.length).fill(-1);
  for (let place = 0; place < leftmost.length; place++) last[at(leftmost, place)] = place;
  const keyRoots = new Int32Array(leftmost.length);
  let count = 0;
  for (let place = 0; place < leftmost.length; place++)
    if (last[at(leftmost, place)] === place) keyRoots[count++] = place;
  return keyRoots.subarray(0, count);
}
