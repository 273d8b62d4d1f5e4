import type { KindTable } from "./kind-table.ts";
import { roleNames } from "./node-table.ts";
import type { NodeSpec } from "./node-table.ts";
import type { SyntaxNode } from "./parsers.ts";

/** The kinds of one table by what is at hand when a node is read. A class because it owns caches. */
export class LabelKinds {
  readonly kinds: KindTable;
  readonly #byText: (Map<string, number> | undefined)[] = [];
  readonly #byString: (Map<string, number> | undefined)[] = [];
  readonly #byCode: (Map<number, number> | undefined)[] = [];
  readonly #words: string[] = [];
  /** The properties of each type in the order in which they were last seen, all of them known. */
  readonly seen: string[][] = [];

  constructor(kinds: KindTable) {
    this.kinds = kinds;
  }

  ofText(spec: NodeSpec, role: number, text: string): number {
    const place = spec.index * 256 + role;
    let ids = this.#byText[place];
    if (!ids) this.#byText[place] = ids = new Map();
    let id = ids.get(text);
    if (id === undefined) {
      id = this.kinds.idOf(spec.type, roleNames[role] ?? "", text);
      ids.set(text, id);
    }
    return id;
  }

  /** The kind of a string; its label is written as JSON, once. */
  ofString(spec: NodeSpec, role: number, value: string): number {
    const place = spec.index * 256 + role;
    let ids = this.#byString[place];
    if (!ids) this.#byString[place] = ids = new Map();
    let id = ids.get(value);
    if (id === undefined) {
      id = this.kinds.idOf(spec.type, roleNames[role] ?? "", JSON.stringify(value));
      ids.set(value, id);
    }
    return id;
  }

  /** The kind of a node whose label is made of flags and words; no text is built for a known one. */
  ofLabels(spec: NodeSpec, role: number, node: SyntaxNode, extra: string): number {
    let code = extra.length;
    for (const key of spec.labels) code = code * 64 + this.#codeOf(node[key]);
    const place = spec.index * 256 + role;
    let ids = this.#byCode[place];
    if (!ids) this.#byCode[place] = ids = new Map();
    let id = ids.get(code);
    if (id === undefined) {
      id = this.kinds.idOf(spec.type, roleNames[role] ?? "", labelText(node, spec, extra));
      // Beyond this many words a code would not tell them apart.
      if (this.#words.length < 60) ids.set(code, id);
    }
    return id;
  }

  #codeOf(value: unknown): number {
    if (value === true) return 1;
    if (typeof value !== "string" || value === defaultWord) return 0;
    const found = this.#words.indexOf(value);
    return found >= 0 ? found + 2 : this.#words.push(value) + 1;
  }
}

/** An import or export of values is what it is without a word; not every parser says so. */
const defaultWord = "value";

function labelText(node: SyntaxNode, spec: NodeSpec, extra: string): string {
  const parts: string[] = [];
  for (const key of spec.labels) {
    const value = node[key];
    if (value === true) parts.push(key);
    else if (typeof value === "string" && value !== defaultWord) parts.push(`${key}=${value}`);
  }
  if (extra !== "") parts.push(extra);
  return parts.join(" ");
}
