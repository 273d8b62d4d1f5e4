import { type PatchBrief } from "@council/contracts";
import type { Candidate } from "@council/domain";
import { candidateDigest } from "@council/evidence";
import { applyDiff, listTree, type Mirror, readBlob, type TreeChange } from "@council/git";

/** One touched file, with its text in the base and in the candidate where it is text. */
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
}

const maxTextBytes = 1_000_000;

/** Recomputes the candidate. A diff that does not apply has nothing to be looked at. */
export async function readAuditedChange(input: {
  readonly mirror: Mirror;
  readonly patch: PatchBrief;
  readonly candidate: Candidate;
  readonly diff: Uint8Array;
}): Promise<{ kind: "read"; change: AuditedChange } | { kind: "refused"; reason: string }> {
  const { mirror, patch, candidate, diff } = input;
  const { base } = candidate;
  const applied = await applyDiff(mirror, { base, diff });
  if (applied.kind === "refused") return { kind: "refused", reason: applied.reason };
  const { tree } = applied;
  const digest = candidateDigest({ base, tree, diff: candidate.diff });
  const files = await Promise.all(applied.changes.map((change) => readFile(mirror, change)));
  return { kind: "read", change: { patch, mirror, base, tree, digest, files } };
}

/** Every path of a tree. */
export async function pathsOf(mirror: Mirror, tree: string): Promise<string[]> {
  return (await listTree(mirror, tree)).map(({ path }) => path);
}

async function readFile(mirror: Mirror, change: TreeChange): Promise<AuditedFile> {
  const before = await readText(mirror, change.oldBlob);
  const after = await readText(mirror, change.newBlob);
  return {
    change,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    added: addedLines(before ?? "", after ?? ""),
  };
}

async function readText(mirror: Mirror, blob: string | undefined): Promise<string | undefined> {
  if (blob === undefined) return undefined;
  const read = await readBlob(mirror, blob, maxTextBytes);
  if (read.kind !== "blob" || read.bytes.includes(0)) return undefined;
  return read.bytes.toString("utf8");
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
