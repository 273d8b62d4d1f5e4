/** Forms of a program in which what local things are called does not show. */
import { resolveBindings } from "./bindings.ts";
import type { Bindings } from "./bindings.ts";
import { at } from "./column.ts";
import { isDeclaration, isScript } from "./language.ts";
import { canonicalOrder } from "./order-free.ts";
import type { NamedTree } from "./renames.ts";
import { TreeWriter } from "./tree-writer.ts";
import { labelOf, roleOf, sizeOf, typeOf } from "./tree.ts";
import type { Tree } from "./tree.ts";

/** The tree of a file with the bindings of its names; there are none but in JavaScript and TypeScript. */
export function withBindings(tree: Tree, path: string): NamedTree {
  return lazily(tree, () =>
    isScript(path) ? resolveBindings(tree, isDeclaration(path)) : noBindings(tree.length),
  );
}

/** Most comparisons never ask what a name stands for. */
export function lazily(tree: Tree, resolve: () => Bindings): NamedTree {
  let known: Bindings | undefined;
  return {
    tree,
    get bindings() {
      return (known ??= resolve());
    },
  };
}

/** No node is the name of a binding. */
function noBindings(length: number): Bindings {
  return {
    of: new Int32Array(length).fill(-1),
    declares: new Uint8Array(length),
    names: [],
    isFixed: [],
  };
}

/** Whether a node is the name of something that may be called anything. */
export function isFreeName({ bindings }: NamedTree, node: number): boolean {
  const binding = at(bindings.of, node);
  return binding >= 0 && bindings.isFixed[binding] === false;
}

/** The tree with such names left out. */
export function withoutNames(named: NamedTree): Tree {
  const { tree } = named;
  const writer = new TreeWriter(tree.kinds, tree.length);
  for (let node = 0; node < tree.length; node++) {
    const mark = labelOf(tree, node).endsWith("?") ? "?" : "";
    const kind = isFreeName(named, node)
      ? tree.kinds.idOf(typeOf(tree, node), roleOf(tree, node), mark)
      : at(tree.kind, node);
    writer.add(at(tree.parent, node), kind, at(tree.start, node), at(tree.end, node));
  }
  return writer.finish(() => tree.line);
}

/** The same program with its nodes in another preorder, `order`. */
export function reordered(named: NamedTree, order: Int32Array): NamedTree {
  const { tree } = named;
  const places = new Int32Array(tree.length);
  for (const [place, node] of order.entries()) places[node] = place;
  const writer = new TreeWriter(tree.kinds, tree.length);
  for (const node of order) {
    const parent = at(tree.parent, node);
    const above = parent < 0 ? -1 : at(places, parent);
    writer.add(above, at(tree.kind, node), at(tree.start, node), at(tree.end, node));
  }
  const ordered = writer.finish(() => order.map((node) => tree.line[node] ?? 0));
  return lazily(ordered, () => {
    const of = order.map((node) => at(named.bindings.of, node));
    const declares = Uint8Array.from(order, (node) => named.bindings.declares[node] ?? 0);
    return { ...named.bindings, of, declares };
  });
}

/** A program node by node, without names and without the order of what order says nothing about. */
export interface AlphaForm {
  readonly tree: Tree;
  readonly order: Int32Array;
  /** In that order: which free binding it is, counted by first appearance; -1 for other nodes. */
  readonly ordinals: Int32Array;
}

/** Two programs have equal forms only if they differ in nothing but local names and free order. */
export function alphaForm(named: NamedTree): AlphaForm {
  const tree = withoutNames(named);
  const order = canonicalOrder(tree);
  const known = new Map<number, number>();
  const ordinals = order.map((node) => {
    if (!isFreeName(named, node)) return -1;
    const binding = at(named.bindings.of, node);
    const ordinal = known.get(binding) ?? known.size;
    known.set(binding, ordinal);
    return ordinal;
  });
  return { tree, order, ordinals };
}

/** Whether two forms over one kind table are equal, node for node. */
export function isSameForm(one: AlphaForm, other: AlphaForm): boolean {
  if (one.order.length !== other.order.length) return false;
  return one.order.every((node, place) => {
    const twin = at(other.order, place);
    return (
      one.ordinals[place] === other.ordinals[place] &&
      at(one.tree.kind, node) === at(other.tree.kind, twin) &&
      sizeOf(one.tree, node) === sizeOf(other.tree, twin)
    );
  });
}
