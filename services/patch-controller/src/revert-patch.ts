import type { Delivery } from "@council/bus";
import { type Assignment, trailers } from "@council/contracts";
import type { ConflictHunk, Landing, Revert, RevertOutcome } from "@council/domain";
import { type Mirror, revertLanding, treeOf } from "@council/git";
import type { GitPerforming } from "./land-patch.ts";
import { mustReach } from "./unreachable.ts";

/**
 * Takes a patch off every branch it is on, newest landing first. Asks neither pause nor lane (P4).
 * Each branch remembers its revert, so doing this again finds it done (P1); a conflict leaves that
 * branch as it is, never half reverted, and is shown with both sides.
 */
export async function revertPatch(
  git: GitPerforming,
  delivery: Delivery,
  { patch, effect }: Assignment<"revert">,
): Promise<RevertOutcome> {
  const mirror = await git.mirrors(patch.repository);
  const reverts: Revert[] = [];
  for (const landing of effect.landings) {
    const outcome = mustReach(
      await revertLanding(mirror, {
        branch: landing.branch,
        commit: landing.commit,
        effectId: `${effect.effectId}.${landing.stage}`,
        message: `Revert "${patch.title}"\n\n${effect.reason}`,
        trailers: { [trailers.patch]: patch.id, [trailers.stage]: landing.stage },
        identity: git.identity,
        at: new Date(delivery.message.at),
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
      case "conflict": {
        const hunks = outcome.hunks.map(({ path, ours, theirs }): ConflictHunk => {
          return { branch: landing.branch, path, ours, landed: theirs };
        });
        return { kind: "conflict", hunks, reverts };
      }
      case "refused":
        return { kind: "refused", reason: outcome.reason, reverts };
    }
  }
  return { kind: "reverted", reverts };
}

function revertOf(
  landing: Landing,
  done: { commit: string; tree: string },
  restored: Revert["restored"],
): Revert {
  const { commit, tree } = done;
  return { branch: landing.branch, commit, tree, landing: landing.commit, restored };
}

async function restoredBy(
  mirror: Mirror,
  landing: Landing,
  tree: string,
): Promise<Revert["restored"]> {
  return (await treeOf(mirror, landing.parent)) === tree ? "exact" : "merged";
}
