/**
 * Harm on a branch that several patches share, where samples cannot be told apart. Whoever sees it asks
 * the lane; the likeliest is taken back, and the others are watched anew: only harm that is seen again on
 * fresh samples touches the next. A person can roll back any of them at any time (P4).
 */
import type { Observation } from "../observation/observation.ts";
import type { PatchCommand } from "./command.ts";
import { accept, type Decision, type Facts, ignore, shareOf } from "./decision.ts";
import { startRevert } from "./decide-revert.ts";
import type { PatchEvent } from "./event.ts";
import type { PatchState } from "./state.ts";
import { isAtLastStage, levelIn, watchStage } from "./watch-stage.ts";

type Watched = PatchState & { kind: "watching" | "held" };

/** Whether what this patch's watch sees may be another's doing: it stands where others stand too. */
export function isEvidenceShared(state: PatchState): state is Watched {
  const isHeldLive =
    state.kind === "held" && ["inconclusive", "suspected"].includes(state.reason.kind);
  const isWatched = state.kind === "watching" || isHeldLive;
  if (!isWatched || !state.patch.policy.sharedEvidence) return false;
  return isAtLastStage(state) && state.landings.length > 0 && shareOf(state) !== undefined;
}

/** The watch of an earlier stage shows this patch alone; what it saw is never another's doing. */
export const isOnSharedStage = (state: Watched, stage: string) =>
  state.patch.policy.stages.at(-1)?.name === stage;

/** Asks the lane who did it. What was seen before the newest watch began is known already. */
export function reportHarm(
  state: Watched,
  { stage, token, observation }: { stage: string; token: number; observation: Observation },
): Decision {
  if (token !== state.token) return ignore("seen before it was watched anew");
  if (state.kind === "held" && state.reason.kind === "suspected") return ignore("already reported");
  const touches = state.patch.policy.rules.flatMap((rule) =>
    rule.id === observation.ruleId ? (rule.touches ?? []) : [],
  );
  const harm = { stage, token, observation, touches };
  return accept(
    state,
    [{ type: "Held", reason: { kind: "suspected", stage, observation } }],
    (next) => [{ type: "report-harm", epoch: next.epoch, harm }],
  );
}

/** The lane has judged all live patches: this one goes. What has settled or left since does not. */
export function takeBlame(
  state: PatchState,
  { stage, observation, ranking }: PatchCommand & { type: "take-blame" },
  facts: Facts,
): Decision {
  if (!isEvidenceShared(state)) return ignore(`a patch that is ${state.kind} is not live`);
  return startRevert(state, [], { kind: "breach", stage, observation, ranking }, facts);
}

/** P3: nothing of what was seen so far counts; health and harm are shown by fresh samples alone. */
export function watchAnew(
  state: PatchState,
  { token, discoveries }: PatchCommand & { type: "watch-anew" },
  facts: Facts,
): Decision {
  if (!isEvidenceShared(state) || token <= state.latestToken) return ignore("not to be watched");
  const stage = state.patch.policy.stages[state.stageIndex]?.name ?? "target";
  const level = levelIn(state.patch.policy, { token, discoveries });
  const events: PatchEvent[] = [
    ...(state.kind === "held" ? [{ type: "Resumed" } as const] : []),
    { type: "WatchStarted", stage, token, discoveries, ...level },
  ];
  return accept(state, events, (next) => watchStage(next, level, facts));
}
