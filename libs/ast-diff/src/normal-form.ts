import { startLimits } from "./caps.ts";
import type { EscalationReason, Limits } from "./caps.ts";
import { createKindTable } from "./kind-table.ts";
import { isScript } from "./language.ts";
import { loadReaders, readerOf } from "./languages/load-readers.ts";
import { loadParsers } from "./parsers.ts";
import type { Parse } from "./parsers.ts";
import { createSyntaxReader } from "./read-syntax.ts";
import type { ReadSyntax } from "./read-syntax.ts";
import type { Tree } from "./tree.ts";

export type NormalForm =
  | { readonly kind: "parsed"; readonly tree: Tree }
  | { readonly kind: "failed"; readonly reason: EscalationReason };

/**
 * The normal form of one file: its syntax without positions, comments, parentheses, quotes and the
 * other choices of a formatter. Equal trees mean the same program; a file that is not wholly
 * understood has none. Default caps apply.
 */
export async function normalForm(path: string, text: string): Promise<NormalForm> {
  await loadReaders([path]);
  return readNormalForm(await loadParsers(), path, text, startLimits());
}

/**
 * As `normalForm`, with the parsers at hand, the readers loaded and the caller's limits. `like`: what
 * `read` gave for another text of the same path, which is then read sooner and not otherwise.
 */
export function readNormalForm(
  parse: Parse,
  path: string,
  text: string,
  limits: Limits,
  read: ReadSyntax = createSyntaxReader(createKindTable()),
  like?: Tree,
): NormalForm {
  const reader = readerOf(path);
  if (!reader && !isScript(path)) return { kind: "failed", reason: "no-grammar" };
  if (!isText(text)) return { kind: "failed", reason: "not-text" };
  if (Buffer.byteLength(text) > limits.maxFileBytes) return { kind: "failed", reason: "too-large" };
  if (limits.isOver()) return { kind: "failed", reason: "timeout" };
  if (reader) return reader(text, limits);
  const parsed = parse(path, text);
  if (parsed.kind === "failed") return parsed;
  const tree = read(parsed.program, text, limits, like);
  return typeof tree === "string" ? { kind: "failed", reason: tree } : { kind: "parsed", tree };
}

/** Whether a string can be the faithful decoding of a text file. */
export function isText(text: string): boolean {
  // U+FFFD is what a decoder leaves where bytes were lost: two files may then only look equal.
  return !text.includes("\0") && !text.includes("\uFFFD");
}
