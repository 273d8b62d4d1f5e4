/** Trees of objects, as GumTree has them, with the measures it works out for each node beforehand. */
import { labelOf, roleOf, typeOf } from "@council/ast-diff/testing";
import type { Tree } from "@council/ast-diff/testing";

export interface PeerNode {
  readonly type: string;
  label: string;
  children: PeerNode[];
  parent: PeerNode | undefined;
  /** Nodes in the subtree. */
  size: number;
  height: number;
  /** Place in preorder. */
  position: number;
  /** Of type and label of all nodes below, and of the types alone: 53 bits each. */
  hash: number;
  structureHash: number;
}

/** The same tree as objects, measured. */
export function peerTreeOf(tree: Tree): PeerNode {
  const nodes = Array.from({ length: tree.length }, (_, position): PeerNode => {
    const label = `${roleOf(tree, position)} ${labelOf(tree, position)}`;
    return newNode(typeOf(tree, position), label, position);
  });
  for (const [position, node] of nodes.entries()) {
    if (position === 0) continue;
    node.parent = nodes[tree.parent[position]!]!;
    node.parent.children.push(node);
  }
  for (const node of nodes.toReversed()) measure(node);
  return nodes[0]!;
}

export function newNode(type: string, label: string, position = -1): PeerNode {
  return {
    type,
    label,
    children: [],
    parent: undefined,
    size: 1,
    height: 1,
    position,
    hash: 0,
    structureHash: 0,
  };
}

function measure(node: PeerNode): void {
  let [low, high] = [textHash(node.type, 7), textHash(node.type, 31)];
  let [hashLow, hashHigh] = [textHash(node.label, low), textHash(node.label, ~high)];
  for (const child of node.children) {
    node.size += child.size;
    node.height = Math.max(node.height, child.height + 1);
    low = mixed(low, child.structureHash);
    high = mixed(high ^ 0x5bd1e995, child.structureHash);
    hashLow = mixed(hashLow, child.hash);
    hashHigh = mixed(hashHigh ^ 0x5bd1e995, child.hash);
  }
  node.structureHash = joined(mixed(low, node.size), high);
  node.hash = joined(mixed(hashLow, node.size), hashHigh);
}

function textHash(text: string, seed: number): number {
  let hash = seed;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}

function mixed(hash: number, value: number): number {
  const once = Math.imul(hash ^ (value | 0), 0x45d9f3b);
  return Math.imul(once ^ (once >>> 15) ^ Math.floor(value / 2 ** 32), 0x2c1b3c6d);
}

const joined = (low: number, high: number) => (high >>> 11) * 2 ** 32 + (low >>> 0);

export function* preOrder(root: PeerNode): Generator<PeerNode> {
  const open = [root];
  for (let node = open.pop(); node; node = open.pop()) {
    yield node;
    for (let at = node.children.length - 1; at >= 0; at--) open.push(node.children[at]!);
  }
}

/** In postorder; a list, since a tree may change while it is walked. */
export function postOrder(root: PeerNode): PeerNode[] {
  const reversed: PeerNode[] = [];
  const open = [root];
  for (let node = open.pop(); node; node = open.pop()) {
    reversed.push(node);
    for (const child of node.children) open.push(child);
  }
  return reversed.toReversed();
}

export function descendants(root: PeerNode): PeerNode[] {
  return [...preOrder(root)].slice(1);
}

/** Pairs of nodes, each in one pair at most. */
export class Mappings {
  readonly #there = new Map<PeerNode, PeerNode>();
  readonly #back = new Map<PeerNode, PeerNode>();

  add(one: PeerNode, other: PeerNode): void {
    this.#there.set(one, other);
    this.#back.set(other, one);
  }

  /** Two subtrees of one shape, node for node. */
  addAll(one: PeerNode, other: PeerNode): void {
    const [all, others] = [[...preOrder(one)], [...preOrder(other)]];
    for (const [at, node] of all.entries()) this.add(node, others[at]!);
  }

  there(node: PeerNode): PeerNode | undefined {
    return this.#there.get(node);
  }

  back(node: PeerNode): PeerNode | undefined {
    return this.#back.get(node);
  }

  areFree(one: PeerNode, other: PeerNode): boolean {
    return !this.#there.has(one) && !this.#back.has(other);
  }

  entries(): Iterable<[PeerNode, PeerNode]> {
    return this.#there;
  }
}

/** Longest common subsequence by the plain table. */
export function commonSeries<T>(
  xs: readonly T[],
  ys: readonly T[],
  isSame: (x: T, y: T) => boolean,
): [T, T][] {
  const width = ys.length + 1;
  const lengths = new Int32Array((xs.length + 1) * width);
  for (let k = xs.length - 1; k >= 0; k--)
    for (let l = ys.length - 1; l >= 0; l--)
      lengths[k * width + l] = isSame(xs[k]!, ys[l]!)
        ? lengths[(k + 1) * width + l + 1]! + 1
        : Math.max(lengths[(k + 1) * width + l]!, lengths[k * width + l + 1]!);
  const series: [T, T][] = [];
  let [k, l] = [0, 0];
  while (k < xs.length && l < ys.length) {
    if (isSame(xs[k]!, ys[l]!)) series.push([xs[k++]!, ys[l++]!]);
    else if (lengths[(k + 1) * width + l]! >= lengths[k * width + l + 1]!) k++;
    else l++;
  }
  return series;
}
