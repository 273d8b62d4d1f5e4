import { isAlias, isMap, isPair, isScalar, isSeq, parseAllDocuments } from "yaml";
import type { Document, Node, Pair } from "yaml";
import type { Limits } from "../caps.ts";
import type { NormalForm } from "../normal-form.ts";
import { lineStartsOf, placeOf } from "../source-lines.ts";
import { createTreeBuilder } from "../tree.ts";

type Part = Document | Node | Pair | null | undefined;

interface Entry {
  readonly part: Part;
  readonly parent: number;
  readonly depth: number;
}

/** Entries of a map are only sorted where no anchor can depend on their order. */
interface Source {
  readonly starts: Int32Array;
  readonly mayHaveAnchors: boolean;
}

/**
 * YAML as its documents: maps by key, whatever their order, quoted and block strings by what they
 * say, plain scalars as they are written, since readers differ in whether `no` is a word.
 * Aliases are not followed, so a small file cannot become a large tree.
 */
export function readYaml(text: string, limits: Limits): NormalForm {
  try {
    const documents = parseAllDocuments(text, {
      // Compares each key with each other one; duplicates are handled below.
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: "silent",
    });
    if (!Array.isArray(documents)) return emptyStream();
    // A warning is a tag or directive that was not understood.
    if (documents.some(({ errors }) => errors.length > 0))
      return { kind: "failed", reason: "parse-error" };
    const source = { starts: lineStartsOf(text), mayHaveAnchors: /[&*]\w/.test(text) };
    return build(documents, source, limits);
  } catch (error) {
    if (error instanceof RangeError) return { kind: "failed", reason: "too-deep" };
    throw error;
  }
}

function emptyStream(): NormalForm {
  const builder = createTreeBuilder();
  builder.add(-1, "yaml_stream", "", "", 1);
  return { kind: "parsed", tree: builder.finish() };
}

function build(documents: readonly Document[], source: Source, limits: Limits): NormalForm {
  const builder = createTreeBuilder();
  const root = builder.add(-1, "yaml_stream", "", "", 1);
  const stack: Entry[] = [...documents]
    .toReversed()
    .map((part) => ({ part, parent: root, depth: 2 }));
  let count = 1;
  let line = 1;
  for (let top = stack.pop(); top; top = stack.pop()) {
    const { part, parent, depth } = top;
    if (++count > limits.maxNodes) return { kind: "failed", reason: "too-large" };
    if (depth > limits.maxDepth) return { kind: "failed", reason: "too-deep" };
    if (count % 4096 === 0 && limits.isOver()) return { kind: "failed", reason: "timeout" };
    const [from = -1, to = -1] = rangeOf(part) ?? [];
    if (from >= 0) line = placeOf(source.starts, from).line;
    const index = builder.add(parent, typeOf(part), "", labelOf(part), line, from, to);
    for (const below of partsOf(part, source).toReversed())
      stack.push({ part: below, parent: index, depth: depth + 1 });
  }
  return { kind: "parsed", tree: builder.finish() };
}

function isDocumentPart(part: Part): part is Document {
  return typeof part === "object" && part !== null && "contents" in part;
}

function typeOf(part: Part): string {
  if (isDocumentPart(part)) return "yaml_document";
  if (isPair(part)) return "yaml_pair";
  if (isMap(part)) return "yaml_map";
  if (isSeq(part)) return "yaml_sequence";
  return isAlias(part) ? "yaml_alias" : "yaml_scalar";
}

function labelOf(part: Part): string {
  if (isDocumentPart(part)) return part.directives?.docStart ? directivesOf(part) : "";
  if (!part) return "";
  if (isPair(part)) return keyOf(part) ?? "";
  if (isAlias(part)) return part.source;
  const properties = [part.tag ? `!<${part.tag}>` : "", part.anchor ? `&${part.anchor}` : ""];
  if (isScalar(part)) {
    const isPlain = part.type === "PLAIN";
    properties.push(isPlain ? (part.source ?? "") : JSON.stringify(part.value));
  }
  return properties.filter((property) => property !== "").join(" ");
}

/** `%YAML` and `%TAG` change what the document means; a bare `---` does not. */
function directivesOf({ directives }: Document): string {
  return directives?.yaml.explicit ? `%YAML ${directives.yaml.version}` : "";
}

function partsOf(part: Part, { mayHaveAnchors }: Source): readonly Part[] {
  if (isDocumentPart(part)) return part.contents ? [part.contents] : [];
  // A plain key is the label of its pair; any other is its first child.
  if (isPair(part))
    return [...(keyOf(part) === undefined ? [part.key as Part] : []), part.value as Part];
  if (isSeq(part)) return part.items as Part[];
  if (!isMap(part)) return [];
  const keys = part.items.map(keyOf);
  const isSortable =
    !mayHaveAnchors && !keys.includes(undefined) && new Set(keys).size === keys.length;
  const order = (x: Pair, y: Pair) => ((keyOf(x) ?? "") < (keyOf(y) ?? "") ? -1 : 1);
  return isSortable ? part.items.toSorted(order) : part.items;
}

/** The key of a pair in writing; `undefined` when it is more than a scalar, or merges another map. */
function keyOf({ key }: Pair): string | undefined {
  if (!isScalar(key) || key.tag !== undefined || key.anchor !== undefined) return undefined;
  const label = labelOf(key);
  return label === "<<" || label === "" ? undefined : label;
}

/** Where a part stands in the source; a pair is from its key to its value. */
function rangeOf(part: Part): readonly [start: number, end: number] | undefined {
  if (!isPair(part)) return part?.range ? [part.range[0], part.range[1]] : undefined;
  const [key, value] = [part.key, part.value].map((node) => rangeOf(node as Part));
  return key && [key[0], value?.[1] ?? key[1]];
}
