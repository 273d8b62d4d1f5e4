import type { KindTable, LabelIds } from "./kind-table.ts";
import { roleNames, specCount } from "./node-table.ts";
import type { NodeSpec } from "./node-table.ts";
import type { SyntaxNode } from "./parsers.ts";

/** The kinds of the nodes of one type and role. A class, so that all of them have one shape. */
class KindsOfPlace {
  readonly labels: LabelIds;
  readonly byText = new Map<string, number>();
  readonly byString = new Map<string, number>();
  readonly byCode = new Map<number, number>();
  /** The kind of a node without any flag, which most are; -1 as long as there is none. */
  plain = -1;

  constructor(labels: LabelIds) {
    this.labels = labels;
  }
}

/** The kinds of one table by what is at hand when a node is read. A class because it owns caches. */
export class LabelKinds {
  readonly kinds: KindTable;
  readonly #places = noneYet();
  readonly #words = new Map<string, number>();

  constructor(kinds: KindTable) {
    this.kinds = kinds;
  }

  ofText(spec: NodeSpec, role: number, text: string): number {
    const place = this.#placeOf(spec, role);
    let id = place.byText.get(text);
    if (id === undefined) {
      id = place.labels.idOf(text);
      place.byText.set(text, id);
    }
    return id;
  }

  /** The kind of a string; its label is written as JSON, once. */
  ofString(spec: NodeSpec, role: number, value: string): number {
    const place = this.#placeOf(spec, role);
    let id = place.byString.get(value);
    if (id === undefined) {
      id = place.labels.idOf(JSON.stringify(value));
      place.byString.set(value, id);
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
    const place = this.#placeOf(spec, role);
    if (code === 0) {
      if (place.plain < 0) place.plain = place.labels.idOf("");
      return place.plain;
    }
    const known = place.byCode.get(code);
    if (known !== undefined) return known;
    const id = place.labels.idOf(labelText(node, spec, extra));
    if (!Number.isNaN(code)) place.byCode.set(code, id);
    return id;
  }

  #placeOf(spec: NodeSpec, role: number): KindsOfPlace {
    const index = spec.index * roleNames.length + role;
    return (this.#places[index] ??= new KindsOfPlace(
      this.kinds.labelsOf(spec.type, roleNames[role] ?? ""),
    ));
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

/** All places from the start: an array that is written far beyond its end becomes a slow one. */
function noneYet(): (KindsOfPlace | undefined)[] {
  const places: (KindsOfPlace | undefined)[] = [];
  places.length = specCount() * roleNames.length;
  return places.fill(undefined);
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
