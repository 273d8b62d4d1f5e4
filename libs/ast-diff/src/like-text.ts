import { at } from "./column.ts";
import type { Tree } from "./tree.ts";

/** A text that was read before, by the same parser under the same path. */
export interface ReadText {
  readonly tree: Tree;
  readonly text: string;
  /** What the parser took the text for: a module or a script. */
  readonly goal: unknown;
}

/**
 * Statements that mean by their text and by what is around them alone. What is left out may begin
 * or mean something outside of its range, as a decorator or an export does.
 */
const statements = new Set(
  (
    "BlockStatement DoWhileStatement ExpressionStatement ForInStatement ForOfStatement ForStatement " +
    "FunctionDeclaration IfStatement ReturnStatement SwitchStatement ThrowStatement TryStatement " +
    "VariableDeclaration WhileStatement"
  ).split(" "),
);

/** Smaller ones are read sooner than compared; a directive, whose place counts, is smaller too. */
const minNodes = 8;
/** Characters of a text that are looked at to tell it from most others. */
const sampledChars = 32;
/** Siblings that are compared in full, of those that look the same. */
const maxAlike = 4;

/**
 * Follows the reading of a text along the tree of a like one, and tells for a statement which
 * subtree of that tree it would give again. It does where its characters are the same and every
 * node above it, up to the root, has a node of the same type, role and label above it there: how a
 * grammar reads a statement depends on its characters and on what it stands in (module or script,
 * async, generator, `declare`), all of which these labels carry. Anything else is read in full.
 * A class because it keeps, for each node read, where the other tree has come to.
 */
export class LikeText {
  readonly tree: Tree;
  readonly #like: ReadText;
  readonly #text: string;
  /** 1 more than the counterpart of each node; 0 where there is none. */
  #twin: Int32Array;
  /** The child of the counterpart that the next one is taken to be. */
  #next: Int32Array;
  /** By counterpart: its statements by what their texts look like. */
  readonly #alike = new Map<number, Map<number, number[]>>();
  /** Characters that may yet be compared in vain, so that nests of unequal texts take linear time. */
  #budget: number;

  constructor(like: ReadText, text: string) {
    this.tree = like.tree;
    this.#like = like;
    this.#text = text;
    this.#budget = 16 * text.length;
    const capacity = like.tree.length + 1024;
    this.#next = new Int32Array(capacity);
    this.#twin = new Int32Array(capacity);
  }

  /** Takes notice of a node that was read. */
  follow(node: number, parent: number, kind: number): void {
    const { tree } = this;
    let other = 0;
    if (parent >= 0) {
      const twin = at(this.#twin, parent) - 1;
      other = at(this.#next, parent);
      if (twin < 0 || other >= twin + at(tree.size, twin)) return;
      this.#next[parent] = other + at(tree.size, other);
    }
    if (at(tree.kind, other) !== kind) return;
    if (node >= this.#next.length) this.#grow(node);
    this.#twin[node] = other + 1;
    this.#next[node] = other + 1;
  }

  /** Whether anything below this node may be found in the like tree. */
  hasTwin(node: number): boolean {
    return at(this.#twin, node) > 0;
  }

  /** The subtree that the statement of this range below `parent` gives; -1 where it has to be read. */
  equalTo(parent: number, type: string, role: string, start: number, end: number): number {
    const twin = at(this.#twin, parent) - 1;
    if (twin < 0 || this.#budget < 0 || !statements.has(type)) return -1;
    const isEqual = (node: number) => this.#isEqual(node, type, role, start, end);
    const next = at(this.#next, parent);
    const isNext = next < twin + at(this.tree.size, twin) && isEqual(next);
    const found = isNext ? next : (this.#alikeBelow(twin, start, end).find(isEqual) ?? -1);
    if (found >= 0) this.#next[parent] = found + at(this.tree.size, found);
    return found;
  }

  /** Statements anywhere below the same node, since they may have moved. */
  #alikeBelow(twin: number, start: number, end: number): readonly number[] {
    if (end - start < sampledChars) return [];
    let alike = this.#alike.get(twin);
    if (!alike) {
      alike = statementsByText(this.#like, twin);
      this.#alike.set(twin, alike);
    }
    return alike.get(sampleOf(this.#text, start, end))?.slice(0, maxAlike) ?? [];
  }

  #isEqual(node: number, type: string, role: string, start: number, end: number): boolean {
    const { tree, text } = this.#like;
    if (at(tree.size, node) < minNodes) return false;
    const otherStart = at(tree.start, node);
    const otherEnd = at(tree.end, node);
    if (otherEnd - otherStart !== end - start || otherStart < 0) return false;
    const kind = at(tree.kind, node);
    if (tree.kinds.types[kind] !== type || tree.kinds.roles[kind] !== role) return false;
    if (text.slice(otherStart, otherEnd) === this.#text.slice(start, end)) return true;
    this.#budget -= end - start;
    return false;
  }

  #grow(needed: number): void {
    const grown = (column: Int32Array) => {
      const larger = new Int32Array(2 * needed);
      larger.set(column);
      return larger;
    };
    this.#next = grown(this.#next);
    this.#twin = grown(this.#twin);
  }
}

function statementsByText({ tree, text }: ReadText, parent: number): Map<number, number[]> {
  const found = new Map<number, number[]>();
  const end = parent + at(tree.size, parent);
  for (let node = parent + 1; node < end; node += at(tree.size, node)) {
    if (at(tree.size, node) < minNodes) continue;
    const key = sampleOf(text, at(tree.start, node), at(tree.end, node));
    const same = found.get(key);
    if (same) same.push(node);
    else found.set(key, [node]);
  }
  return found;
}

/** A number that equal texts share; made of their length and a few of their characters. */
function sampleOf(text: string, start: number, end: number): number {
  const step = Math.max(1, Math.floor((end - start) / sampledChars));
  let sample = end - start;
  for (let place = start; place < end; place += step)
    sample = Math.imul(sample ^ text.charCodeAt(place), 0x01000193);
  return sample;
}
