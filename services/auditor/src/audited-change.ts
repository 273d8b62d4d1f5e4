import { type PatchBrief } from "@council/contracts";
import { type Candidate, pathRefusal, type Waiver } from "@council/domain";
import { candidateDigest, sha256Hex } from "@council/evidence";
import { applyDiff, type ApplyOutcome, type Mirror, readBlob, type TreeChange } from "@council/git";

/** One touched file, with its text in the base and in the candidate where it can be read. */
export interface AuditedFile {
  readonly change: TreeChange;
  readonly before?: string;
  readonly after?: string;
  /** Lines of `after` that `before` does not have anywhere, numbered from 1. */
  readonly added: readonly { readonly line: number; readonly text: string }[];
}

/** What a head looks at: made from base and diff by the head itself, taking nobody's word. */
export interface AuditedChange {
  readonly patch: PatchBrief;
  readonly mirror: Mirror;
  readonly base: string;
  readonly tree: string;
  /** The digest of what was really looked at; the vote is bound to it (P2). */
  readonly digest: string;
  readonly files: readonly AuditedFile[];
  /** What is to hold nothing up in this round; absent is nothing. */
  readonly waivers?: readonly Waiver[];
}

/** Why a change is not looked at. */
export type UnreadCode =
  | "diff-differs"
  | "does-not-apply"
  | "oversized-diff"
  | "unsafe-diff"
  | "forbidden-path";

/** What one change may make a head hold in memory, bytes; what is beyond counts as unreadable. */
const maxTextBytes = 4_000_000;
const maxAllBytes = 32_000_000;

/** Recomputes the candidate. A diff that is not the named one, or does not apply, is not looked at. */
export async function readAuditedChange(input: {
  readonly mirror: Mirror;
  readonly patch: PatchBrief;
  readonly candidate: Candidate;
  readonly diff: Uint8Array;
}): Promise<
  { kind: "read"; change: AuditedChange } | { kind: "refused"; code: UnreadCode; reason: string }
> {
  const { mirror, patch, candidate, diff } = input;
  const { base } = candidate;
  // P2: a stored diff is known by its digest; another text under that name is not the candidate's.
  if (sha256Hex(diff) !== candidate.diff)
    return {
      kind: "refused",
      code: "diff-differs",
      reason: "the stored diff does not have its digest",
    };
  const applied = await applyDiff(mirror, { base, diff });
  if (applied.kind === "refused") return { kind: "refused", ...refusalOf(applied) };
  const { tree } = applied;
  const { mayTouch, sender = "unknown" } = patch;
  const touched = applied.changes.map(({ path }) => path);
  const forbidden = pathRefusal(mayTouch, sender, touched);
  if (forbidden !== undefined)
    return { kind: "refused", code: "forbidden-path", reason: forbidden };
  const digest = candidateDigest({ base, tree, diff: candidate.diff });
  const files = await readFiles(mirror, applied.changes);
  return { kind: "read", change: { patch, mirror, base, tree, digest, files } };
}

type Refusal = Extract<ApplyOutcome, { kind: "refused" }>;

const movedBase: readonly Refusal["code"][] = ["does-not-apply", "unknown-base", "offset"];
const oversized: readonly Refusal["code"][] = [
  "too-large",
  "too-many-files",
  "too-many-lines",
  "line-too-long",
];

/** A base that moved may be nobody's fault, and size is no intent; a text that no honest tool writes is. */
function refusalOf({ code, reason, path }: Refusal): { code: UnreadCode; reason: string } {
  if (movedBase.includes(code)) return { code: "does-not-apply", reason };
  const where = path === undefined ? "" : ` (${path})`;
  const isOversized = oversized.includes(code);
  return {
    code: isOversized ? "oversized-diff" : "unsafe-diff",
    reason: `${code}: ${reason}${where}`,
  };
}

/** One file after the other: a change of many large files must not take the memory of all at once. */
async function readFiles(mirror: Mirror, changes: readonly TreeChange[]): Promise<AuditedFile[]> {
  let leftBytes = maxAllBytes;
  const readText = async (blob: string | undefined): Promise<string | undefined> => {
    if (blob === undefined) return undefined;
    const read = await readBlob(mirror, blob, Math.min(maxTextBytes, leftBytes));
    if (read.kind !== "blob") return undefined;
    leftBytes -= read.bytes.length;
    return read.bytes.includes(0) ? undefined : read.bytes.toString("utf8");
  };
  const files: AuditedFile[] = [];
  for (const change of changes) {
    // What the candidate holds comes first: it is what has to be searched.
    const after = await readText(change.newBlob);
    const isSame = change.newBlob === change.oldBlob;
    const before = isSame ? after : await readText(change.oldBlob);
    files.push({
      change,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
      added: isSame ? [] : addedLines(before ?? "", after ?? ""),
    });
  }
  return files;
}

/** Lines that are new, as a multiset: a moved line is not new, a repeated one is. */
export function addedLines(before: string, after: string): { line: number; text: string }[] {
  const known = new Map<string, number>();
  for (const text of before.split("\n")) known.set(text, (known.get(text) ?? 0) + 1);
  return after.split("\n").flatMap((text, index) => {
    const left = known.get(text) ?? 0;
    if (left > 0) known.set(text, left - 1);
    return left > 0 ? [] : [{ line: index + 1, text }];
  });
}
