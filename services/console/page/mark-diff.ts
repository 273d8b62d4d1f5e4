/**
 * What a changed line is, beyond changed: moved from elsewhere, renamed throughout, or only laid out anew.
 * Read from the tokens of the two sides, so an indentation or a rename does not hide the edit beside it.
 */
import type { FileDiff, Pair } from "./parse-diff.ts";

export type Mark = "moved" | "renamed" | "layout" | "changed";

/** A piece of a line; `isEdit` where the two sides differ. */
export interface Piece {
  readonly text: string;
  readonly isEdit: boolean;
}

export interface MarkedPair extends Pair {
  readonly mark?: Mark;
  readonly oldPieces?: readonly Piece[];
  readonly newPieces?: readonly Piece[];
}

export interface MarkedFile extends Omit<FileDiff, "hunks"> {
  readonly hunks: readonly { readonly header: string; readonly pairs: readonly MarkedPair[] }[];
}

const tokenPattern = /[A-Za-z_$][\w$]*|\d[\w.]*|\s+|[^\sA-Za-z_$\d]/g;
const isName = (token: string) => /^[A-Za-z_$]/.test(token);
const tokensOf = (line: string) => line.match(tokenPattern) ?? [];
const wordsOf = (line: string) => tokensOf(line).filter((token) => token.trim() !== "");
/** Lines as short as a brace stand everywhere; they have not moved. */
const leastMoved = 8;
/** Longer lines are shown without pieces: minified text is nobody's reading. */
const longest = 2000;

/** Marks every pair of a diff; one whole diff at a time, because moves and renames go across files. */
export function markDiff(files: readonly FileDiff[]): MarkedFile[] {
  const pairs = files.flatMap(({ hunks }) => hunks.flatMap((hunk) => hunk.pairs)).filter(isChange);
  const moved = movedTexts(pairs);
  const renames = renamesIn(pairs);
  const mark = (pair: Pair): MarkedPair => (isChange(pair) ? markPair(pair, moved, renames) : pair);
  return files.map((file) => ({
    ...file,
    hunks: file.hunks.map(({ header, pairs: own }) => ({ header, pairs: own.map(mark) })),
  }));
}

const isChange = ({ kind }: Pair) => kind === "changed";

/** Texts that went in one place and came in another. */
function movedTexts(pairs: readonly Pair[]): ReadonlySet<string> {
  const gone = new Set(pairs.flatMap((pair) => (pair.old ? [pair.old.text.trim()] : [])));
  const come = pairs.flatMap((pair) => (pair.new ? [pair.new.text.trim()] : []));
  return new Set(come.filter((text) => text.length >= leastMoved && gone.has(text)));
}

/** Names that became one other name wherever they stood against each other. */
function renamesIn(pairs: readonly Pair[]): ReadonlyMap<string, string> {
  const found = new Map<string, string | undefined>();
  for (const { old, new: fresh } of pairs) {
    if (!old || !fresh || old.text.length + fresh.text.length > longest) continue;
    const [before, after] = [wordsOf(old.text), wordsOf(fresh.text)];
    if (before.length !== after.length) continue;
    for (const [at, name] of before.entries()) {
      const other = after[at] ?? "";
      if (!isName(name) || !isName(other)) continue;
      if (name === other && !found.has(name)) continue;
      found.set(name, found.has(name) && found.get(name) !== other ? undefined : other);
    }
  }
  const certain = [...found].filter((entry): entry is [string, string] => entry[1] !== undefined);
  return new Map(certain.filter(([from, to]) => from !== to));
}

function markPair(
  pair: Pair,
  moved: ReadonlySet<string>,
  renames: ReadonlyMap<string, string>,
): MarkedPair {
  const { old, new: fresh } = pair;
  const isMoved = (text: string | undefined) => text !== undefined && moved.has(text.trim());
  if (!old || !fresh) return isMoved((old ?? fresh)?.text) ? { ...pair, mark: "moved" } : pair;
  if (old.text.length + fresh.text.length > longest) return { ...pair, mark: "changed" };
  const [before, after] = [wordsOf(old.text), wordsOf(fresh.text)];
  const isSame = (rename: (token: string) => string) =>
    before.length === after.length && before.every((token, at) => rename(token) === after[at]);
  if (isSame((token) => token)) return { ...pair, mark: "layout" };
  if (isMoved(old.text) && isMoved(fresh.text)) return { ...pair, mark: "moved" };
  const mark = isSame((token) => renames.get(token) ?? token) ? "renamed" : "changed";
  return { ...pair, mark, ...piecesOf(old.text, fresh.text) };
}

/** The middle in which two lines differ, between what they begin and end with in common. */
function piecesOf(old: string, fresh: string): Pick<MarkedPair, "oldPieces" | "newPieces"> {
  const [before, after] = [tokensOf(old), tokensOf(fresh)];
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < most - start && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  const common = before.filter(
    (token, at) => token.trim() && (at < start || at >= before.length - end),
  );
  // Two lines that share next to nothing stand beside each other by accident.
  if (common.length === 0) return {};
  const cut = (tokens: readonly string[]): Piece[] =>
    [
      { text: tokens.slice(0, start).join(""), isEdit: false },
      { text: tokens.slice(start, tokens.length - end).join(""), isEdit: true },
      { text: tokens.slice(tokens.length - end).join(""), isEdit: false },
    ].filter(({ text }) => text !== "");
  return { oldPieces: cut(before), newPieces: cut(after) };
}
