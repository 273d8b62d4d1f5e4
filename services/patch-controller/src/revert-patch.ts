import type { Delivery } from "@council/bus";
import { type Assignment, trailers } from "@council/contracts";
import type { ConflictHunk, Landing, Revert, RevertOutcome } from "@council/domain";
import { diffTrees, type Mirror, revertLanding } from "@council/git";
import { revertCheck } from "./check-revert.ts";
import type { GitPerforming } from "./land-patch.ts";
import { mustReach } from "./unreachable.ts";

/**
 * Takes a patch off every branch it is on, newest landing first. Asks neither pause nor lane (P4).
 * Each branch remembers its revert, so doing this again finds it done (P1). A branch that cannot be
 * reverted stays as it is, never half reverted, and keeps no other branch from being cleaned.
 */
export async function revertPatch(
  git: GitPerforming,
  delivery: Delivery,
  { patch, effect }: Assignment<"revert">,
): Promise<RevertOutcome> {
  const mirror = await git.mirrors(patch.repository);
  const check =
    effect.check &&
    revertCheck(effect.check, (tree, timeoutMs) =>
      git.checkTree(patch.repository, mirror, tree, timeoutMs),
    );
  const reverts: Revert[] = [];
  const hunks: ConflictHunk[] = [];
  const refusals: string[] = [];
  for (const landing of effect.landings) {
    const outcome = mustReach(
      await revertLanding(mirror, {
        branch: landing.branch,
        commit: landing.commit,
        // A branch's first commit has none.
        ...(landing.parent === "" ? {} : { parent: landing.parent }),
        effectId: `${effect.effectId}.${landing.stage}`,
        message: `Revert "${patch.title}"\n\n${effect.reason}`,
        trailers: { [trailers.patch]: patch.id, [trailers.stage]: landing.stage },
        identity: git.identity,
        at: new Date(delivery.message.at),
        ...(check ? { verify: check.verify } : {}),
      }),
    );
    switch (outcome.kind) {
      case "reverted":
        reverts.push(revertOf(landing, outcome, outcome.restored));
        break;
      case "already-reverted":
        reverts.push(revertOf(landing, outcome, await restoredBy(mirror, landing, outcome.tree)));
        break;
      case "not-landed":
        break;
      case "conflict":
        hunks.push(...outcome.hunks.map((hunk) => conflictOn(landing, hunk)));
        break;
      case "refused":
        refusals.push(`${landing.branch}: ${outcome.reason}`);
    }
  }
  const found = check?.found();
  const done = { reverts, ...(found ? { check: found } : {}) };
  if (refusals.length > 0)
    return { kind: "refused", reason: refusals.join("; ").slice(0, maxReason), ...done };
  if (hunks.length > 0) return { kind: "conflict", hunks, ...done };
  return { kind: "reverted", ...done };
}

/** Longest reason the patch takes, characters. */
const maxReason = 4000;

function conflictOn(
  { branch }: Landing,
  { path, ours, theirs }: { path: string; ours: string; theirs: string },
): ConflictHunk {
  return { branch, path, ours, before: theirs };
}

function revertOf(
  landing: Landing,
  done: { commit: string; tree: string },
  restored: Revert["restored"],
): Revert {
  const { commit, tree } = done;
  return { branch: landing.branch, commit, tree, landing: landing.commit, restored };
}

/** P9: `exact` when every path the landing touched is in `tree` as it was before. */
async function restoredBy(
  mirror: Mirror,
  { parent, commit }: Landing,
  tree: string,
): Promise<Revert["restored"]> {
  const touched = await diffTrees(mirror, parent, commit);
  const differing = new Set((await diffTrees(mirror, parent, tree)).map(({ path }) => path));
  return touched.some(({ path }) => differing.has(path)) ? "merged" : "exact";
}
