/**
 * The peer: a plain implementation of what GumTree calls "simple" (Falleri and Martinez, ICSE 2024),
 * as its papers and documentation tell it: equal subtrees from the highest down, the ambiguous ones
 * by their surroundings; then containers from the bottom up, each followed by its children by
 * equality, by structure and by type.
 */
import { Mappings, commonSeries, descendants, postOrder } from "./gumtree-tree.ts";
import type { PeerNode } from "./gumtree-tree.ts";

export function matchGumTreeSimple(src: PeerNode, dst: PeerNode): Mappings {
  const mappings = new Mappings();
  matchTopDown(src, dst, mappings);
  matchBottomUp(src, dst, mappings);
  return mappings;
}

/** Trees by height, the highest first; `open` puts the children in the place of a tree. */
class HeightQueue {
  readonly #levels: PeerNode[][] = [];
  #top: number;

  constructor(root: PeerNode) {
    this.#top = root.height;
    this.add(root);
  }

  add(node: PeerNode): void {
    (this.#levels[node.height] ??= []).push(node);
  }

  open(node: PeerNode): void {
    for (const child of node.children) this.add(child);
  }

  /** The greatest height there is; 1, that of leaves, is not looked at. */
  get height(): number {
    while (this.#top > 1 && !this.#levels[this.#top]?.length) this.#top--;
    return this.#top;
  }

  pop(): PeerNode[] {
    const nodes = this.#levels[this.height] ?? [];
    this.#levels[this.height] = [];
    return nodes;
  }
}

interface Alike {
  readonly srcs: PeerNode[];
  readonly dsts: PeerNode[];
}

function matchTopDown(src: PeerNode, dst: PeerNode, mappings: Mappings): void {
  const [srcs, dsts] = [new HeightQueue(src), new HeightQueue(dst)];
  const ambiguous: Alike[] = [];
  while (srcs.height > 1 && dsts.height > 1) {
    if (srcs.height !== dsts.height) {
      const higher = srcs.height > dsts.height ? srcs : dsts;
      for (const node of higher.pop()) higher.open(node);
      continue;
    }
    for (const alike of byHash(srcs.pop(), dsts.pop())) {
      if (alike.srcs.length === 1 && alike.dsts.length === 1)
        mappings.addAll(alike.srcs[0]!, alike.dsts[0]!);
      else if (alike.srcs.length > 0 && alike.dsts.length > 0) ambiguous.push(alike);
      else {
        for (const node of alike.srcs) srcs.open(node);
        for (const node of alike.dsts) dsts.open(node);
      }
    }
  }
  ambiguous.sort((one, other) => other.srcs[0]!.size - one.srcs[0]!.size);
  for (const alike of ambiguous) matchAmbiguous(alike, mappings);
}

function byHash(srcs: readonly PeerNode[], dsts: readonly PeerNode[]): Iterable<Alike> {
  const groups = new Map<number, Alike>();
  const groupOf = ({ hash }: PeerNode) => {
    const group = groups.get(hash) ?? { srcs: [], dsts: [] };
    groups.set(hash, group);
    return group;
  };
  for (const node of srcs) groupOf(node).srcs.push(node);
  for (const node of dsts) groupOf(node).dsts.push(node);
  return groups.values();
}

interface Candidate {
  readonly src: PeerNode;
  readonly dst: PeerNode;
  readonly siblings: number;
  readonly ancestors: number;
  readonly distance: number;
}

/** Each with each: the likest parents first, then the likest ancestors, then the nearest place. */
function matchAmbiguous({ srcs, dsts }: Alike, mappings: Mappings): void {
  const below = new Map<PeerNode, ReadonlySet<PeerNode>>();
  const candidates = srcs.flatMap((src) =>
    dsts.map((dst): Candidate => {
      const siblings = siblingLikeness(src, dst, mappings, below);
      const ancestors = ancestorLikeness(src, dst);
      return { src, dst, siblings, ancestors, distance: Math.abs(src.position - dst.position) };
    }),
  );
  candidates.sort(
    (one, other) =>
      other.siblings - one.siblings ||
      other.ancestors - one.ancestors ||
      one.distance - other.distance,
  );
  for (const { src, dst } of candidates) if (mappings.areFree(src, dst)) mappings.addAll(src, dst);
}

/** Dice over what is below the parents; the descendants of a parent are listed once. */
function siblingLikeness(
  { parent: one }: PeerNode,
  { parent: other }: PeerNode,
  mappings: Mappings,
  known: Map<PeerNode, ReadonlySet<PeerNode>>,
): number {
  if (!one || !other) return 0;
  const listed = (node: PeerNode) => {
    const found = known.get(node) ?? new Set(descendants(node));
    known.set(node, found);
    return found;
  };
  return (2 * commonBelow(listed(one), listed(other), mappings)) / (one.size + other.size - 2);
}

function commonBelow(
  srcs: Iterable<PeerNode>,
  dsts: ReadonlySet<PeerNode>,
  mappings: Mappings,
): number {
  let common = 0;
  for (const node of srcs) {
    const partner = mappings.there(node);
    if (partner && dsts.has(partner)) common++;
  }
  return common;
}

function ancestorLikeness(src: PeerNode, dst: PeerNode): number {
  const [xs, ys] = [ancestorsOf(src), ancestorsOf(dst)];
  const common = commonSeries(xs, ys, (x, y) => x.type === y.type).length;
  return (2 * common) / Math.max(1, xs.length + ys.length);
}

function ancestorsOf(node: PeerNode): PeerNode[] {
  const above: PeerNode[] = [];
  for (let { parent } = node; parent; parent = parent.parent) above.push(parent);
  return above;
}

function matchBottomUp(src: PeerNode, dst: PeerNode, mappings: Mappings): void {
  for (const node of postOrder(src)) {
    const partner = mappings.there(node);
    if (node === src) {
      if (mappings.areFree(src, dst)) mappings.add(src, dst);
      matchChildren(src, dst, mappings);
    } else if (partner) {
      const hasFree =
        node.children.some((child) => !mappings.there(child)) &&
        partner.children.some((child) => !mappings.back(child));
      if (hasFree) matchChildren(node, partner, mappings);
    } else if (node.children.length > 0) {
      const best = bestContainer(node, mappings);
      if (!best) continue;
      mappings.add(node, best);
      matchChildren(node, best, mappings);
    }
  }
}

/** Chawathe's likeness, common over the larger, at least 1 / (1 + ln(nodes of both)). */
function bestContainer(node: PeerNode, mappings: Mappings): PeerNode | undefined {
  const below = descendants(node);
  let best: PeerNode | undefined;
  let greatest = -1;
  for (const candidate of containersFor(node, below, mappings)) {
    const common = commonBelow(below, new Set(descendants(candidate)), mappings);
    const likeness = common / (Math.max(node.size, candidate.size) - 1);
    const least = 1 / (1 + Math.log(node.size + candidate.size - 2));
    if (likeness > greatest && likeness >= least) [best, greatest] = [candidate, likeness];
  }
  return best;
}

/** Nodes of one type, without partner, above the partners of what is below. */
function containersFor(
  { type }: PeerNode,
  below: readonly PeerNode[],
  mappings: Mappings,
): PeerNode[] {
  const found: PeerNode[] = [];
  const seen = new Set<PeerNode>();
  for (const node of below)
    for (
      let above = mappings.there(node)?.parent;
      above && !seen.has(above);
      above = above.parent
    ) {
      seen.add(above);
      if (above.parent && above.type === type && !mappings.back(above)) found.push(above);
    }
  return found;
}

/** Children by equality, then by structure, then by type where only one has it. */
function matchChildren(src: PeerNode, dst: PeerNode, mappings: Mappings): void {
  const freeSrcs = () => src.children.filter((child) => !mappings.there(child));
  const freeDsts = () => dst.children.filter((child) => !mappings.back(child));
  const isWhole = (node: PeerNode, side: "there" | "back") =>
    mappings[side](node) === undefined &&
    descendants(node).every((below) => mappings[side](below) === undefined);
  for (const key of ["hash", "structureHash"] as const)
    for (const [x, y] of commonSeries(freeSrcs(), freeDsts(), (x, y) => x[key] === y[key]))
      if (isWhole(x, "there") && isWhole(y, "back")) mappings.addAll(x, y);
  const dstByType = Map.groupBy(freeDsts(), ({ type }) => type);
  for (const [type, [x, ...others]] of Map.groupBy(freeSrcs(), ({ type }) => type)) {
    const [y, ...more] = dstByType.get(type) ?? [];
    if (!x || !y || others.length > 0 || more.length > 0) continue;
    mappings.add(x, y);
    matchChildren(x, y, mappings);
  }
}
