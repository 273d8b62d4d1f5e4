/** What commands write on a terminal: colour only there, and no text that could steer it. */
import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/** A text in a style, where standard output is a terminal and `NO_COLOR` is not set. */
export function styled(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

export type Tone = "plain" | "good" | "bad" | "faint";

const styles: Readonly<Record<Exclude<Tone, "plain">, Style>> = {
  good: "green",
  bad: "red",
  faint: "dim",
};

export function toned(tone: Tone, text: string): string {
  return tone === "plain" ? text : styled(styles[tone], text);
}

/** Text from outside as it may be shown: what steers a terminal, or turns its direction, is replaced. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ");
}

export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** What goes on, for whoever watches; never mixed with the answer. */
export function report(text: string): void {
  process.stderr.write(`${text}\n`);
}

export function sayJson(value: unknown): void {
  say(JSON.stringify(value, undefined, 2));
}

/** Columns of the terminal, at least 40; 80 where there is none. */
export function widthOfTerminal(): number {
  return Math.max(40, process.stdout.isTTY ? process.stdout.columns : 80);
}

export interface Column {
  readonly title: string;
  /** The cell takes what is left of the line, and is cut there. */
  readonly isRest?: boolean;
}

/** Rows under their titles, never wider than `width`; only the column that takes the rest is cut. */
export function tableText(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width = widthOfTerminal(),
): string {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => row.map(printable))];
  const widths = columns.map(({ isRest }, at) =>
    isRest ? 0 : Math.max(...cells.map((row) => row[at]?.length ?? 0)),
  );
  const rest = Math.max(10, width - widths.reduce((sum, each) => sum + each + 2, -2));
  const lines = cells.map((row) =>
    columns
      .map(({ isRest }, at) => {
        const cell = row[at] ?? "";
        return isRest ? cut(cell, rest) : cell.padEnd(widths[at] ?? 0);
      })
      .join("  ")
      .trimEnd(),
  );
  return [styled("dim", lines[0] ?? ""), ...lines.slice(1)].join("\n");
}

export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

/** How long ago, in one unit: `8 s`, `5 min`, `3 h`, `12 d`. */
export function ago(at: number, now: number): string {
  const seconds = Math.max(0, Math.round((now - at) / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  return seconds < 86_400 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} d`;
}

/** When something ends by itself, as part of a sentence; nothing where it does not. */
export const untilText = ({ until }: { readonly until?: number }): string =>
  until === undefined ? "" : ` until ${new Date(until).toISOString()}`;
