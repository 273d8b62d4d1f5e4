/**
 * Lands a candidate on one branch. Everything is computed anew from the base and the diff, so that
 * what lands is what was audited (P9), and the repository itself is asked what has happened before
 * anything is done (P1): the effect id is in the commit, and a fence in the repository bars an effect
 * that was cancelled and a process whose lane has passed to another.
 */
import type { Bus, Delivery } from "@council/bus";
import { type Assignment, trailers } from "@council/contracts";
import { type Landing, type LandingOutcome, pathRefusal } from "@council/domain";
import { candidateDigest, sha256Hex } from "@council/evidence";
import {
  applyDiff,
  cancelLanding,
  type CancelLanding,
  ensureBranch,
  fetchBranches,
  type Identity,
  isLanded,
  landTree,
  type LandTree,
  type Mirror,
  type Mirrors,
  resolveBranch,
  syncBranch,
  type SyncBranch,
  treeOf,
} from "@council/git";
import type { Forges } from "@council/forge";
import type { CheckTree } from "./check-revert.ts";
import { readLandingStop } from "./control.ts";
import { mergeChange } from "./forge/merge-change.ts";
import { changeOf } from "./forge/report-patch.ts";
import type { SteerTraffic } from "./traffic/steer-traffic.ts";
import { mustReach } from "./unreachable.ts";

export interface GitPerforming {
  readonly bus: Bus;
  readonly mirrors: Mirrors;
  readonly identity: Identity;
  readonly forges: Forges;
  /** Runs the tests on a reverted tree, where the policy asks for it. */
  readonly checkTree: CheckTree;
  /** Who moves the traffic of patches for this branch; undefined when nobody does. */
  readonly trafficOf: (repository: string, targetBranch: string) => SteerTraffic | undefined;
}

type Land = Assignment<"land">;
type FencedLanding = LandTree & Pick<CancelLanding, "fence">;

export async function landPatch(
  git: GitPerforming,
  delivery: Delivery,
  { patch, effect }: Land,
): Promise<LandingOutcome> {
  const mirror = await git.mirrors(patch.repository);
  const found = mustReach(
    await isLanded(mirror, effect.branch, {
      effectId: effect.effectId,
      from: effect.candidate.base,
    }),
  );
  if (found.kind === "landed")
    return { kind: "landed", stage: effect.stage, branch: effect.branch, ...treeAndPlace(found) };
  if (await readLandingStop(git.bus, patch, Date.now()))
    return barLanding(git, delivery, { patch, effect });
  const prepared = await recompute(git, mirror, delivery, { patch, effect });
  if (prepared) return prepared;
  const request = landRequest(git.identity, delivery, { patch, effect });
  if (effect.standing) return stepUp(mirror, request, { patch, effect }, effect.standing);
  const merged = await mergedByForge(git, mirror, request, { patch, effect });
  if (merged) return merged;
  const head = await levelBranch(mirror, request, { patch, effect });
  if (head.kind !== "level") return head;
  return land(mirror, { ...request, base: head.head }, { patch, effect });
}

/**
 * P1: "it has not landed" is said only once it cannot land any more. A twin of this process, stopped
 * before its push, would otherwise land what everybody has given up.
 */
export async function landOrBar(
  git: GitPerforming,
  delivery: Delivery,
  land: Land,
): Promise<LandingOutcome> {
  const outcome = await landPatch(git, delivery, land);
  if (outcome.kind !== "refused" && outcome.kind !== "base-moved") return outcome;
  const barred = await barLanding(git, delivery, land);
  return barred.kind === "landed" ? barred : outcome;
}

