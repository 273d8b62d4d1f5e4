import type { Report } from "./forge.ts";

/** By these Council finds its comments again. */
export const commentMarker = "<!-- council:report -->";
export const noticeMarker = (patchId: string) => `<!-- council:notice:${patchId} -->`;

/** Longest comment that every forge takes, characters. */
const longest = 60_000;

/** The one comment of a change, edited in place. */
export function commentOf({ patchId, head, title, summary }: Report): string {
  const about = `Patch \`${patchId}\` at \`${head.slice(0, 12)}\``;
  return capped(`${commentMarker}\n### Council: ${title}\n\n${summary}\n\n${about}`);
}

/** The comment that is made once and never edited. */
export const noticeOf = (patchId: string, notice: string) =>
  capped(`${noticeMarker(patchId)}\n${notice}`);

/**
 * Foreign text as it may stand in a comment: one line of code, so that it mentions nobody, loads nothing
 * and cannot pass for Council's own words.
 */
export function quoted(text: string, most = 300): string {
  const line = text
    .replaceAll(/[\p{C}\s]+/gu, " ")
    .replaceAll("`", "'")
    .trim();
  const cut = line.length > most ? `${line.slice(0, most - 1)}…` : line;
  return cut === "" ? "(empty)" : `\`${cut.toWellFormed()}\``;
}

const capped = (text: string) =>
  text.length > longest ? `${text.slice(0, longest)}\n\n(cut off)` : text;
