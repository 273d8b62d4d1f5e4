import type { KindTable, LabelIds } from "./kind-table.ts";
import { roleNames, specCount } from "./node-table.ts";
import type { NodeSpec } from "./node-table.ts";
import type { SyntaxNode } from "./parsers.ts";

/** The kinds of one table by what is at hand when a node is read. A class because it owns caches. */
export class LabelKinds {
  readonly kinds: KindTable;
  // All places from the start: an array that is written far beyond its end becomes a slow one.
  readonly #labels = noneYet<LabelIds>();
  readonly #byText = noneYet<Map<string, number>>();
  readonly #byString = noneYet<Map<string, number>>();
  readonly #byCode = noneYet<Map<number, number>>();
  /** The kind of a node at each place without any flag, which most are; -1 as long as it has none. */
  readonly #plain = new Int32Array(placeCount()).fill(-1);
  readonly #words = new Map<string, number>();

  constructor(kinds: KindTable) {
    this.kinds = kinds;
  }

  ofText(spec: NodeSpec, role: number, text: string): number {
    const place = placeOf(spec, role);
    let ids = this.#byText[place];
    if (!ids) this.#byText[place] = ids = new Map();
    let id = ids.get(text);
    if (id === undefined) {
      id = this.#labelsAt(place, spec, role).idOf(text);
      ids.set(text, id);
    }
    return id;
  }

  /** The kind of a string; its label is written as JSON, once. */
  ofString(spec: NodeSpec, role: number, value: string): number {
    const place = placeOf(spec, role);
    let ids = this.#byString[place];
    if (!ids) this.#byString[place] = ids = new Map();
    let id = ids.get(value);
    if (id === undefined) {
      id = this.#labelsAt(place, spec, role).idOf(JSON.stringify(value));
      ids.set(value, id);
    }
    return id;
  }

  /** The kind of a node whose label is made of flags and words; no text is built for a known one. */
  ofLabels(spec: NodeSpec, role: number, node: SyntaxNode, extra: string): number {
    let code = extra.length;
    for (const key of spec.labels) code = code * 64 + this.codeOf(node[key]);
    return this.ofCode(spec, role, code, node, extra);
  }

  /** As `ofLabels`, with the code for `extra` and for what each label holds. */
  ofCode(spec: NodeSpec, role: number, code: number, node: SyntaxNode, extra: string): number {
    const place = placeOf(spec, role);
    if (code === 0) {
      const plain = this.#plain[place] ?? -1;
      if (plain >= 0) return plain;
      return (this.#plain[place] = this.#labelsAt(place, spec, role).idOf(""));
    }
    let ids = this.#byCode[place];
    if (!ids) this.#byCode[place] = ids = new Map();
    const known = ids.get(code);
    if (known !== undefined) return known;
    const id = this.#labelsAt(place, spec, role).idOf(labelText(node, spec, extra));
    if (!Number.isNaN(code)) ids.set(code, id);
    return id;
  }

  #labelsAt(place: number, spec: NodeSpec, role: number): LabelIds {
    return (this.#labels[place] ??= this.kinds.labelsOf(spec.type, roleNames[role] ?? ""));
  }

  /** A number below 64 for what a label holds; NaN for a word beyond those, which makes the code NaN. */
  codeOf(value: unknown): number {
    if (value === true) return 1;
    if (typeof value !== "string" || value === defaultWord) return 0;
    const found = this.#words.get(value);
    if (found !== undefined) return found;
    const code = this.#words.size + 2;
    if (code > 63) return Number.NaN;
    this.#words.set(value, code);
    return code;
  }
}

const placeCount = () => specCount() * roleNames.length;
const placeOf = (spec: NodeSpec, role: number) => spec.index * roleNames.length + role;

function noneYet<T>(): (T | undefined)[] {
  return Array.from<T | undefined>({ length: placeCount() });
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
