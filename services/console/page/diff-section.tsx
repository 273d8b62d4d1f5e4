/** The change itself, side by side; one column where there is no room for two. */
import { Fragment, useEffect, useMemo, useState } from "react";
import { ask, patchPath } from "./api.ts";
import { type Mark, markDiff, type MarkedFile, type MarkedPair, type Piece } from "./mark-diff.ts";
import { type DiffLine, parseDiff } from "./parse-diff.ts";
import { outcomeOf, type Resource } from "./resource.ts";
import type { Known } from "./use-patch.ts";

type Of = "candidate" | "a" | "b";

/** Lines of a file that are shown before they are asked for. */
const mostLines = 400;

export function DiffSection(props: {
  readonly id: string;
  readonly known: Known | undefined;
  readonly sequence: number;
}) {
  const { id, known } = props;
  const [of, setOf] = useState<Of>("candidate");
  const choices: readonly (readonly [Of, string])[] = [
    ["candidate", "Candidate"],
    ...(known?.renders?.a && known.renders.b
      ? ([
          ["a", "Render A"],
          ["b", "Render B"],
        ] as const)
      : []),
  ];
  // Before there is a candidate, each step can bring a diff that was not there.
  const resource = useDiff(id, of, known?.comparison ? 0 : props.sequence);
  const files = useMemo(
    () => (resource.kind === "ready" ? markDiff(parseDiff(resource.value)) : []),
    [resource],
  );
  return (
    <section className="panel" aria-labelledby="diff-title">
      <div className="panel-head">
        <h2 id="diff-title">Change</h2>
        {choices.length > 1 && (
          <div className="choices" role="group" aria-label="Which diff">
            {choices.map(([value, label]) => (
              <button
                key={value}
                type="button"
                aria-pressed={of === value}
                onClick={() => setOf(value)}
              >
                {label}
              </button>
            ))}
          </div>
        )}
        <Legend files={files} />
      </div>
      {resource.kind === "loading" && <p className="soft">Reading the diff…</p>}
      {resource.kind === "absent" && <p className="soft">There is no diff yet.</p>}
      {resource.kind === "failed" && <p className="soft">{resource.reason}</p>}
      {resource.kind === "locked" && <p className="soft">Reading needs the operator token.</p>}
      {files.map((file, at) => (
        <FileView key={`${file.path}:${at}`} file={file} isOpen={at < 12} />
      ))}
    </section>
  );
}

function useDiff(id: string, of: Of, round: number): Resource<string> {
  const [resource, setResource] = useState<Resource<string>>({ kind: "loading" });
  useEffect(() => {
    const leaving = new AbortController();
    const read = async () => {
      const response = await ask(`${patchPath(id)}/diff?of=${of}`, { signal: leaving.signal });
      return response.text();
    };
    read().then(
      (value) => setResource({ kind: "ready", value }),
      (error: unknown) => leaving.signal.aborted || setResource(outcomeOf(error)),
    );
    return () => leaving.abort();
  }, [id, of, round]);
  return resource;
}

const markWords: Readonly<Record<Mark, string>> = {
  changed: "changed",
  moved: "moved",
  renamed: "renamed",
  layout: "layout only",
};

function Legend({ files }: { readonly files: readonly MarkedFile[] }) {
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

function FileView({ file, isOpen }: { readonly file: MarkedFile; readonly isOpen: boolean }) {
  const [isWhole, setWhole] = useState(false);
  const count = file.hunks.reduce((sum, { pairs }) => sum + pairs.length, 0);
  let room = isWhole ? Number.POSITIVE_INFINITY : mostLines;
  return (
    <details className="file" open={isOpen}>
      <summary>
        <code className="path">
          {file.oldPath && file.oldPath !== file.path && <s>{file.oldPath}</s>} {file.path}
        </code>
        {file.change !== "changed" && <span className="file-change">{file.change}</span>}
        <span className="file-counts">
          <b data-side="new">+{file.added}</b> <b data-side="old">−{file.removed}</b>
        </span>
      </summary>
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
    </details>
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
