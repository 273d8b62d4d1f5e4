/** The change itself, side by side; one column where there is no room for two. */
import { type ReactNode, useEffect, useMemo, useState } from "react";
import { ask, patchPath } from "./api.ts";
import type { ComparedFile, ComparisonReport } from "./comparison.ts";
import { LineLegend, LineRows } from "./line-diff.tsx";
import { markDiff, type MarkedFile } from "./mark-diff.ts";
import { parseDiff } from "./parse-diff.ts";
import { outcomeOf, type Resource } from "./resource.ts";
import { SyntaxLegend, SyntaxRows } from "./syntax-diff.tsx";
import type { Known } from "./use-patch.ts";

type Of = "candidate" | "a" | "b" | "ab";

/** Files that are open from the start. */
const mostOpen = 12;

export function DiffSection(props: {
  readonly id: string;
  readonly known: Known | undefined;
  readonly sequence: number;
  readonly report: Resource<ComparisonReport>;
}) {
  const { id, known, report } = props;
  const [of, setOf] = useState<Of>("candidate");
  const compared = report.kind === "ready" ? report.value : undefined;
  // Before there is a candidate, each step can bring a diff that was not there.
  const round = known?.comparison ? 0 : props.sequence;
  return (
    <section className="panel" aria-labelledby="diff-title">
      <div className="panel-head">
        <h2 id="diff-title">Change</h2>
        <Choices choices={choicesOf(known, compared)} of={of} onChoice={setOf} />
      </div>
      {of === "ab" ? (
        <Renders files={compared?.renders?.files ?? []} />
      ) : (
        <TextOrSyntax
          key={of}
          path={`${patchPath(id)}/diff?of=${of}`}
          round={round}
          isWaiting={report.kind === "loading"}
          compared={of === "candidate" ? compared?.patch.files : undefined}
        />
      )}
    </section>
  );
}

function choicesOf(
  known: Known | undefined,
  compared: ComparisonReport | undefined,
): readonly (readonly [Of, string])[] {
  const { a, b } = known?.renders ?? {};
  return [
    ["candidate", "Candidate"],
    ...(a && b
      ? ([
          ["a", "Render A"],
          ["b", "Render B"],
        ] as const)
      : []),
    ...(compared?.renders ? ([["ab", "A against B"]] as const) : []),
  ];
}

function Choices(props: {
  readonly choices: readonly (readonly [Of, string])[];
  readonly of: Of;
  readonly onChoice: (of: Of) => void;
}) {
  const { choices, of, onChoice } = props;
  if (choices.length < 2) return null;
  return (
    <div className="choices" role="group" aria-label="Which diff">
      {choices.map(([value, label]) => (
        <button
          key={value}
          type="button"
          aria-pressed={of === value}
          onClick={() => onChoice(value)}
        >
          {label}
        </button>
      ))}
    </div>
  );
}

/** The files of a diff: by their syntax where the comparison has them so, else by the lines of the text. */
function TextOrSyntax(props: {
  readonly path: string;
  readonly round: number;
  readonly isWaiting: boolean;
  readonly compared: readonly ComparedFile[] | undefined;
}) {
  const { path, round, isWaiting, compared } = props;
  const resource = useDiff(path, round);
  const files = useMemo(
    () => (resource.kind === "ready" ? markDiff(parseDiff(resource.value)) : []),
    [resource],
  );
  const byPath = new Map(compared?.map((file) => [file.path, file]));
  const drawn = files.map((text) => ({ text, syntax: byPath.get(text.path) }));
  const read = drawn.flatMap(({ syntax }) => (syntax?.sides ? [syntax] : []));
  const unread = drawn.filter(({ syntax }) => !syntax?.sides).map(({ text }) => text);
  if (resource.kind === "loading" || (isWaiting && resource.kind === "ready"))
    return <p className="soft">Reading the diff…</p>;
  if (resource.kind === "absent") return <p className="soft">There is no diff yet.</p>;
  if (resource.kind === "failed") return <p className="soft">{resource.reason}</p>;
  if (resource.kind === "locked") return <p className="soft">Reading needs the operator token.</p>;
  return (
    <>
      <SyntaxLegend files={read} />
      {read.length === 0 && <LineLegend files={unread} />}
      {drawn.map(({ text, syntax }, at) => (
        <FileFrame
          key={`${text.path}:${at}`}
          path={text.path}
          oldPath={syntax?.previousPath ?? text.oldPath}
          note={noteOf(syntax, compared !== undefined)}
          counts={text}
          isOpen={at < mostOpen}
        >
          {syntax?.sides ? <SyntaxRows file={syntax} /> : <LineRows file={text} />}
        </FileFrame>
      ))}
    </>
  );
}

