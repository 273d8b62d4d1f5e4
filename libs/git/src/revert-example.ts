/** Examples for the tests of reverts: a remote, its mirror, and landings made the way Council makes them. */
import { landTree } from "./land-tree.ts";
import { type Mirror, resolveBranch } from "./mirror.ts";
import { editTree, writeBlob } from "./private-index.ts";
import { revertLanding, type RevertLanding, type RevertOutcome } from "./revert-landing.ts";
import type { TestFile } from "./testing.ts";
import { treeOf } from "./tree-reading.ts";

const TEN = Array.from({ length: 10 }, (_, at) => `line ${at + 1}\n`);

/** Ten lines, some of them changed. */
export function ten(changes: Record<number, string>): string {
  return TEN.map((line, at) => (at + 1 in changes ? `${changes[at + 1]}\n` : line)).join("");
}

/** What the remote of a test begins with. */
export const firstFiles = {
  "a.txt": ten({}),
  "b.txt": "b\n",
  "run.sh": { content: "#!/bin/sh\n", mode: "100755" },
};

export function text(message: string) {
  return {
    message,
    identity: { name: "Council", email: "council@example.test" },
    at: new Date("2026-01-02T03:04:05Z"),
  };
}

/** Lands a change the way Council does and returns the commit. */
export async function land(
  mirror: Mirror,
  files: Record<string, TestFile>,
  effectId = "land-1",
): Promise<string> {
  const base = await resolveBranch(mirror, "main");
  if (base === undefined) throw new Error("there is no main");
  const edits = [];
  for (const [path, file] of Object.entries(files)) {
    if (file === null) {
      edits.push({ kind: "remove" as const, path });
      continue;
    }
    const isPlain = typeof file === "string" || file instanceof Uint8Array;
    const blob = await writeBlob(mirror, isPlain ? file : file.content);
    edits.push({ kind: "set" as const, path, mode: isPlain ? "100644" : file.mode, blob });
  }
  const tree = await editTree(mirror, await treeOf(mirror, base), edits);
  const landed = await landTree(mirror, {
    ...text(effectId),
    branch: "main",
    base,
    tree,
    effectId,
  });
  if (landed.kind !== "landed") throw new Error(JSON.stringify(landed));
  return landed.commit;
}

export async function revert(
  mirror: Mirror,
  commit: string,
  over: Partial<RevertLanding> = {},
): Promise<RevertOutcome> {
  const request = { ...text("Revert"), branch: "main", commit, effectId: `revert-${commit}` };
  return await revertLanding(mirror, { ...request, ...over });
}
