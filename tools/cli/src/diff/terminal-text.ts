import type { Mark, Segment } from "@council/ast-diff";

/** How a mark looks: always by a sign, and by a colour that most colour-blind people can tell. */
interface Look {
  readonly sign: string;
  readonly name: string;
  /** SGR parameters of ECMA-48, 256 colours. */
  readonly style: string;
}

export const looks: Readonly<Record<Mark, Look>> = {
  delete: { sign: "-", name: "deleted", style: "38;5;208;9" },
  insert: { sign: "+", name: "inserted", style: "38;5;39;1" },
  update: { sign: "~", name: "changed", style: "38;5;226;4" },
  move: { sign: ">", name: "moved", style: "38;5;141;3" },
  rename: { sign: "=", name: "renamed", style: "38;5;80;4" },
};

/** The strongest mark of a line first; the sign in its margin. */
export const strongestFirst: readonly Mark[] = ["update", "insert", "delete", "rename", "move"];

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f000}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const combining = /\p{M}/u;
/** Signs that would steer the terminal, or show text in another order than it is read. */
const steering = /[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\p{Cs}]/u;

function widthOf(character: string): number {
  if (combining.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}

/** A text as it may be shown: no character of it can do anything but appear. */
export function harmless(text: string): string {
  return text.replaceAll("\t", "    ").replace(new RegExp(steering, "gu"), (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x20 ? String.fromCodePoint(0x2400 + code) : "\ufffd";
  });
}

export function styled(text: string, style: string, hasColour: boolean): string {
  return hasColour && text !== "" ? `\u001b[${style}m${text}\u001b[0m` : text;
}

/**
 * Segments as lines of exactly `width` columns. Without colour a mark is written around its text as
 * `[-deleted-]`, unless all of the line carries it.
 */
export function wrapSegments(
  segments: readonly Segment[],
  width: number,
  hasColour: boolean,
): string[] {
  const first = segments.find(({ mark }) => mark)?.mark;
  const isWhole = segments.every(({ text, mark }) => (mark ? mark === first : text.trim() === ""));
  const rows: string[] = [];
  let [row, used] = ["", 0];
  const put = (text: string, style: string | undefined): void => {
    let piece = "";
    const close = (): void => {
      row += style ? styled(piece, style, hasColour) : piece;
      piece = "";
    };
    for (const character of text) {
      const columns = widthOf(character);
      if (used + columns > width) {
        close();
        rows.push(row + " ".repeat(width - used));
        [row, used] = ["", 0];
      }
      piece += character;
      used += columns;
    }
    close();
  };
  for (const { text, mark, isCut } of segments) {
    const look = mark && looks[mark];
    const shown = isCut ? "…" : harmless(text);
    const isBracketed = look && !hasColour && !isWhole && !isCut;
    put(isBracketed ? `[${look.sign}${shown}${look.sign}]` : shown, look?.style);
  }
  rows.push(row + " ".repeat(Math.max(0, width - used)));
  return rows;
}
