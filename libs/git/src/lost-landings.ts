import { findTrailers, REVERTS_TRAILER } from "./commit.ts";
import { isObjectId } from "./git-names.ts";
import type { Mirror } from "./mirror.ts";
import { hasCommit, isAncestor, parentsOf } from "./tree-reading.ts";

/** A landing that merging a proposal would not bring back. */
export interface LostLanding {
  readonly landing: string;
  readonly revert: string;
}

/**
 * What a proposal seems to hold and merging it would leave out: commits of its own history that were
 * merged into `target` before and taken back there. Git takes them for merged, so a second merge brings
 * only what was added since; whoever wants them back has to revert the revert.
 */
export async function lostLandings(
  mirror: Mirror,
  { head, target }: { readonly head: string; readonly target: string },
): Promise<LostLanding[]> {
  const reverts = await findTrailers(mirror, { from: head, to: target }, [
    { key: REVERTS_TRAILER },
  ]);
  const lost: LostLanding[] = [];
  const undone = new Set<string>();
  for (const { commit: revert, trailers } of reverts.toReversed()) {
    // A revert that was itself reverted later takes nothing away.
    if (undone.has(revert)) continue;
    for (const [key, landing] of trailers) {
      if (key !== REVERTS_TRAILER) continue;
      undone.add(landing);
      if (await isInHistory(mirror, landing, head)) lost.push({ landing, revert });
    }
  }
  return lost;
}

/** Whether `head` stands on the landing, or on what a merge of it brought in. */
async function isInHistory(mirror: Mirror, landing: string, head: string): Promise<boolean> {
  if (!isObjectId(landing) || !(await hasCommit(mirror, landing))) return false;
  const [, ...merged] = await parentsOf(mirror, landing);
  for (const commit of [landing, ...merged])
    if (await isAncestor(mirror, commit, head)) return true;
  return false;
}
