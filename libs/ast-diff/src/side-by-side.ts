import { alignLines } from "./align-lines.ts";
import type { EditOperation, FileDiff, SourceSpan } from "./diff-result.ts";

export type Mark = EditOperation["kind"];

/** A piece of a line; without a mark it stays as it was. */
export interface Segment {
  readonly text: string;
  readonly mark?: Mark;
  /** Unmarked text was left out here. */
  readonly isCut?: true;
}

export interface SideLine {
  /** From 1. */
  readonly line: number;
  readonly segments: readonly Segment[];
}

/** Two lines side by side, or how many without a mark are left out. */
export type SideRow =
  | { readonly kind: "lines"; readonly a?: SideLine; readonly b?: SideLine }
  | { readonly kind: "gap"; readonly lines: number };

export interface SideBySide {
  readonly path: string;
  readonly previousPath?: string;
  readonly rows: readonly SideRow[];
  /** Rows that were left out at the end because there were too many. */
  readonly rowsLeftOut: number;
}

export interface SideBySideOptions {
  /** Lines without a mark to show around those with one. Default 3. */
  readonly contextLines?: number;
  /** Default 5,000. */
  readonly maxRows?: number;
}

/** Lines longer than this are cut to what is around their marks, UTF-16 units. */
const maxLineLength = 400;
const cutContext = 40;

/** Painted in this order, so that what is more telling stays on top. */
const marks: readonly Mark[] = ["move", "rename", "delete", "insert", "update"];

/**
 * The texts of a compared file side by side, with the parts that its operations touch marked. For
 * pages and terminals; the operations themselves are the statement.
 */
export function sideBySide(
  diff: FileDiff,
  textA: string,
  textB: string,
  options: SideBySideOptions = {},
): SideBySide {
  const { contextLines = 3, maxRows = 5000 } = options;
  const [linesA, linesB] = [linesOf(textA), linesOf(textB)];
  const a = paint(linesA, linesB, diff.operations, "a");
  const b = paint(linesB, linesA, diff.operations, "b");
  const pairs = alignLines(a.lines, b.lines);
  const isMarked = pairs.map(
    ({ a: atA = -1, b: atB = -1 }) => a.marks.has(atA) || b.marks.has(atB),
  );
  const isShown = widen(isMarked, contextLines);
  const rows: SideRow[] = [];
  let hidden = 0;
  const closeGap = (): void => {
    if (hidden > 0) rows.push({ kind: "gap", lines: hidden });
    hidden = 0;
  };
  for (const [at, pair] of pairs.entries()) {
    if (!isShown[at]) {
      hidden++;
      continue;
    }
    closeGap();
    rows.push({
      kind: "lines",
      ...(pair.a === undefined ? {} : { a: sideLine(a, pair.a) }),
      ...(pair.b === undefined ? {} : { b: sideLine(b, pair.b) }),
    });
  }
  closeGap();
  const { path, previousPath } = diff;
  return {
    path,
    ...(previousPath === undefined ? {} : { previousPath }),
    rows: rows.slice(0, maxRows),
    rowsLeftOut: Math.max(0, rows.length - maxRows),
  };
}

interface Painted {
  readonly lines: readonly string[];
  /** By line from 0: the mark of each character, 0 for none, else its place in `marks` plus 1. */
  readonly marks: ReadonlyMap<number, Uint8Array>;
}

