/** What leaves of a syntax tree say, with all that a formatter may change made the same. */
import type { SyntaxNode } from "./parsers.ts";

/** The value of a literal, whatever its spelling; a regular expression with its flags in order. */
export function literalLabel(node: SyntaxNode): string {
  const { regex, bigint, value } = node;
  if (typeof regex === "object" && regex !== null && "pattern" in regex && "flags" in regex)
    return `/${String(regex.pattern)}/${String(regex.flags).split("").toSorted().join("")}`;
  if (typeof bigint === "string") return `${bigint}n`;
  if (typeof value === "string") return JSON.stringify(value);
  return String(value);
}

/** The text of a template as the program sees it: the value, or as written where a tag may look. */
export function templateLabel(node: SyntaxNode, isRaw: boolean): string {
  const value = node["value"];
  if (typeof value !== "object" || value === null) return "";
  const cooked = "cooked" in value ? value.cooked : undefined;
  const raw = "raw" in value ? String(value.raw) : "";
  // Line ends in the source count as one newline in both readings.
  if (isRaw || typeof cooked !== "string") return `raw ${raw.replace(/\r\n?/g, "\n")}`;
  return JSON.stringify(cooked);
}

/** Text between tags, as the JSX transform reads it: lines trimmed, blank ones dropped, joined by a space. */
export function jsxText(raw: string): string {
  const lines = raw.split(/\r\n?|\n/);
  const last = lines.length - 1;
  const kept = lines.map((line, at) => trimBlanks(line, at > 0, at < last));
  return kept.filter((line) => line !== "").join(" ");
}

/** By hand: a pattern anchored at the end takes quadratic time on a long run of spaces. */
function trimBlanks(line: string, atStart: boolean, atEnd: boolean): string {
  const isBlank = (at: number) => line[at] === " " || line[at] === "\t";
  let [start, end] = [0, line.length];
  while (atStart && start < end && isBlank(start)) start++;
  while (atEnd && end > start && isBlank(end - 1)) end--;
  return line.slice(start, end);
}

/** An escape inside a directive switches it off, so beside the quotes the spelling counts. */
export function directiveLabel(directive: string): string {
  return directive.replace(/\\(["'])/g, "$1");
}
