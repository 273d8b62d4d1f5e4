/**
 * Finds variables and statement labels that are merely called something else in the other tree. Told
 * from a matching: where a binding's matched names all stand for one binding of the other side, and
 * that binding's for it alone, the two are one variable under two names. Then carrying the renames
 * out on one side captures nothing, for a captured name would stand for another binding.
 */
import type { Bindings } from "./bindings.ts";
import { nameOf } from "./bindings.ts";
import { at } from "./column.ts";
import { labelOf, roleOf, typeOf } from "./tree.ts";
import type { Tree } from "./tree.ts";

/** One side of a comparison: its tree, and what its names stand for. */
export interface NamedTree {
  readonly tree: Tree;
  readonly bindings: Bindings;
}

/** A renamed binding, with the nodes of the first tree that carry its name and are matched, in order. */
export interface Rename {
  readonly from: string;
  readonly to: string;
  readonly nodes: readonly number[];
}

const unseen = -1;
const several = -2;

/** What is called something else in `y`; `partner` is the matching. Linear. */
export function findRenames(x: NamedTree, y: NamedTree, partner: Int32Array): Rename[] {
  if (!hasOtherNames(x.tree, y.tree, partner)) return [];
  const twins = twinsOf(x.bindings, y.bindings, partner);
  const found = new Map<number, number[]>();
  for (const [binding, twin] of twins.entries())
    if (twin >= 0 && x.bindings.names[binding] !== y.bindings.names[twin]) found.set(binding, []);
  if (found.size === 0) return [];
  for (let i = 0; i < partner.length; i++) {
    const nodes = at(partner, i) < 0 ? undefined : found.get(at(x.bindings.of, i));
    if (nodes && isOnlyName(x.tree, i, y.tree, at(partner, i))) nodes.push(i);
  }
  return [...found].flatMap(([binding, nodes]) => {
    const from = x.bindings.names[binding] ?? "";
    const to = y.bindings.names[at(twins, binding)] ?? "";
    return nodes.length > 0 ? [{ from, to, nodes }] : [];
  });
}

/** For each binding the one that it is in `y`, where both may be called anything; else negative. */
function twinsOf(x: Bindings, y: Bindings, partner: Int32Array): Int32Array {
  const twins = new Int32Array(x.names.length).fill(unseen);
  const back = new Int32Array(y.names.length).fill(unseen);
  const isDeclared = new Uint8Array(twins.length);
  for (let i = 0; i < partner.length; i++) {
    const j = at(partner, i);
    if (j < 0) continue;
    const one = at(x.of, i);
    const other = at(y.of, j);
    if (one >= 0) join(twins, one, other);
    if (other >= 0) join(back, other, one);
    if (one >= 0 && x.declares[i] && y.declares[j]) isDeclared[one] = 1;
  }
  return twins.map((twin, binding) => {
    const isOne = twin >= 0 && back[twin] === binding && isDeclared[binding] === 1;
    return isOne && !x.isFixed[binding] && !y.isFixed[twin] ? twin : several;
  });
}

const nameTypes = new Set(["Identifier", "JSXIdentifier", "Name", "PrivateIdentifier"]);

/** Whether a node of this type may carry the name of a binding. */
export function isNameType(type: string): boolean {
  return nameTypes.has(type);
}

/** Whether a name is matched with another, so that something may be renamed. */
function hasOtherNames(x: Tree, y: Tree, partner: Int32Array): boolean {
  return partner.some((j, i) => j >= 0 && x.kind[i] !== y.kind[j] && isNameType(typeOf(x, i)));
}

function join(twins: Int32Array, binding: number, other: number): void {
  const known = twins[binding];
  if (known === unseen && other >= 0) twins[binding] = other;
  else if (known !== other) twins[binding] = several;
}

/** Whether two names differ in nothing else, such as the mark of an optional parameter. */
function isOnlyName(x: Tree, i: number, y: Tree, j: number): boolean {
  const rest = (tree: Tree, node: number) => labelOf(tree, node).length - nameOf(tree, node).length;
  return (
    typeOf(x, i) === typeOf(y, j) && roleOf(x, i) === roleOf(y, j) && rest(x, i) === rest(y, j)
  );
}
