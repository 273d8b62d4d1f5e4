/**
 * `POST /v1/patches/:id/re-land`: a patch that was taken back comes again, as a patch of its own.
 *
 * Its diff is the revert of the revert on what the branch is now, so that later work stays; merging the
 * first diff once more could leave out what git takes for merged. It is audited in full like any other,
 * and names the patch it brings again.
 */
import type { StoredPatch } from "@council/contracts";
import type { PatchState } from "@council/domain";
import { diffText, type Mirror, type Mirrors, resolveBranch, tryReverts } from "@council/git";
import type { Said } from "./act-on-patch.ts";
import type { BusCall } from "./bounded-bus.ts";
import type { GuardedRepositories } from "./guarded-repositories.ts";
import type { PatchPlace } from "./patch-names.ts";
import { GatewayError } from "./problems.ts";
import { sha256, type Taken, takePatch } from "./take-patch.ts";

/** Who submits re-lands, as the ledger names it. */
const sender = "operator";
/** As for a patch that is submitted. */
const maxDiffLength = 1_000_000;
const maxTitleLength = 200;

export interface Relanding {
  readonly call: BusCall;
  readonly mirrors: Mirrors;
  readonly repositories: GuardedRepositories;
  readonly clock: () => number;
}

/**
 * Asked for again on the same head of the branch, it is the same patch (P1). Throws GatewayError
 * `reland-impossible`, with the places in conflict as issues, `repository-unknown`, `backpressure`.
 */
export async function relandPatch(deps: Relanding, place: PatchPlace, said: Said): Promise<Taken> {
  const read = await deps.call((bus) => bus.readState(place.partition, place.id));
  const state = read && (JSON.parse(read.value) as StoredPatch).state;
  if (state?.kind !== "reverted")
    throw impossible(
      `it is ${state?.kind ?? "not taken up yet"}, not reverted`,
      "only what was taken back can come again",
    );
  const { repository, targetBranch, title, author, sheet } = state.patch;
  const { policy } = deps.repositories.byId(repository);
  const { base, diff } = await undoRevert(await deps.mirrors(repository), state);
  const bodyDigest = sha256(JSON.stringify(["re-land", place.id, base, diff]));
  return await takePatch(deps, {
    sender,
    deliveryId: `re-land-${bodyDigest.slice(0, 32)}`,
    bodyDigest,
    diff,
    patch: {
      repository,
      targetBranch,
      base,
      title: `Re-land "${title}"`.slice(0, maxTitleLength),
      author,
      ...(sheet === undefined ? {} : { sheet }),
      relands: { patchId: place.id, ...said },
      policy,
    },
  });
}

/** What brings the change back on the present head of the target branch. */
async function undoRevert(
  mirror: Mirror,
  { patch: { targetBranch }, reverts }: PatchState,
): Promise<{ base: string; diff: string }> {
  const revert = reverts.find(({ branch }) => branch === targetBranch) ?? reverts[0];
  const base = await resolveBranch(mirror, targetBranch);
  if (revert === undefined || base === undefined)
    throw impossible("no revert of it is on a branch any more", "submit the change as a new patch");
  // A revert on a stage branch alone is in the mirror once that branch is.
  await resolveBranch(mirror, revert.branch);
  const undone = await tryReverts(mirror, { head: base, commits: [revert.commit] });
  if (undone.kind === "conflict")
    throw new GatewayError("reland-impossible", {
      detail: `${targetBranch} has changed in the same places since it was taken back`,
      remedy: "work the change into what is there now, and submit it as a new patch",
      issues: undone.hunks.map(({ path, why, ours, theirs }) => ({
        field: path,
        detail: `${why}; there now:\n${ours}\nthe patch:\n${theirs}`,
        remedy: "bring the two together",
      })),
    });
  const diff = await diffText(mirror, base, undone.tree);
  if (diff === "")
    throw impossible(`${targetBranch} holds all of it already`, "nothing is to be done");
  if (/^Binary files /m.test(diff) || diff.length > maxDiffLength)
    throw impossible(
      "it holds a binary file, or is too large for a patch",
      "submit the change in parts, or land it by hand",
    );
  return { base, diff };
}

const impossible = (detail: string, remedy: string) =>
  new GatewayError("reland-impossible", { field: "id", detail, remedy });
