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
  readonly #words = new Map<string, number>();

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
    for (const key of spec.labels) code = code * 64 + this.codeOf(node[key]);
    return this.ofCode(spec, role, code, node, extra);
  }

  /** As `ofLabels`, with the code for `extra` and for what each label holds. */
  ofCode(spec: NodeSpec, role: number, code: number, node: SyntaxNode, extra: string): number {
    const place = spec.index * 256 + role;
    let ids = this.#byCode[place];
    if (!ids) this.#byCode[place] = ids = new Map();
    const known = ids.get(code);
    if (known !== undefined) return known;
    const id = this.kinds.idOf(spec.type, roleNames[role] ?? "", labelText(node, spec, extra));
    if (!Number.isNaN(code)) ids.set(code, id);
    return id;
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
