import type { DiffResult, FileDiff, Mark, SideBySide, SideLine } from "@council/ast-diff";
import { harmless, looks, strongestFirst, styled, wrapSegments } from "./terminal-text.ts";

export interface Paper {
  /** Columns, at least 40. */
  readonly width: number;
  readonly hasColour: boolean;
}

const bold = "1";
const faint = "2";

/** One file as text: what came out, the renames, both sides. */
export function renderFile(
  file: FileDiff,
  sides: SideBySide | undefined,
  note: string | undefined,
  paper: Paper,
): string[] {
  const { hasColour } = paper;
  const name = harmless(
    file.previousPath === undefined ? file.path : `${file.previousPath} → ${file.path}`,
  );
  const head = `${styled(name, bold, hasColour)}  ${styled(file.language, faint, hasColour)}`;
  const lines = [`${head}  ${note ?? outcomeOf(file)}`];
  // The statement is about lines then, not about what they mean.
  if (file.operations.some(({ nodeType }) => nodeType === "line"))
    lines.push("  compared line by line: there is no grammar for it");
  if (sides) lines.push(...renderRows(sides, paper));
  return lines;
}

const outcomes: Readonly<Record<FileDiff["outcome"], string>> = {
  identical: "the same",
  "same-form": "the same program in another format",
  "same-but-names": "the same but for local names",
  "same-but-order": "the same but for the order of functions",
  differs: "differs",
  unread: "not compared",
};

function outcomeOf({ outcome, operations }: FileDiff): string {
  const counts = new Map<Mark, number>();
  for (const { kind } of operations) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const parts = strongestFirst.flatMap((kind) => {
    const count = counts.get(kind);
    return count ? [`${looks[kind].sign} ${count} ${looks[kind].name}`] : [];
  });
  return [outcomes[outcome], ...parts].join("  ");
}

function renderRows({ rows, rowsLeftOut }: SideBySide, { width, hasColour }: Paper): string[] {
  const lineNumbers = rows.flatMap((row) =>
    row.kind === "lines" ? [row.a?.line ?? 0, row.b?.line ?? 0] : [],
  );
  const digits = String(Math.max(1, ...lineNumbers)).length;
  // Two sides of number, sign and text, and a rule between them.
  const textWidth = Math.max(8, Math.floor((width - 3) / 2) - digits - 3);
  const blank = " ".repeat(digits + 3 + textWidth);
  const lines: string[] = [];
  const side = (line: SideLine | undefined): string[] =>
    line ? renderSide(line, digits, textWidth, hasColour) : [blank];
  for (const row of rows) {
    if (row.kind === "gap") {
      const count = `⋮ ${row.lines} ${row.lines === 1 ? "line" : "lines"} as before`;
      lines.push(styled(`${" ".repeat(digits)} ${count}`, faint, hasColour));
      continue;
    }
    const [left, right] = [side(row.a), side(row.b)];
    for (let at = 0; at < Math.max(left.length, right.length); at++)
      lines.push(`${left[at] ?? blank} │ ${right[at] ?? blank}`.trimEnd());
  }
  if (rowsLeftOut > 0) lines.push(`… ${rowsLeftOut} more rows; --json has all of them`);
  return lines;
}

function renderSide(
  { line, segments }: SideLine,
  digits: number,
  textWidth: number,
  hasColour: boolean,
): string[] {
  const present = new Set(segments.map(({ mark }) => mark));
  const mark = strongestFirst.find((kind) => present.has(kind));
  const sign = mark ? styled(looks[mark].sign, looks[mark].style, hasColour) : " ";
  const number = styled(String(line).padStart(digits), faint, hasColour);
  const texts = wrapSegments(segments, textWidth, hasColour);
  return texts.map((text, at) =>
    at === 0 ? `${number} ${sign} ${text}` : `${" ".repeat(digits)}   ${text}`,
  );
}

/** What holds for all files: what moved between them, renames, the figures. */
export function renderSummary(result: DiffResult, paper: Paper): string[] {
  const { hasColour } = paper;
  const lines = result.moves.map(({ nodeType, label, a, b }) => {
    const what = harmless(`${nodeType} ${label}`.trim());
    const places = [a, b].map((span) => harmless(`${span?.path ?? "?"}:${span?.startLine ?? 0}`));
    return `${styled(looks.move.sign, looks.move.style, hasColour)} moved  ${places.join(" → ")}  ${what}`;
  });
  for (const { path, from, to, b } of result.renames) {
    const sign = styled(looks.rename.sign, looks.rename.style, hasColour);
    const times = b.length === 1 ? "1 place" : `${b.length} places`;
    lines.push(`${sign} renamed  ${harmless(`${from} → ${to}  ${path}`)}  ${times}`);
  }
  lines.push(figuresOf(result));
  return lines;
}

function figuresOf({ variance, similarity }: DiffResult): string {
  const parts = [
    variance
      ? `variance ${percentOf(variance.ratio)}`
      : "variance unknown: not all files could be read",
  ];
  if (similarity) parts.push(`tokens ${percent(similarity.token)} alike`);
  if (similarity?.semantic !== undefined)
    parts.push(`meaning ${percent(similarity.semantic)} alike`);
  return parts.join("   ");
}

function percentOf([low, high]: readonly [number, number]): string {
  return low === high ? percent(high) : `${percent(low)} to ${percent(high)}`;
}

function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(2)} %`;
}