function linesOf(text: string): string[] {
  const lines = text.split(/\r\n?|\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

function paint(
  lines: readonly string[],
  other: readonly string[],
  operations: readonly EditOperation[],
  side: "a" | "b",
): Painted {
  const painted = new Map<number, Uint8Array>();
  const stroke = (line: number, from: number, to: number, mark: number): void => {
    const length = lines[line]?.length ?? 0;
    const characters = painted.get(line) ?? new Uint8Array(length);
    painted.set(line, characters);
    characters.fill(mark, Math.max(0, from), Math.min(length, to));
  };
  for (const [at, kind] of marks.entries())
    for (const operation of operations) {
      const span = operation.kind === kind ? operation[side] : undefined;
      if (!span) continue;
      const parts = operation.isWrapper
        ? edgesOf(span, lines)
        : [kind === "update" ? changedPart(span, lines, otherText(operation, side, other)) : span];
      for (const part of parts) paintSpan(part, lines, (...stretch) => stroke(...stretch, at + 1));
    }
  return { lines, marks: painted };
}

function paintSpan(
  span: Omit<SourceSpan, "path">,
  lines: readonly string[],
  stroke: (line: number, from: number, to: number) => void,
): void {
  const { startLine, startColumn, endLine, endColumn } = span;
  for (let line = startLine - 1; line < endLine && line < lines.length; line++) {
    const text = lines[line] ?? "";
    const indent = text.length - text.trimStart().length;
    const from = line === startLine - 1 ? startColumn - 1 : indent;
    const to = line === endLine - 1 ? endColumn - 1 : text.length;
    if (to > from) stroke(line, from, to);
  }
}

/** The text an operation is about on the other side, where it is within one line. */
function otherText(operation: EditOperation, side: "a" | "b", lines: readonly string[]): string {
  const span = operation[side === "a" ? "b" : "a"];
  if (!span || span.startLine !== span.endLine) return "";
  return (lines[span.startLine - 1] ?? "").slice(span.startColumn - 1, span.endColumn - 1);
}

/** Of a changed node the words that are not the same on both ends of the other side: its operator. */
function changedPart(
  span: SourceSpan,
  lines: readonly string[],
  other: string,
): Omit<SourceSpan, "path"> {
  const { startLine, startColumn, endLine, endColumn } = span;
  if (startLine !== endLine || other === "" || other.length > maxLineLength) return span;
  const text = (lines[startLine - 1] ?? "").slice(startColumn - 1, endColumn - 1);
  const [own, others] = [wordsOf(text), wordsOf(other)];
  const most = Math.min(own.length, others.length);
  let first = 0;
  while (first < most && own[first] === others[first]) first++;
  let last = 0;
  while (last < most - first && own.at(-1 - last) === others.at(-1 - last)) last++;
  if (first + last >= own.length) return span;
  const before = own.slice(0, first).join("").length;
  const after = own.slice(own.length - last).join("").length;
  return { startLine, startColumn: startColumn + before, endLine, endColumn: endColumn - after };
}

function wordsOf(text: string): string[] {
  return text.match(/[\p{L}\p{N}_$]+|\s+|[^\p{L}\p{N}_$\s]+/gu) ?? [];
}

/** Where a wrapper begins and ends; what it is around stays as it was. */
function edgesOf(span: SourceSpan, lines: readonly string[]): Omit<SourceSpan, "path">[] {
  const { startLine, startColumn, endLine, endColumn } = span;
  if (startLine === endLine) return [span];
  const first = (lines[startLine - 1]?.length ?? 0) + 1;
  return [
    { startLine, startColumn, endLine: startLine, endColumn: first },
    { startLine: endLine, startColumn: endColumn - 1, endLine, endColumn },
  ];
}

/** Marks `count` neighbours on both sides of each marked one. */
function widen(isMarked: readonly boolean[], count: number): boolean[] {
  const wide = isMarked.map(() => false);
  let left = 0;
  for (const [at, isSet] of isMarked.entries()) {
    left = isSet ? count + 1 : left - 1;
    if (left > 0) wide[at] = true;
  }
  left = 0;
  for (let at = isMarked.length - 1; at >= 0; at--) {
    left = isMarked[at] ? count + 1 : left - 1;
    if (left > 0) wide[at] = true;
  }
  return wide;
}

function sideLine({ lines, marks: painted }: Painted, line: number): SideLine {
  const text = lines[line] ?? "";
  const characters = painted.get(line);
  const segments: Segment[] = [];
  for (let at = 0; at < text.length;) {
    const mark = characters?.[at] ?? 0;
    let end = at + 1;
    if (characters) while (end < text.length && characters[end] === mark) end++;
    else end = text.length;
    const kind = marks[mark - 1];
    segments.push({ text: text.slice(at, end), ...(kind ? { mark: kind } : {}) });
    at = end;
  }
  return { line: line + 1, segments: text.length > maxLineLength ? shorten(segments) : segments };
}

/** A long line around its marks. */
function shorten(segments: readonly Segment[]): Segment[] {
  const short: Segment[] = [];
  let left = maxLineLength * 4;
  for (const [at, segment] of segments.entries()) {
    if (left <= 0) {
      short.push({ text: "", isCut: true });
      break;
    }
    const { text, mark } = segment;
    left -= Math.min(text.length, maxLineLength);
    if (text.length <= cutContext * 2 || (mark && text.length <= maxLineLength)) {
      short.push(segment);
      continue;
    }
    const keepEnd = at < segments.length - 1 ? text.slice(-cutContext) : "";
    const marked = mark ? { mark } : {};
    short.push({ text: text.slice(0, at > 0 || mark ? cutContext : 0), ...marked });
    short.push({ text: "", isCut: true });
    short.push({ text: keepEnd, ...marked });
  }
  return short.filter(({ text, isCut }) => text !== "" || isCut);
}
