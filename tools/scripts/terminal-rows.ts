/** What a terminal shows of output that only ever appends lines, read from a recording of `script`. */
import { stripVTControlCharacters } from "node:util";

export interface RecordedLine {
  /** Since the recording began. */
  readonly atMs: number;
  /** As it was written, with its escapes. */
  readonly text: string;
}

/** Neighbouring characters of one style. */
export interface Run {
  /** First column, from 0. */
  readonly column: number;
  readonly width: number;
  readonly text: string;
  readonly style: Style;
}

interface Style {
  readonly isBold?: true;
  readonly isFaint?: true;
  /** 1 red, 2 green, 3 yellow, 4 blue, 5 magenta, 6 cyan; absent is the usual one. */
  readonly colour?: number;
}

export interface TerminalRow {
  readonly atMs: number;
  readonly runs: readonly Run[];
}

const escape = "\u001b";
const styleEscape = new RegExp(`${escape}\\[([0-9;]*)m`, "u");
/** Takes two columns on a terminal. */
const wide =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]/u;
const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/**
 * The lines of `script --log-timing TIMING RECORDING`, in its classic format: a first line that the timing
 * does not count, and lines `seconds bytes`. A line has the time of its first byte.
 * Throws when the timing is not of that format.
 */
export function readRecording(recording: Buffer, timing: string): RecordedLine[] {
  const chunks = readTiming(timing);
  // One character is one byte, until a line is whole.
  const lines = recording.toString("latin1").split("\n");
  if (lines[0]?.startsWith("Script started on ")) lines.shift();
  if (lines.at(-1) === "") lines.pop();
  let start = 0;
  return lines.flatMap((line) => {
    const { atMs } = chunks.find(({ end }) => end > start) ?? chunks.at(-1) ?? { atMs: 0 };
    start += line.length + 1;
    const text = Buffer.from(line, "latin1").toString("utf8");
    return text.startsWith("Script done on ") ? [] : [{ atMs, text }];
  });
}

function readTiming(timing: string): { readonly atMs: number; readonly end: number }[] {
  let [atMs, end] = [0, 0];
  return timing
    .trim()
    .split("\n")
    .map((line) => {
      const [, seconds, bytes] = /^(\d+\.\d+) (\d+)$/.exec(line.trim()) ?? [];
      if (seconds === undefined) throw new Error(`not a line of script's classic timing: ${line}`);
      atMs += Number(seconds) * 1000;
      end += Number(bytes);
      return { atMs, end };
    });
}

/** The lines as rows of at most `columns`; a style lasts until it is changed, as on a terminal. */
export function layRows(lines: readonly RecordedLine[], columns: number): TerminalRow[] {
  let style: Style = {};
  return lines.flatMap(({ atMs, text }) => {
    let runs: Run[] = [];
    const rows = [{ atMs, runs }];
    let column = 0;
    const write = (sign: string): void => {
      const width = wide.test(sign) ? 2 : 1;
      if (column + width > columns) {
        runs = [];
        rows.push({ atMs, runs });
        column = 0;
      }
      append(runs, { column, width, text: sign, style });
      column += width;
    };
    // What comes after a carriage return is written over what was there.
    const last = text.split("\r").findLast((part) => part !== "") ?? "";
    last.split(styleEscape).forEach((part, index) => {
      if (index % 2 === 1) style = styleAfter(style, part);
      else signsOf(part).forEach(write);
    });
    return rows;
  });
}

/** The characters that are seen; escapes, controls and what turns the direction of text are dropped. */
function signsOf(text: string): string[] {
  const seen = stripVTControlCharacters(text.replaceAll("\t", "    ")).replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\ufffe\uffff]/gu,
    "",
  );
  return Array.from(graphemes.segment(seen.toWellFormed()), ({ segment }) => segment);
}

function append(runs: Run[], next: Run): void {
  const before = runs.at(-1);
  if (before?.style !== next.style) return void runs.push(next);
  const [width, text] = [before.width + next.width, before.text + next.text];
  runs[runs.length - 1] = { ...before, width, text };
}

function styleAfter(style: Style, parameters: string): Style {
  const codes = parameters.split(";").map(Number);
  // 256 colours and RGB are shown in the usual colour; their numbers mean no styles.
  return codes[0] === 38 || codes[0] === 48 ? style : codes.reduce(styleWith, style);
}

function styleWith({ colour, ...weight }: Style, code: number): Style {
  const hue = colour === undefined ? {} : { colour };
  if (code === 0) return {};
  if (code === 1) return { ...weight, ...hue, isBold: true };
  if (code === 2) return { ...weight, ...hue, isFaint: true };
  if (code === 22) return hue;
  const picked = code >= 90 ? code - 90 : code - 30;
  if (picked >= 1 && picked <= 6) return { ...weight, colour: picked };
  const isUsual = code === 39 || picked === 0 || picked === 7;
  return isUsual ? weight : { ...weight, ...hue };
}
