/**
 * Chawathe and others, "Change detection in hierarchically structured information" (SIGMOD 1996), as
 * GumTree writes its scripts: breadth first over the target, carried out on a copy of the source.
 */
import { Mappings, commonSeries, newNode, postOrder } from "./gumtree-tree.ts";
import type { PeerNode } from "./gumtree-tree.ts";

export interface ScriptCounts {
  delete: number;
  insert: number;
  update: number;
  move: number;
}

/** The steps of the script by kind. The roots have to be mapped. */
export function chawatheScript(src: PeerNode, dst: PeerNode, mapped: Mappings): ScriptCounts {
  const script = new ScriptWriter(src, mapped);
  const waiting = [dst];
  for (const node of waiting) {
    script.visit(node, node === dst);
    for (const child of node.children) waiting.push(child);
  }
  return script.finish(dst);
}

/** A class because the copy, the mappings and the marks change together. */
class ScriptWriter {
  readonly #root: PeerNode;
  readonly #mappings = new Mappings();
  readonly #srcInOrder = new Set<PeerNode>();
  readonly #dstInOrder = new Set<PeerNode>();
  readonly #counts: ScriptCounts = { delete: 0, insert: 0, update: 0, move: 0 };

  constructor(src: PeerNode, mapped: Mappings) {
    const copies = new Map<PeerNode, PeerNode>();
    for (const node of postOrder(src)) {
      const copy = newNode(node.type, node.label);
      copy.children = node.children.map((child) => copies.get(child)!);
      for (const child of copy.children) child.parent = copy;
      copies.set(node, copy);
    }
    this.#root = copies.get(src)!;
    for (const [one, other] of mapped.entries()) this.#mappings.add(copies.get(one)!, other);
  }

  visit(x: PeerNode, isRoot: boolean): void {
    const parent = x.parent && this.#mappings.back(x.parent);
    let w = this.#mappings.back(x);
    if (!w) {
      w = newNode(x.type, x.label);
      this.#mappings.add(w, x);
      this.#counts.insert++;
      putBelow(w, parent!, this.#placeOf(x));
    } else {
      if (w.label !== x.label) {
        this.#counts.update++;
        w.label = x.label;
      }
      if (!isRoot && w.parent !== parent) {
        this.#counts.move++;
        const place = this.#placeOf(x);
        takeAway(w);
        putBelow(w, parent!, place);
      }
    }
    this.#srcInOrder.add(w);
    this.#dstInOrder.add(x);
    this.#alignChildren(w, x);
  }

  #alignChildren(w: PeerNode, x: PeerNode): void {
    for (const child of w.children) this.#srcInOrder.delete(child);
    for (const child of x.children) this.#dstInOrder.delete(child);
    const ours = w.children.filter((child) => this.#mappings.there(child)?.parent === x);
    const theirs = x.children.filter((child) => this.#mappings.back(child)?.parent === w);
    const series = commonSeries(ours, theirs, (one, other) => this.#mappings.there(one) === other);
    for (const [one, other] of series) {
      this.#srcInOrder.add(one);
      this.#dstInOrder.add(other);
    }
    for (const other of theirs) {
      const one = this.#mappings.back(other)!;
      if (this.#dstInOrder.has(other)) continue;
      this.#counts.move++;
      takeAway(one);
      putBelow(one, w, this.#placeOf(other));
      this.#srcInOrder.add(one);
      this.#dstInOrder.add(other);
    }
  }

  /** Behind the nearest sibling to the left that is in its place. */
  #placeOf(x: PeerNode): number {
    const siblings = x.parent!.children;
    for (let at = siblings.indexOf(x) - 1; at >= 0; at--) {
      if (!this.#dstInOrder.has(siblings[at]!)) continue;
      const before = this.#mappings.back(siblings[at]!)!;
      return before.parent!.children.indexOf(before) + 1;
    }
    return 0;
  }

  finish(dst: PeerNode): ScriptCounts {
    for (const node of postOrder(this.#root))
      if (!this.#mappings.there(node)) {
        this.#counts.delete++;
        takeAway(node);
      }
    if (!isSameTree(this.#root, dst)) throw new Error("the peer's script does not give the target");
    return this.#counts;
  }
}

function takeAway(node: PeerNode): void {
  const siblings = node.parent!.children;
  siblings.splice(siblings.indexOf(node), 1);
}

function putBelow(node: PeerNode, parent: PeerNode, place: number): void {
  node.parent = parent;
  parent.children.splice(place, 0, node);
}

function isSameTree(one: PeerNode, other: PeerNode): boolean {
  const open: [PeerNode, PeerNode][] = [[one, other]];
  for (let pair = open.pop(); pair; pair = open.pop()) {
    const [x, y] = pair;
    const isSame =
      x.type === y.type && x.label === y.label && x.children.length === y.children.length;
    if (!isSame) return false;
    for (const [at, child] of x.children.entries()) open.push([child, y.children[at]!]);
  }
  return true;
}
