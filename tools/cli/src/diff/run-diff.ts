import type { Caps, DiffResult, EscalationReason, FileDiff, ParserName } from "@council/ast-diff";
import { diffFiles, sideBySide } from "@council/ast-diff";
import { readInputs } from "./read-inputs.ts";
import type { InputFile } from "./read-inputs.ts";
import { renderFile, renderSummary } from "./render-diff.ts";
import type { Paper } from "./render-diff.ts";

export interface DiffOptions extends Paper {
  readonly json: boolean;
  readonly contextLines: number;
  readonly maxFileBytes: number;
  readonly timeoutMs: number;
  /** The path whose name tells the language of both files. */
  readonly as?: string;
  readonly parser?: ParserName;
}

/** 0: the same, or the same program. 1: different. 2: not all could be compared. */
export type DiffExit = 0 | 1 | 2;

/** Compares two files or folders and writes what came out; the answer is the exit code. */
export async function runDiff(
  a: string,
  b: string,
  options: DiffOptions,
  write: (text: string) => void,
): Promise<DiffExit> {
  const inputs = await readInputs(a, b, options);
  if (inputs.kind === "missing") {
    process.stderr.write(`council diff: ${inputs.sentence}\n`);
    return 2;
  }
  const notes = new Map<string, string>();
  const result = await compare(inputs.files, options, notes);
  if (options.json) write(`${JSON.stringify(result, undefined, 2)}\n`);
  else write(inWords(result, inputs, notes, options));
  const outcomes = result.files.map(({ outcome }) => outcome);
  if (outcomes.includes("unread")) return 2;
  return outcomes.every((outcome) => outcome === "identical" || outcome === "same-form") ? 0 : 1;
}

async function compare(
  files: readonly InputFile[],
  { maxFileBytes, timeoutMs, parser }: DiffOptions,
  notes: Map<string, string>,
): Promise<DiffResult> {
  const caps: Caps = {
    maxFileBytes,
    maxPatchBytes: 16 * maxFileBytes,
    maxNodes: 4_000_000,
    timeBudgetMs: timeoutMs,
  };
  const unread = files.filter((file) => file.unread);
  const result = await diffFiles({
    files: files.filter((file) => !file.unread),
    caps,
    ...(parser ? { parser } : {}),
  });
  for (const { path, unread: why } of unread) notes.set(path, why?.sentence ?? "");
  if (unread.length === 0) return result;
  const { variance: _, ...rest } = result;
  const all = [...result.files, ...unread.map(unreadDiff)];
  return { ...rest, files: all.toSorted((x, y) => (x.path < y.path ? -1 : 1)) };
}

function unreadDiff({ path, unread }: InputFile): FileDiff {
  const reason = unread?.reason ?? "not-text";
  return { path, language: "unknown", outcome: "unread", reason, operations: [] };
}

function inWords(
  result: DiffResult,
  inputs: { readonly files: readonly InputFile[]; readonly isFolder: boolean },
  notes: ReadonlyMap<string, string>,
  options: DiffOptions,
): string {
  const texts = new Map(inputs.files.map((file) => [file.path, file]));
  const lines: string[] = [];
  for (const file of result.files) {
    // Of a folder only what changed is of interest.
    if (inputs.isFolder && file.outcome === "identical") continue;
    const note = file.outcome === "unread" ? noteOf(file, notes, options) : undefined;
    const textA = texts.get(file.previousPath ?? file.path)?.a ?? "";
    const textB = texts.get(file.path)?.b ?? "";
    const isShown = file.operations.length > 0;
    const sides = isShown ? sideBySide(file, textA, textB, options) : undefined;
    lines.push(...renderFile(file, sides, note, options), "");
  }
  lines.push(...renderSummary(result, options));
  return `${lines.join("\n")}\n`;
}

function noteOf(
  file: FileDiff,
  notes: ReadonlyMap<string, string>,
  { maxFileBytes, timeoutMs }: DiffOptions,
): string {
  const sentences: Readonly<Record<EscalationReason, string>> = {
    "too-large": `it is larger than what is read (${maxFileBytes} bytes a file); --max-size raises that`,
    "too-deep": "it is nested deeper than can be read",
    timeout: `it took longer than ${timeoutMs / 1000} s; --timeout raises that`,
    "parse-error": `it has a syntax error, or is not ${file.language}`,
    "unknown-node": "it holds syntax that is not known here",
    "not-text": "it is not text",
    "no-grammar": "there is no grammar for it; --as tells which one to use",
  };
  const why = notes.get(file.path) ?? sentences[file.reason ?? "no-grammar"];
  return `not compared: ${why}`;
}
