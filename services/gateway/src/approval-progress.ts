import type { ApprovalProgress, LedgerEntry } from "@council/contracts";
import {
  beyondApproval,
  inFull,
  isExpiring,
  openStep,
  type PatchState,
  progressOf,
  ungoverned,
} from "@council/domain";

/** Who has approved, who is asked next, and when silence becomes a no; undefined unless a patch is held. */
export function approvalProgress(
  state: PatchState,
  timeline: readonly LedgerEntry[],
): ApprovalProgress | undefined {
  if (state.kind !== "held") return undefined;
  const { approvalSteps: steps, approvalTimeoutMs } = inFull(state.patch.policy);
  const given = state.approvals ?? [];
  const open = openStep(steps, given)?.name;
  const beyond = beyondApproval(state, { now: 0, governance: ungoverned });
  const heldAt = timeline.findLast(({ event }) => event.type === "Held")?.at;
  const expiresAt =
    heldAt !== undefined && isExpiring(state) ? heldAt + approvalTimeoutMs : undefined;
  return {
    steps: progressOf(steps, given),
    ...(open === undefined ? {} : { open }),
    ...(beyond === undefined ? {} : { beyond }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}
