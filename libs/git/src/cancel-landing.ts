import { CANCELS_TRAILER, type Identity } from "./commit.ts";
import { type Fence, fenceUpdate, readFence } from "./fence.ts";
import { findEffect, type Landing } from "./land-tree.ts";
import { fetchHead, type Mirror } from "./mirror.ts";
import { backOff, MAX_PUSH_ATTEMPTS, pushRefs } from "./push.ts";

export interface CancelLanding {
  readonly branch: string;
  readonly effectId: string;
  readonly fence: Fence;
  readonly identity: Identity;
  readonly at: Date;
}

export type CancelOutcome =
  | { kind: "cancelled" }
  | ({ kind: "landed" } & Landing)
  | { kind: "refused"; reason: string }
  | { kind: "unreachable"; reason: string };

/**
 * Bars an effect from ever landing, or finds that it has landed. One of the two, and for good: the
 * landing and this cancellation swap the same fence, so only one of them can win (P1).
 */
export async function cancelLanding(
  mirror: Mirror,
  request: CancelLanding,
): Promise<CancelOutcome> {
  for (let attempt = 1; attempt <= MAX_PUSH_ATTEMPTS; attempt += 1) {
    const fence = await readFence(mirror, request.fence, request.effectId);
    if (fence.kind === "unreachable") return fence;
    const head = await fetchHead(mirror, request.branch);
    if (head.kind === "unreachable") return head;
    const found =
      head.kind === "head"
        ? await findEffect(mirror, request.effectId, { to: head.sha })
        : undefined;
    if (found !== undefined) return { kind: "landed", ...found };
    if (fence.kind !== "open") return { kind: "cancelled" };
    const push = await pushRefs(mirror, await fenceUpdate(mirror, fence, request, CANCELS_TRAILER));
    if (push.kind === "pushed") return { kind: "cancelled" };
    if (push.kind !== "race-lost") return push;
    await backOff(attempt);
  }
  return { kind: "unreachable", reason: "the fence could not be moved" };
}
