import { createKindTable } from "./kind-table.ts";
import type { KindTable } from "./kind-table.ts";
import type { Tree } from "./tree.ts";

/** Numbers subtrees so that two have the same number exactly when they are equal, node for node. */
export interface Interner {
  readonly idsOf: (tree: Tree) => Int32Array;
}

/**
 * A number is given per root and numbers of the children, and these are compared in full: the hash
 * only finds the candidates, it never stands for equality.
 */
export function createInterner(): Interner {
  const kinds = createKindTable();
  const translations = new WeakMap<KindTable, number[]>();
  const known = new WeakMap<Tree, Int32Array>();
  const candidates = new Map<number, number>();
  const first: { kind: number; children: readonly number[]; next: number }[] = [];

  const find = (hash: number, kind: number, children: readonly number[]): number => {
    const head = candidates.get(hash) ?? -1;
    for (let id = head; id >= 0;) {
      const entry = first[id];
      if (!entry) break;
      const isSame =
        entry.kind === kind &&
        entry.children.length === children.length &&
        entry.children.every((child, at) => child === children[at]);
      if (isSame) return id;
      id = entry.next;
    }
    candidates.set(hash, first.length);
    return first.push({ kind, children, next: head }) - 1;
  };

  const translate = (table: KindTable): readonly number[] => {
    const own = translations.get(table) ?? [];
    translations.set(table, own);
    const { types, roles, labels } = table;
    for (let id = own.length; id < types.length; id++)
      own.push(kinds.idOf(types[id] ?? "", roles[id] ?? "", labels[id] ?? ""));
    return own;
  };

  const idsOf = (tree: Tree): Int32Array => {
    const found = known.get(tree);
    if (found) return found;
    const own = translate(tree.kinds);
    const ids = new Int32Array(tree.length);
    for (let node = tree.length - 1; node >= 0; node--) {
      const children: number[] = [];
      const end = node + (tree.size[node] ?? 1);
      for (let child = node + 1; child < end; child += tree.size[child] ?? 1)
        children.push(ids[child] ?? -1);
      ids[node] = find(tree.lo[node] ?? 0, own[tree.kind[node] ?? 0] ?? -1, children);
    }
    known.set(tree, ids);
    return ids;
  };
  return { idsOf };
}
