/**
 * The rollback of patches that only go together: an ordinary rollback of each, newest first. The request
 * carries what is still to go; whoever is gone asks the next, in the commit that says so. So whatever is
 * killed, each is asked once (P1), and where one does not come off, those after it stay and people are told.
 */
import { accept, type Decision, ignore, page } from "./decision.ts";
import type { PatchEffect } from "./effect.ts";
import type { RevertCause } from "./event.ts";
import type { JointRollback } from "./patch.ts";
import type { PatchState, PatchStateKind } from "./state.ts";

/** States in which nothing of a patch is on a branch, and nothing will be. */
const goneKinds: readonly PatchStateKind[] = [
  "reverted",
  "withdrawn",
  "rejected",
  "failed",
  "superseded",
];
const isGone = ({ kind }: PatchState): boolean => goneKinds.includes(kind);

/** The request to the next of the set, from one that is gone. */
export function askNext({ patch }: PatchState, cause: RevertCause): readonly PatchEffect[] {
  const joint = jointOf(cause);
  const [next, ...rest] = joint?.rest ?? [];
  if (!joint || next === undefined || cause.kind !== "request") return [];
  const { actor, reason } = cause;
  const passed = { target: joint.target, done: [...joint.done, patch.id], rest };
  return [{ type: "request-rollback", patchId: next, actor, reason, joint: passed }];
}

/** A decision that ends with nothing of the patch on a branch asks the next of its set as well. */
export function passOn(before: PatchState, decision: Decision): Decision {
  const cause = ownCause(before);
  if (!cause || decision.kind !== "accepted" || !decision.state || !isGone(decision.state))
    return decision;
  return { ...decision, effects: [...decision.effects, ...askNext(decision.state, cause)] };
}

/**
 * A request of a set that meets a patch which is gone already goes on to the next. One that is being taken
 * back for a reason of its own knows nothing of the set: people are told. Undefined: ask it as ever.
 */
export function meetJoint(state: PatchState, cause: RevertCause): Decision | undefined {
  const joint = jointOf(cause);
  if (!joint) return undefined;
  if (isGone(state)) return accept(state, [], (next) => askNext(next, cause));
  const own = ownCause(state);
  if (!own) return undefined;
  if (jointOf(own)?.target === joint.target) return ignore("asked by this joint rollback already");
  const { id } = state.patch;
  const text = `${id} is being taken back already, for another reason${stopWords(id, cause)}; once it is reverted: council rollback ${joint.target} --with-dependents`;
  return accept(state, [], () => [page("critical", "revert-blocked", text)]);
}

/** What of the set is gone and what is still there, after one that did not come off; empty without a set. */
export function stopWords(patchId: string, cause: RevertCause | undefined): string {
  const joint = cause && jointOf(cause);
  if (!joint) return "";
  const list = (ids: readonly string[]) => (ids.length > 0 ? ids.join(", ") : "none");
  return `; the joint rollback of ${joint.target} stops here: taken back ${list(joint.done)}, still there ${list([patchId, ...joint.rest])}`;
}

/** Why the patch is going back, if it is. */
function ownCause(state: PatchState): RevertCause | undefined {
  if (state.kind === "landing") return state.intent;
  return state.kind === "reverting" ? state.cause : undefined;
}

function jointOf(cause: RevertCause): JointRollback | undefined {
  return cause.kind === "request" ? cause.joint : undefined;
}