/** The two renders against each other; a file the grammar could not read has no lines here. */
function Renders({ files }: { readonly files: readonly ComparedFile[] }) {
  const others = files.filter(({ outcome }) => outcome !== "identical");
  if (others.length === 0) return <p className="soft">Both renders are the same, byte for byte.</p>;
  return (
    <>
      <SyntaxLegend files={others} />
      {others.map((file, at) => (
        <FileFrame
          key={file.path}
          path={file.path}
          oldPath={file.previousPath}
          note={noteOf(file, true)}
          isOpen={at < mostOpen}
        >
          {file.sides && <SyntaxRows file={file} />}
        </FileFrame>
      ))}
    </>
  );
}

const reasons: Readonly<Record<string, string>> = {
  "no-grammar": "no grammar for this language",
  "parse-error": "it has a syntax error",
  "not-text": "it is not text",
  "too-large": "it is too large to be read",
  "too-deep": "it is nested too deep",
  timeout: "it took too long to be read",
  "unknown-node": "it has syntax the grammar does not know",
};

/** What has to be said about how a file is shown. */
function noteOf(file: ComparedFile | undefined, isCompared: boolean): string | undefined {
  if (!isCompared) return undefined;
  switch (file?.outcome) {
    case undefined:
      return "marks read from its lines: it is not in the comparison";
    case "unread":
      return `marks read from its lines: ${reasons[file.reason ?? ""] ?? file.reason ?? "it was not read"}`;
    case "same-form":
      return "the same program, laid out anew";
    case "same-but-names":
      return "the same program but for local names";
    case "same-but-order":
      return "the same program in another order";
    default:
      // A text in no known language is compared word by word.
      if (file?.language === "unknown")
        return `marks read from its words: ${reasons["no-grammar"]}`;
      return file?.sides ? undefined : "marks read from its lines: too large to be kept by syntax";
  }
}

function FileFrame(props: {
  readonly path: string;
  readonly oldPath: string | undefined;
  readonly note: string | undefined;
  readonly counts?: Pick<MarkedFile, "change" | "added" | "removed">;
  readonly isOpen: boolean;
  readonly children?: ReactNode;
}) {
  const { path, oldPath, note, counts, isOpen, children } = props;
  return (
    <details className="file" open={isOpen}>
      <summary>
        <code className="path">
          {oldPath && oldPath !== path && <s>{oldPath}</s>} {path}
        </code>
        {counts && counts.change !== "changed" && (
          <span className="file-change">{counts.change}</span>
        )}
        {note && <span className="file-change">{note}</span>}
        {counts && (
          <span className="file-counts">
            <b data-side="new">+{counts.added}</b> <b data-side="old">−{counts.removed}</b>
          </span>
        )}
      </summary>
      {children}
    </details>
  );
}

function useDiff(path: string, round: number): Resource<string> {
  const [resource, setResource] = useState<Resource<string>>({ kind: "loading" });
  useEffect(() => {
    const leaving = new AbortController();
    const read = async () => {
      const response = await ask(path, { signal: leaving.signal });
      return response.text();
    };
    read().then(
      (value) => setResource({ kind: "ready", value }),
      (error: unknown) => leaving.signal.aborted || setResource(outcomeOf(error)),
    );
    return () => leaving.abort();
  }, [path, round]);
  return resource;
}