/** P2, P9: the tree must come out as audited, from the audited diff on the audited base. */
async function recompute(
  git: GitPerforming,
  mirror: Mirror,
  delivery: Delivery,
  { patch, effect }: Land,
): Promise<LandingOutcome | undefined> {
  const { base, diff, tree, digest } = effect.candidate;
  const text = await git.bus.readBlob(delivery.partition, diff);
  if (!text) return { kind: "refused", reason: "the diff is no longer stored" };
  // P2: a stored diff is known by its digest; another text under that name was never audited.
  if (sha256Hex(text) !== diff)
    return { kind: "refused", reason: "the stored diff does not have its digest" };
  mustReach(await fetchBranches(mirror));
  const applied = await applyDiff(mirror, { base, diff: text });
  if (applied.kind === "refused") return { kind: "refused", reason: applied.reason };
  if (applied.tree !== tree || candidateDigest({ base, tree, diff }) !== digest)
    return {
      kind: "refused",
      reason: `the diff gives the tree ${applied.tree}, audited was ${tree}`,
    };
  const { sender = "unknown", mayTouch } = patch;
  const reason = pathRefusal(
    mayTouch,
    sender,
    applied.changes.map(({ path }) => path),
  );
  return reason === undefined ? undefined : { kind: "refused", reason };
}

function landRequest(
  identity: Identity,
  delivery: Delivery,
  { patch, effect }: Land,
): FencedLanding {
  const { candidate, stage, token, effectId, branch } = effect;
  return {
    branch,
    base: candidate.base,
    tree: candidate.tree,
    effectId,
    message: `${patch.title}\n\nPatch ${patch.id} by ${patch.author}, stage ${stage}.`,
    trailers: {
      [trailers.patch]: patch.id,
      [trailers.stage]: stage,
      [trailers.auditedTree]: candidate.tree,
      [trailers.decision]: candidate.digest,
    },
    identity,
    at: new Date(delivery.message.at),
    fence: { lane: patch.targetBranch, token },
  };
}

/** On the target branch the forge merges, if the operator wants it so and the patch came from there. */
async function mergedByForge(
  git: GitPerforming,
  mirror: Mirror,
  request: FencedLanding,
  { patch, effect }: Land,
): Promise<LandingOutcome | undefined> {
  const change = changeOf(git.forges, patch);
  if (!change?.forge.isMerging || effect.branch !== patch.targetBranch) return undefined;
  const outcome = await mergeChange(mirror, request, effect, change);
  switch (outcome.kind) {
    case "landed":
      return {
        kind: "landed",
        stage: effect.stage,
        branch: effect.branch,
        ...treeAndPlace(outcome),
      };
    case "base-moved":
      return baseMoved(mirror, request, { patch, effect }, outcome.head);
    case "cancelled":
    case "refused":
      return outcome;
  }
}

/** The branch holds the patch already: nothing is pushed, what stands there is looked at once more (P9). */
async function stepUp(
  mirror: Mirror,
  request: FencedLanding,
  { patch, effect }: Land,
  standing: Landing,
): Promise<LandingOutcome> {
  const { levelWith, branch, stage } = effect;
  if (levelWith !== undefined) {
    const target = await resolveBranch(mirror, levelWith);
    if (target === undefined) return { kind: "refused", reason: `there is no branch ${levelWith}` };
    if (target !== effect.candidate.base)
      return baseMoved(mirror, request, { patch, effect }, target);
  }
  const { commit, tree, parent } = standing;
  const found = mustReach(await isLanded(mirror, branch, { commit }));
  const isThere = found.kind === "landed" && tree === effect.candidate.tree;
  // Nobody but Council writes to a stage branch; one that went on does not show the patch alone.
  if (!isThere || (levelWith !== undefined && (await resolveBranch(mirror, branch)) !== commit))
    return { kind: "refused", reason: `${branch} no longer stands at the landing ${commit}` };
  return { kind: "landed", stage, branch, commit, tree, parent };
}

/** A stage branch starts out equal to the target branch, which must still be the audited base. */
async function levelBranch(
  mirror: Mirror,
  request: FencedLanding,
  { patch, effect }: Land,
): Promise<LandingOutcome | { kind: "level"; head: string }> {
  if (effect.levelWith === undefined) return { kind: "level", head: effect.candidate.base };
  const target = await resolveBranch(mirror, effect.levelWith);
  if (target === undefined)
    return { kind: "refused", reason: `there is no branch ${effect.levelWith}` };
  if (target !== effect.candidate.base)
    return baseMoved(mirror, request, { patch, effect }, target);
  const ensured = mustReach(await ensureBranch(mirror, { branch: effect.branch, at: target }));
  if (ensured.kind === "refused") return ensured;
  const synced = mustReach(
    await syncBranch(mirror, levelling(request, patch.targetBranch, effect.branch)),
  );
  switch (synced.kind) {
    case "landed":
      return {
        kind: "landed",
        stage: effect.stage,
        branch: effect.branch,
        ...treeAndPlace(synced),
      };
    case "fenced":
    case "cancelled":
      return { kind: "cancelled" };
    case "refused":
      return synced;
    case "in-sync":
    case "synced":
      // P9: what the candidate does not stem from, such as a revert just made, would be undone by it.
      if ((await treeOf(mirror, synced.head)) !== (await treeOf(mirror, effect.candidate.base)))
        throw new Error(`${effect.levelWith} moved while ${effect.branch} was levelled with it`);
      return { kind: "level", head: synced.head };
  }
}

