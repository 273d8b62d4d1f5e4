/** A file as the comparison of its syntax has it: each mark is a step of the edit script, not a guess from lines. */
import { useState } from "react";
import type { ComparedFile, EditKind, Segment, SideLine, SideRow } from "./comparison.ts";

/** Rows of a file that are shown before they are asked for. */
const mostRows = 400;

/** The most telling first: a line has the sign of the first of these that stands in it. */
const shown: readonly {
  readonly kind: EditKind;
  readonly sign: string;
  readonly word: string;
}[] = [
  { kind: "delete", sign: "−", word: "removed" },
  { kind: "insert", sign: "+", word: "added" },
  { kind: "update", sign: "±", word: "changed" },
  { kind: "move", sign: "⇅", word: "moved" },
  { kind: "rename", sign: "≈", word: "renamed" },
];
const wordOf = (mark: EditKind) => shown.find(({ kind }) => kind === mark)?.word;

/** How often each kind of edit stands in the files; nothing when none does. */
export function SyntaxLegend({ files }: { readonly files: readonly ComparedFile[] }) {
  const counted = shown
    .map((each) => ({
      ...each,
      count: files.reduce((sum, { counts }) => sum + (counts[each.kind] ?? 0), 0),
    }))
    .filter(({ count }) => count > 0);
  if (counted.length === 0) return null;
  return (
    <ul className="legend" aria-label="Edits by kind">
      {counted.map(({ kind, sign, word, count }) => (
        <li key={kind} data-edit={kind}>
          <i aria-hidden="true">{sign}</i> {count} {word}
        </li>
      ))}
    </ul>
  );
}

export function SyntaxRows({ file }: { readonly file: ComparedFile }) {
  const [isWhole, setWhole] = useState(false);
  const { rows = [], rowsLeftOut = 0 } = file.sides ?? {};
  const drawn = isWhole ? rows : rows.slice(0, mostRows);
  return (
    <>
      {/* Scrolls by itself, so the keyboard has to reach it. */}
      <div className="code" tabIndex={0} role="region" aria-label={`Changes of ${file.path}`}>
        <table>
          <colgroup>
            <col className="number" />
            <col className="side" />
            <col className="number" />
            <col className="side" />
          </colgroup>
          <tbody>
            {drawn.map((row, at) => (
              <Row key={at} row={row} />
            ))}
          </tbody>
        </table>
      </div>
      {rows.length > drawn.length && (
        <button type="button" className="button more" onClick={() => setWhole(true)}>
          Show all {rows.length} lines
        </button>
      )}
      {rowsLeftOut > 0 && (
        <p className="soft file-note">{rowsLeftOut} more lines were too many to keep.</p>
      )}
    </>
  );
}

function Row({ row }: { readonly row: SideRow }) {
  if (row.kind === "gap") {
    return (
      <tr className="hunk">
        <td colSpan={4}>
          ⋯ {row.lines} {row.lines === 1 ? "line" : "lines"} as they were
        </td>
      </tr>
    );
  }
  const [a, b] = [editOf(row.a), editOf(row.b)];
  const kind = !a && !b && row.a && row.b ? "same" : "edited";
  return (
    <tr data-kind={kind}>
      <Side side="old" line={row.a} edit={a} />
      <Side side="new" line={row.b} edit={b} />
    </tr>
  );
}

/** The most telling kind of edit in a line. */
function editOf(line: SideLine | undefined) {
  const kinds = new Set(line?.segments.map(({ mark }) => mark));
  return shown.find(({ kind }) => kinds.has(kind));
}

function Side(props: {
  readonly side: "old" | "new";
  readonly line: SideLine | undefined;
  readonly edit: (typeof shown)[number] | undefined;
}) {
  const { side, line, edit } = props;
  const place = { "data-side": side, "data-edit": edit?.kind };
  if (!line) {
    return (
      <>
        <td className="number" data-side={side} data-empty="" />
        <td className="side" data-side={side} data-empty="" />
      </>
    );
  }
  return (
    <>
      <td className="number" {...place}>
        {line.line}
      </td>
      <td className="side" {...place} title={edit?.word}>
        <span className="sign">{edit?.sign ?? ""}</span>
        {line.segments.map((segment, at) => (
          <Piece key={at} segment={segment} />
        ))}
      </td>
    </>
  );
}

function Piece({ segment: { text, mark, isCut } }: { readonly segment: Segment }) {
  if (isCut) return <span className="soft">…</span>;
  return mark ? (
    <mark data-edit={mark} title={wordOf(mark)}>
      {text}
    </mark>
  ) : (
    text
  );
}
