import { at } from "./column.ts";
import type { KindTable } from "./kind-table.ts";
import { TreeWriter } from "./tree-writer.ts";
import type { Tree } from "./tree.ts";

/** One side of a diff as one tree: a root, below it one node per file, below that the file. */
export interface JoinedTree {
  readonly tree: Tree;
  /** For each file the node that stands for it, or -1 where it is absent; its tree is behind it. */
  readonly fileNodes: readonly number[];
}

/** Joins the trees of one kind table; absent files are empty trees. */
export function joinTrees(
  kinds: KindTable,
  files: readonly { readonly path: string; readonly tree: Tree }[],
): JoinedTree {
  const total = files.reduce((sum, { tree }) => sum + tree.length + 1, 1);
  const writer = new TreeWriter(kinds, total);
  writer.add(-1, kinds.idOf("Files", "", ""), -1, -1);
  const fileNodes = files.map(({ path, tree }) => {
    if (tree.length === 0) return -1;
    const fileNode = writer.add(0, kinds.idOf("File", "", path), -1, -1);
    const first = writer.length;
    for (let node = 0; node < tree.length; node++) {
      const parent = node === 0 ? fileNode : first + at(tree.parent, node);
      writer.add(parent, at(tree.kind, node), at(tree.start, node), at(tree.end, node));
    }
    return fileNode;
  });
  return { tree: writer.finish(({ start }) => new Int32Array(start.length)), fileNodes };
}
