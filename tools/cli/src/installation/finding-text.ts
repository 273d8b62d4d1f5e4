import { printable, toned } from "../terminal.ts";
import type { Finding } from "./examine-folder.ts";

const marks = { ok: "ok  ", warning: "WARN", fault: "FAIL" } as const;
const tones = { ok: "good", warning: "plain", fault: "bad" } as const;

/** One line, and the remedy below it where there is one. */
export function findingText({ name, kind, detail, remedy }: Finding): string {
  const line = `${toned(tones[kind], marks[kind])}  ${name.padEnd(14)} ${printable(detail)}`;
  return remedy === undefined ? line : `${line}\n${"".padEnd(21)}${printable(remedy)}`;
}
