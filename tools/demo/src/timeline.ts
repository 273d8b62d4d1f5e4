import type { LedgerEntry } from "@council/contracts";
import { createColors } from "picocolors";
import type { Tone } from "./event-words.ts";
import { eventWords } from "./event-words.ts";

export interface Timeline {
  /** A line about an entry of the ledger. */
  readonly entry: (entry: LedgerEntry) => void;
  /** A line about the demo itself. */
  readonly note: (text: string) => void;
}

export interface TimelineOptions {
  readonly write: (line: string) => void;
  /** One JSON value per line instead of words. */
  readonly json?: boolean;
  readonly isColoured?: boolean;
  readonly now?: () => number;
}

const titleWidth = 36;

/** Writes what happens as it happens: seconds since now, the patch, the event in plain words. */
export function timeline(options: TimelineOptions): Timeline {
  const { write, json = false, isColoured = false, now = Date.now } = options;
  const colours = createColors(isColoured);
  const startedAt = now();
  const titles = new Map<string, string>();
  const paint: Record<Tone, (text: string) => string> = {
    plain: (text) => text,
    good: colours.green,
    bad: colours.red,
    faint: colours.dim,
  };
  const clock = (at: number) =>
    colours.dim(`${((at - startedAt) / 1000).toFixed(1).padStart(6)} s`);
  return {
    entry: (entry) => {
      if (json) return write(JSON.stringify(entry));
      if (entry.event.type === "PatchSubmitted") titles.set(entry.patchId, entry.event.patch.title);
      const words = eventWords(entry.event);
      if (words === undefined) return;
      const title = (titles.get(entry.patchId) ?? entry.patchId).padEnd(titleWidth);
      const [name, text] = [printable(title), printable(words.text)];
      write(`${clock(entry.at)}  ${colours.bold(name)}  ${paint[words.tone](text)}`);
    },
    note: (text) => write(json ? JSON.stringify({ note: text }) : `${clock(now())}  ${text}`),
  };
}

/** Titles and reasons come from outside: nothing in them may steer the terminal. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]+/gu, " ");
}
