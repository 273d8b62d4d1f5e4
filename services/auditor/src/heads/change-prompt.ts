import { createHash } from "node:crypto";
import { blankComments } from "@council/ast-diff";
import { fenced } from "@council/providers/models";
import { redactText } from "@council/runtime";
import { structuredPatch } from "diff";
import type { AuditedChange, AuditedFile } from "../audited-change.ts";

/** What a model may be shown of a change, or why it cannot be. */
export type ChangePrompt =
  | { readonly kind: "prompt"; readonly text: string }
  /** Without comments nothing is left of it. */
  | { readonly kind: "comments-only" }
  | {
      readonly kind: "withheld";
      readonly code: "unreadable-file" | "too-large" | "too-complex";
      readonly reason: string;
    };

/** Unchanged lines shown around a change. */
const contextLines = 8;
/** Comparing the lines of one file may take so long. */
const diffTimeoutMs = 3_000;

/**
 * The recomputed difference of the trees and nothing else: no title, author, branch or message, no
 * comment that a parser can tell, nothing that has the shape of a credential. Each file stands behind
 * its own mark; their order follows from the digest, so that no author can choose what is read last.
 */
export async function changePrompt(change: AuditedChange, maxBytes: number): Promise<ChangePrompt> {
  const placed = change.files
    .map((file) => ({ file, place: placeOf(change.digest, file.change.path) }))
    .sort((one, other) => (one.place < other.place ? -1 : 1));
  const parts: string[] = [];
  let leftBytes = maxBytes;
  for (const { file } of placed) {
    const { path, oldBlob, newBlob } = file.change;
    const isUnread = (blob?: string, text?: string) => blob !== undefined && text === undefined;
    if (isUnread(oldBlob, file.before) || isUnread(newBlob, file.after))
      return withheld("unreadable-file", `${path} cannot be shown as text`);
    const lines = await changedLines(file);
    if (lines === undefined) return withheld("too-complex", `${path} takes too long to compare`);
    const isOtherwiseSame = file.change.status === "modified" && modeChange(file) === "";
    if (lines === "" && isOtherwiseSame) continue;
    const part = fenced(`FILE ${JSON.stringify(path)}`, `${heading(file)}\n${redactText(lines)}`);
    leftBytes -= Buffer.byteLength(part);
    if (leftBytes < 0) return withheld("too-large", `the change is over ${maxBytes} bytes`);
    parts.push(part);
  }
  if (parts.length === 0) return { kind: "comments-only" };
  return { kind: "prompt", text: parts.join("\n\n") };
}

const placeOf = (digest: string, path: string) =>
  createHash("sha256").update(`${digest}\n${path}`).digest("hex");

const withheld = (
  code: (ChangePrompt & { kind: "withheld" })["code"],
  reason: string,
): ChangePrompt => ({ kind: "withheld", code, reason });

function heading(file: AuditedFile): string {
  return [file.change.status, modeChange(file)].filter(Boolean).join(", ");
}

function modeChange({ change: { oldMode, newMode, status } }: AuditedFile): string {
  return status !== "added" && status !== "deleted" && oldMode !== newMode
    ? `mode ${oldMode} to ${newMode}`
    : "";
}

/** The hunks as text, line numbers as in the files; nothing when they took too long to find. */
async function changedLines({ change, before, after }: AuditedFile): Promise<string | undefined> {
  const { path } = change;
  const [old, young] = [
    await blankComments(path, before ?? ""),
    await blankComments(path, after ?? ""),
  ];
  const patch = structuredPatch("", "", old, young, "", "", {
    context: contextLines,
    timeout: diffTimeoutMs,
  });
  return patch?.hunks
    .map(({ oldStart, oldLines, newStart, newLines, lines }) =>
      [`@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`, ...lines].join("\n"),
    )
    .join("\n");
}
