/**
 * Writes docs/images/demo.svg, the terminal cast of the demo, from a recording of it:
 *
 *     script -qec 'stty cols 100; ./council demo --exit' --log-timing demo.times demo.rec
 *     node tools/scripts/write-cast.ts demo.rec demo.times
 *
 * The picture plays in a browser, pauses cut short. Where nothing plays, or the reader wants less
 * motion, it is the last screen.
 */
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import {
  layRows,
  type RecordedLine,
  readRecording,
  type Run,
  type TerminalRow,
} from "./terminal-rows.ts";

export const castFile = fileURLToPath(new URL("../../docs/images/demo.svg", import.meta.url));

interface CastOptions {
  readonly columns: number;
  /** Rows of the window. */
  readonly height: number;
  /** In its title bar. */
  readonly command: string;
  /** A longer pause is cut to this. */
  readonly mostPauseMs: number;
  /** Playing takes no longer than this; all is sped up alike. */
  readonly mostPlayMs: number;
  /** For how long the last screen stays before it begins anew. */
  readonly restMs: number;
}

const usual: CastOptions = {
  columns: 100,
  height: 42,
  command: "./council demo --exit",
  mostPauseMs: 1500,
  mostPlayMs: 40_000,
  restMs: 10_000,
};

// In units of the picture.
const cell = { width: 8, height: 19 } as const;
const margin = 16;
const bar = 34;

const colours = [
  ["t", "#1f2328", "#e6edf3"],
  ["f", "#656d76", "#8d96a0"],
  ["c1", "#cf222e", "#ff7b72"],
  ["c2", "#1a7f37", "#3fb950"],
  ["c3", "#7d4e00", "#d29922"],
  ["c4", "#0550ae", "#79c0ff"],
  ["c5", "#8250df", "#d2a8ff"],
  ["c6", "#1b7c83", "#56d4dd"],
  ["w", "#ffffff", "#0d1117"],
  ["h", "#eaeef2", "#1c2128"],
] as const;

/** A moment and how many rows have been written by then. */
interface Step {
  readonly atMs: number;
  readonly rows: number;
}

/** The recording as an animated picture that needs nothing beside itself. */
export function castOf(lines: readonly RecordedLine[], options: CastOptions = usual): string {
  const rows = withoutBlankEnd(layRows(lines.map(withoutToken), options.columns));
  const { height, columns, command, restMs } = options;
  const steps = stepsOf(rows, options);
  const lengthMs = (steps.at(-1)?.atMs ?? 0) + restMs;
  const size = {
    width: columns * cell.width + 2 * margin,
    height: bar + height * cell.height + 2 * margin,
  };
  const screen = { width: size.width, height: height * cell.height + 4 };
  const frames = (name: string, offset: (rows: number) => number) =>
    `@keyframes ${name}{${steps
      .map(
        ({ atMs, rows: count }) =>
          `${percent(atMs / lengthMs)}{transform:translateY(${offset(count)}px)}`,
      )
      .join("")}to{transform:translateY(${offset(rows.length)}px)}}`;
  const scrolled = (count: number) => -Math.max(0, count - height) * cell.height;
  const written = (count: number) => Math.min(count, height) * cell.height;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 ${size.width} ${size.height}" width="${size.width}" height="${size.height}" xml:space="preserve">`,
    `<title>${escaped(`Terminal: ${command}`)}</title>`,
    `<style>`,
    `text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;white-space:pre}`,
    `.b{font-weight:600}.s{fill:none;stroke:#8c959f66}`,
    ...colours.map(([name, light]) => `.${name}{fill:${light}}`),
    `@media(prefers-color-scheme:dark){${colours.map(([name, , dark]) => `.${name}{fill:${dark}}`).join("")}}`,
    `.rows{transform:translateY(${scrolled(rows.length)}px)}.rest{transform:translateY(${written(rows.length)}px)}`,
    `@media(prefers-reduced-motion:no-preference){`,
    `.rows{animation:rows ${lengthMs}ms step-end infinite}.rest{animation:rest ${lengthMs}ms step-end infinite}`,
    `${frames("rows", scrolled)}${frames("rest", written)}}`,
    `</style>`,
    `<rect class="w" width="${size.width}" height="${size.height}" rx="8"/>`,
    `<path class="h" d="M0 ${bar}V8a8 8 0 0 1 8-8h${size.width - 16}a8 8 0 0 1 8 8v${bar - 8}z"/>`,
    `<text class="f" x="${margin}" y="22">$ ${escaped(command)}</text>`,
    `<svg y="${bar + margin}" width="${screen.width}" height="${screen.height}">`,
    `<g class="rows">`,
    ...rows.flatMap(({ runs }, row) => runs.map((run) => textOf(run, row))),
    `</g>`,
    `<rect class="rest w" width="${screen.width}" height="${screen.height}"/>`,
    `</svg>`,
    `<rect class="s" x=".5" y=".5" width="${size.width - 1}" height="${size.height - 1}" rx="8"/>`,
    `</svg>\n`,
  ].join("\n");
}

function withoutBlankEnd(rows: readonly TerminalRow[]): readonly TerminalRow[] {
  return rows.slice(0, rows.findLastIndex(({ runs }) => runs.length > 0) + 1);
}

/** The demo's own secret is of no use when it has ended; a picture of one would still teach bad manners. */
function withoutToken({ atMs, text }: RecordedLine): RecordedLine {
  return { atMs, text: text.replace(/(\btoken\b[^:]*: )[\w-]+/u, "$1…") };
}

function stepsOf(rows: readonly TerminalRow[], options: CastOptions): Step[] {
  const { mostPauseMs, mostPlayMs } = options;
  let [atMs, last] = [0, rows[0]?.atMs ?? 0];
  const steps: Step[] = [];
  rows.forEach((row, index) => {
    atMs += Math.min(mostPauseMs, row.atMs - last);
    last = row.atMs;
    if (steps.at(-1)?.atMs === atMs) steps.pop();
    steps.push({ atMs, rows: index + 1 });
  });
  const speed = Math.max(1, atMs / mostPlayMs);
  return steps.map((step) => ({ ...step, atMs: Math.round(step.atMs / speed) }));
}

/** A run at its place. Its length is given, so that columns stand under each other in any font. */
function textOf({ column, text, width, style }: Run, row: number): string {
  const lead = text.length - text.trimStart().length;
  const shown = text.trim();
  if (shown === "") return "";
  const columns = width - lead - (text.length - text.trimEnd().length);
  const names = [
    style.colour === undefined ? (style.isFaint ? "f" : "t") : `c${style.colour}`,
    ...(style.isBold ? ["b"] : []),
  ].join(" ");
  const [x, y] = [margin + (column + lead) * cell.width, row * cell.height + 14];
  return `<text class="${names}" x="${x}" y="${y}" textLength="${columns * cell.width}" lengthAdjust="spacingAndGlyphs">${escaped(shown)}</text>`;
}

const percent = (share: number) => `${(share * 100).toFixed(3)}%`;

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [recording, timing] = process.argv.slice(2);
  if (recording === undefined || timing === undefined) {
    process.stderr.write("usage: node tools/scripts/write-cast.ts RECORDING TIMING\n");
    process.exit(2);
  }
  const lines = readRecording(await readFile(recording), await readFile(timing, "utf8"));
  await writeFile(castFile, castOf(lines));
}
