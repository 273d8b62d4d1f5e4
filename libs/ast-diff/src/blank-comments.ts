import { startLimits } from "./caps.ts";
import { extensionOf, isScript, languageOf } from "./language.ts";
import type { CommentSpan } from "./languages/find-comments.ts";
import { grammars } from "./languages/grammars.ts";
import { isText } from "./normal-form.ts";
import { loadParsers } from "./parsers.ts";

/**
 * The text without its comments, every other line in its place. Only what a parser takes for a comment
 * goes: where there is no parser, or the file does not parse whole, the text stays as it is, since code
 * that is left out by mistake is worse than a comment that is left in.
 */
export async function blankComments(path: string, text: string): Promise<string> {
  const limits = startLimits();
  if (!isText(text) || Buffer.byteLength(text) > limits.maxFileBytes) return text;
  return withoutSpans(
    text,
    isScript(path) ? await inScript(path, text) : await inSyntax(path, text),
  );
}

async function inScript(path: string, text: string): Promise<readonly CommentSpan[]> {
  const parse = await loadParsers();
  if (parse(path, text).kind === "failed") return [];
  const typescript = await import("@typescript-eslint/typescript-estree");
  const extension = extensionOf(path);
  const { comments } = typescript.parse(text, {
    filePath: `file.${/\.d\.[cm]?ts$/i.test(path) ? "d." : ""}${extension}`,
    jsx: /^(tsx|jsx|js|mjs|cjs)$/.test(extension),
    comment: true,
    range: true,
    jsDocParsingMode: "none",
    suppressDeprecatedPropertyWarnings: true,
    loggerFn: false,
  });
  return comments.map(({ range: [start, end] }) => ({ start, end }));
}

async function inSyntax(path: string, text: string): Promise<readonly CommentSpan[]> {
  const grammar = grammars.get(languageOf(path));
  if (!grammar) return [];
  const { findComments } = await import("./languages/find-comments.ts");
  return (await findComments(grammar, text, startLimits())) ?? [];
}

/** A comment becomes a space, or nothing at the end of its line; white space of the code stays. */
function withoutSpans(text: string, spans: readonly CommentSpan[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const { start, end } of spans) {
    if (start < at) continue;
    const isLast = end >= text.length || /[\r\n]/.test(text.charAt(end));
    const before = text.slice(at, start);
    const lines = text.slice(start, end).replaceAll(/[^\n\r]+/g, "");
    parts.push(isLast ? trimmed(before) : before, isLast ? lines : `${lines} `);
    at = end;
  }
  return parts.join("") + text.slice(at);
}

/** Without blanks at its end; linear, however many there are. */
function trimmed(text: string): string {
  let end = text.length;
  while (end > 0 && " \t".includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}
