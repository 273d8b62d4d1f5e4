/**
 * Has the forge merge the change, where an operator wants the forge's own merge. The forge guards the
 * head; the base, the fence and what the head holds are checked here before, and the landed tree by the
 * decision after (P9). Between the look at the fence and the merge lies one request: unlike a push, it is
 * not one step with the fence. The effect id is in the message, so asking again finds it done (P1).
 */
import { type Assignment, proposalRef } from "@council/contracts";
import { sha256Hex } from "@council/evidence";
import type { Forge } from "@council/forge";
import {
  diffBytes,
  EFFECT_TRAILER,
  fetchPull,
  isLanded,
  type LandTree,
  type Landing,
  lostLandings,
  type Mirror,
  readFence,
  resolveBranch,
  treeOf,
} from "@council/git";
import { mustReach, RepositoryUnreachable } from "../unreachable.ts";

export interface MergeableChange {
  readonly forge: Forge;
  readonly number: number;
  readonly head: string;
}

export type MergeResult =
  | ({ readonly kind: "landed" } & Landing)
  | { readonly kind: "base-moved"; readonly head: string }
  | { readonly kind: "cancelled" }
  | { readonly kind: "refused"; readonly reason: string };

const refused = (reason: string): MergeResult => ({ kind: "refused", reason });

export async function mergeChange(
  mirror: Mirror,
  request: LandTree,
  { candidate }: Assignment<"land">["effect"],
  { forge, number, head }: MergeableChange,
): Promise<MergeResult> {
  const { branch, base, effectId, fence } = request;
  const reading = mustReach(await readFence(mirror, fence, effectId));
  if (reading.kind !== "open") return { kind: "cancelled" };
  const target = await resolveBranch(mirror, branch);
  if (target === undefined) return refused(`there is no branch ${branch}`);
  if (target !== base) return { kind: "base-moved", head: target };
  const pull = mustReach(await fetchPull(mirror, { ref: proposalRef(forge.kind, number), branch }));
  if (pull.kind !== "fetched" || pull.head !== head)
    return refused("the change has moved on from the audited head");
  // P2, P9: the head is known by its content, not by who said that it was audited.
  const isAudited =
    (await treeOf(mirror, head)) === candidate.tree ||
    sha256Hex(await diffBytes(mirror, pull.base, head)) === candidate.diff;
  if (!isAudited) return refused("the head of the change does not hold what was audited");
  const [lost] = await lostLandings(mirror, { head, target });
  if (lost)
    return refused(
      `the change stands on ${lost.landing}, which ${lost.revert} took back: merged, it would lack it; re-land that first`,
    );
  const outcome = await forge.merge(number, { head, ...messageOf(request, number) });
  if (outcome.kind === "head-moved") return refused("the change moved on while it was merged");
  if (outcome.kind === "refused") return outcome;
  const byEffect = mustReach(await isLanded(mirror, branch, { effectId, from: base }));
  const landed =
    byEffect.kind === "landed"
      ? byEffect
      : mustReach(await isLanded(mirror, branch, { commit: outcome.commit }));
  if (landed.kind === "landed") return landed;
  throw new RepositoryUnreachable(`${branch} does not show the merge ${outcome.commit} yet`);
}

/** The commit reads like one of Council's own, with the trailers in its last paragraph. */
function messageOf({ message, trailers, effectId }: LandTree, number: number) {
  const [subject = "", ...body] = message.split("\n");
  const lines = Object.entries({ [EFFECT_TRAILER]: effectId, ...trailers });
  return {
    title: `${subject.replaceAll(/[\p{C}]/gu, " ")} (#${number})`,
    message: `${body.join("\n").trim()}\n\n${lines.map(([key, value]) => `${key}: ${value}`).join("\n")}`,
  };
}
