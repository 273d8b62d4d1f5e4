/** A file by the lines of its diff: for what no grammar reads, and before there is a comparison. */
import { Fragment, useState } from "react";
import type { Mark, MarkedFile, MarkedPair, Piece } from "./mark-diff.ts";
import type { DiffLine } from "./parse-diff.ts";

/** Lines of a file that are shown before they are asked for. */
const mostLines = 400;

const markWords: Readonly<Record<Mark, string>> = {
  changed: "changed",
  moved: "moved",
  renamed: "renamed",
  layout: "layout only",
};

export function LineLegend({ files }: { readonly files: readonly MarkedFile[] }) {
  const marks = files.flatMap(({ hunks }) =>
    hunks.flatMap(({ pairs }) => pairs.flatMap(({ mark }) => (mark ? [mark] : []))),
  );
  if (marks.length === 0) return null;
  return (
    <ul className="legend" aria-label="Marks of changed lines">
      {(Object.keys(markWords) as Mark[])
        .filter((mark) => marks.includes(mark))
        .map((mark) => (
          <li key={mark} data-mark={mark}>
            {marks.filter((each) => each === mark).length} {markWords[mark]}
          </li>
        ))}
    </ul>
  );
}

export function LineRows({ file }: { readonly file: MarkedFile }) {
  const [isWhole, setWhole] = useState(false);
  const count = file.hunks.reduce((sum, { pairs }) => sum + pairs.length, 0);
  let room = isWhole ? Number.POSITIVE_INFINITY : mostLines;
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
            {file.hunks.map(({ header, pairs }, at) => {
              const shown = pairs.slice(0, room);
              room = Math.max(0, room - shown.length);
              return (
                <Fragment key={at}>
                  {shown.length > 0 && at + header.length > 0 && (
                    <tr className="hunk">
                      <td colSpan={4}>{header === "" ? "⋯" : `⋯ ${header}`}</td>
                    </tr>
                  )}
                  {shown.map((pair, line) => (
                    <Line key={line} pair={pair} />
                  ))}
                </Fragment>
              );
            })}
          </tbody>
        </table>
      </div>
      {count > mostLines && !isWhole && (
        <button type="button" className="button more" onClick={() => setWhole(true)}>
          Show all {count} lines
        </button>
      )}
    </>
  );
}

function Line({ pair }: { readonly pair: MarkedPair }) {
  const { mark } = pair;
  return (
    <tr data-kind={pair.kind} data-mark={mark} title={mark && markWords[mark]}>
      <Side side="old" line={pair.old} pieces={pair.oldPieces} isChange={pair.kind === "changed"} />
      <Side side="new" line={pair.new} pieces={pair.newPieces} isChange={pair.kind === "changed"} />
    </tr>
  );
}

function Side(props: {
  readonly side: "old" | "new";
  readonly line: DiffLine | undefined;
  readonly pieces: readonly Piece[] | undefined;
  readonly isChange: boolean;
}) {
  const { side, line, pieces, isChange } = props;
  if (!line) {
    return (
      <>
        <td className="number" data-side={side} data-empty="" />
        <td className="side" data-side={side} data-empty="" />
      </>
    );
  }
  const sign = isChange ? (side === "old" ? "−" : "+") : "";
  return (
    <>
      <td className="number" data-side={side}>
        {line.number}
      </td>
      <td className="side" data-side={side}>
        <span className="sign">{sign}</span>
        {pieces
          ? pieces.map(({ text, isEdit }, at) => (isEdit ? <mark key={at}>{text}</mark> : text))
          : line.text}
      </td>
    </>
  );
}
