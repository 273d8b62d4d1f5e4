import { at } from "./column.ts";
import type { ScriptStep } from "./edit-script.ts";
import { TreeWriter } from "./tree-writer.ts";
import type { Tree } from "./tree.ts";

/**
 * Carries a script out on a tree and gives the result; positions are not kept. Throws where a step
 * names a node that is not there. Time is linear in the tree and the nodes the steps touch.
 */
export function applyScript(a: Tree, script: readonly ScriptStep[]): Tree {
  const links = new Links(a);
  for (const step of script)
    switch (step.kind) {
      case "delete":
        links.replaceByChildren(step.node);
        break;
      case "move":
        links.unlink(step.node);
        links.link(step.node, step.parent, step.after);
        break;
      case "insert":
        links.insert(step.node, step.nodeKind);
        links.link(step.node, step.parent, step.after);
        links.adopt(step.node, step.adopts);
        break;
      case "update":
        links.relabel(step.node, step.nodeKind);
        break;
      case "rename":
        for (const { node, nodeKind } of step.nodes) links.relabel(node, nodeKind);
        break;
    }
  return links.flatten();
}

/** A tree as links between nodes. A class because the columns grow and change together. */
class Links {
  readonly #kinds: Tree["kinds"];
  #kind: Int32Array;
  #parent: Int32Array;
  #first: Int32Array;
  #next: Int32Array;
  #previous: Int32Array;

  constructor(a: Tree) {
    this.#kinds = a.kinds;
    this.#kind = a.kind.slice();
    this.#parent = a.parent.slice();
    this.#first = new Int32Array(a.length).fill(-1);
    this.#next = new Int32Array(a.length).fill(-1);
    this.#previous = new Int32Array(a.length).fill(-1);
    for (let node = a.length - 1; node > 0; node--) this.#toFront(node, at(a.parent, node));
  }

  #toFront(node: number, parent: number): void {
    const second = at(this.#first, parent);
    this.#next[node] = second;
    if (second >= 0) this.#previous[second] = node;
    this.#previous[node] = -1;
    this.#first[parent] = node;
  }

  #isThere(node: number): boolean {
    return node >= 0 && node < this.#kind.length && at(this.#kind, node) >= 0;
  }

  link(node: number, parent: number, after: number): void {
    if (!this.#isThere(parent)) throw new Error(`no node ${parent} to go below`);
    this.#parent[node] = parent;
    if (after < 0) return this.#toFront(node, parent);
    if (!this.#isThere(after) || at(this.#parent, after) !== parent)
      throw new Error(`${after} is not below ${parent}`);
    const next = at(this.#next, after);
    this.#next[after] = node;
    this.#previous[node] = after;
    this.#next[node] = next;
    if (next >= 0) this.#previous[next] = node;
  }

  unlink(node: number): void {
    if (!this.#isThere(node)) throw new Error(`no node ${node}`);
    const next = at(this.#next, node);
    const previous = at(this.#previous, node);
    if (previous >= 0) this.#next[previous] = next;
    else this.#first[at(this.#parent, node)] = next;
    if (next >= 0) this.#previous[next] = previous;
  }

  replaceByChildren(node: number): void {
    const parent = at(this.#parent, node);
    let after = at(this.#previous, node);
    this.unlink(node);
    for (let child = at(this.#first, node); child >= 0;) {
      const next = at(this.#next, child);
      this.link(child, parent, after);
      after = child;
      child = next;
    }
    this.#kind[node] = -1;
  }

  insert(node: number, kind: number): void {
    if (node >= this.#kind.length) this.#grow(node + 1);
    this.#kind[node] = kind;
    this.#first[node] = -1;
  }

  #grow(needed: number): void {
    const grown = (column: Int32Array) => {
      const larger = new Int32Array(Math.max(needed, column.length * 2)).fill(-1);
      larger.set(column);
      return larger;
    };
    this.#kind = grown(this.#kind);
    this.#parent = grown(this.#parent);
    this.#first = grown(this.#first);
    this.#next = grown(this.#next);
    this.#previous = grown(this.#previous);
  }

  /** Takes the next siblings as children. */
  adopt(node: number, count: number): void {
    let last = -1;
    for (let taken = 0; taken < count; taken++) {
      const child = at(this.#next, node);
      if (child < 0) throw new Error(`${node} has no sibling to take`);
      this.unlink(child);
      this.link(child, node, last);
      last = child;
    }
  }

  relabel(node: number, kind: number): void {
    if (!this.#isThere(node)) throw new Error(`no node ${node}`);
    this.#kind[node] = kind;
  }

  flatten(): Tree {
    const writer = new TreeWriter(this.#kinds, this.#kind.length);
    const places = new Int32Array(this.#kind.length);
    let node = 0;
    while (node >= 0) {
      const above = node === 0 ? -1 : at(places, at(this.#parent, node));
      places[node] = writer.add(above, at(this.#kind, node), -1, -1);
      const child = at(this.#first, node);
      node = child >= 0 ? child : this.#nextBeyond(node);
    }
    return writer.finish(({ start }) => new Int32Array(start.length));
  }

  #nextBeyond(last: number): number {
    let node = last;
    while (node > 0 && at(this.#next, node) < 0) node = at(this.#parent, node);
    return node > 0 ? at(this.#next, node) : -1;
  }
}