/** A levelling commit is no landing and must not read like one: it carries no trailer of the patch. */
function levelling(request: FencedLanding, target: string, branch: string): SyncBranch {
  const { effectId, identity, at, fence } = request;
  return {
    branch,
    target,
    effectId,
    message: `Level ${branch} with ${target}`,
    identity,
    at,
    fence,
  };
}

async function land(
  mirror: Mirror,
  request: FencedLanding,
  { patch, effect }: Land,
): Promise<LandingOutcome> {
  const outcome = mustReach(await landTree(mirror, request));
  switch (outcome.kind) {
    case "landed":
    case "already-landed":
      return {
        kind: "landed",
        stage: effect.stage,
        branch: effect.branch,
        ...treeAndPlace(outcome),
      };
    case "base-moved": {
      // A stage branch moves only when somebody else writes to it: level it again on the next try.
      if (effect.levelWith !== undefined)
        throw new Error(`${effect.branch} moved while it was being landed on`);
      return baseMoved(mirror, request, { patch, effect }, outcome.head);
    }
    case "cancelled":
    case "fenced":
      return { kind: "cancelled" };
    case "refused":
      return outcome;
  }
}

/** A patch whose base moved starts anew: what it has on earlier stages is taken off them first. */
async function baseMoved(
  mirror: Mirror,
  request: FencedLanding,
  { patch, effect }: Land,
  head: string,
): Promise<LandingOutcome> {
  for (const branch of effect.earlierBranches) {
    const synced = mustReach(
      await syncBranch(mirror, levelling(request, patch.targetBranch, branch)),
    );
    // P1: a landing that is still there must not be forgotten.
    if (synced.kind === "refused") return synced;
    if (synced.kind === "fenced" || synced.kind === "cancelled") return { kind: "cancelled" };
  }
  if (effect.levelWith === undefined) return { kind: "base-moved", head };
  // P9: a stage branch does not move with its target, so a process stopped before its push could still
  // land there. Barred first, it cannot; if it has landed already, that is the answer.
  const barred = await bar(mirror, request, effect);
  return barred.kind === "cancelled" ? { kind: "base-moved", head } : barred;
}

/** Makes sure that an effect can never land, or finds that it has. */
export async function barLanding(
  git: GitPerforming,
  delivery: Delivery,
  {
    patch,
    effect,
  }: {
    patch: Land["patch"];
    effect: { effectId: string; token: number; stage: string; branch: string };
  },
): Promise<LandingOutcome> {
  const mirror = await git.mirrors(patch.repository);
  const fence = { lane: patch.targetBranch, token: effect.token };
  const at = new Date(delivery.message.at);
  return bar(mirror, { fence, identity: git.identity, at }, effect);
}

async function bar(
  mirror: Mirror,
  { fence, identity, at }: Pick<CancelLanding, "fence" | "identity" | "at">,
  { branch, effectId, stage }: { branch: string; effectId: string; stage: string },
): Promise<LandingOutcome> {
  const request = { branch, effectId, fence, identity, at };
  const outcome = mustReach(await cancelLanding(mirror, request));
  if (outcome.kind === "landed") return { kind: "landed", stage, branch, ...treeAndPlace(outcome) };
  return outcome.kind === "refused" ? outcome : { kind: "cancelled" };
}

const treeAndPlace = ({
  commit,
  tree,
  parent,
}: {
  commit: string;
  tree: string;
  parent: string;
}) => ({
  commit,
  tree,
  parent,
});
