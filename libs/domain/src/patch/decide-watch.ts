import type { Observation } from "../observation/observation.ts";
import type { PatchCommand } from "./command.ts";
import { requestLane } from "./decide-audit.ts";
import { isEvidenceShared, isOnSharedStage, reportHarm } from "./decide-blame.ts";
import { deadline } from "./decide-intake.ts";
import { cancelLanding } from "./decide-landing.ts";
import { recordRecovery } from "./decide-recovery.ts";
import { startRevert } from "./decide-revert.ts";
import {
  accept,
  type Decision,
  type Facts,
  ignore,
  page,
  releaseLane,
  stopWatch,
} from "./decision.ts";
import type { PatchEvent, RevertCause } from "./event.ts";
import type { PatchState } from "./state.ts";

/**
 * What the streaming auditor saw. A breach takes the patch back wherever its landings are (P4);
 * only evidence of health moves it on (P3).
 */
export function recordObservation(
  state: PatchState,
  command: PatchCommand & { type: "record-observation" },
  facts: Facts,
): Decision {
  if (state.kind === "reverted") return recordRecovery(state, command);
  const { stage, token, observation } = command;
  // A breach counts whatever landing of the patch it was seen on: rollback fails open.
  if (observation.kind === "breach")
    return isEvidenceShared(state) && isOnSharedStage(state, stage)
      ? reportHarm(state, { stage, token, observation })
      : breach(state, stage, observation, facts);
  const isHeldForEvidence = state.kind === "held" && state.reason.kind === "inconclusive";
  if (state.kind !== "watching" && !isHeldForEvidence) return ignore("nothing is being watched");
  if (state.patch.policy.stages[state.stageIndex]?.name !== stage)
    return ignore("another stage is being watched");
  if (token !== state.token) return ignore("an earlier landing was watched");
  switch (observation.kind) {
    case "healthy":
      return passStage(state, observation);
    case "inconclusive":
      return state.kind === "watching"
        ? inconclusive(state, observation, facts)
        : ignore("already held");
    case "watching":
      return ignore("no verdict yet");
  }
}

function breach(
  state: PatchState,
  stage: string,
  observation: Observation,
  facts: Facts,
): Decision {
  const cause: RevertCause = { kind: "breach", stage, observation };
  switch (state.kind) {
    case "watching":
      return startRevert(state, [], cause, facts);
    case "held":
      return state.landings.length > 0
        ? startRevert(state, [], cause, facts)
        : ignore("nothing has landed");
    case "landing":
      if (state.landings.length === 0) return ignore("nothing has landed");
      if (!state.push) return startRevert(state, [], cause, facts);
      return cancelLanding(state, cause);
    default:
      return ignore(`a patch that is ${state.kind} is not watched`);
  }
}

type Watched = PatchState & { kind: "watching" | "held" };

export function passStage(state: Watched, observation: Observation): Decision {
  const { stages } = state.patch.policy;
  const stage = stages[state.stageIndex]?.name ?? "target";
  const passed: PatchEvent[] = [
    ...(state.kind === "held" ? [{ type: "Resumed" } as const] : []),
    { type: "StagePassed", stage, observation },
  ];
  if (state.stageIndex + 1 < stages.length) return requestLane(state, passed, state.stageIndex + 1);
  return accept(state, [...passed, { type: "Settled" }], (next) => [
    stopWatch(next),
    releaseLane(next),
    page("info", "settled", `settled: ${state.patch.title}`),
  ]);
}

/** P3: too little evidence neither lands nor reverts; it is waited for, then shown to a person. */
function inconclusive(
  state: PatchState & { kind: "watching" },
  observation: Observation,
  facts: Facts,
): Decision {
  const { policy } = state.patch;
  const entry = policy.stages[state.stageIndex];
  const stage = entry?.name ?? "target";
  if (policy.onInconclusive === "extend" && state.extensions < policy.maxExtensions)
    return accept(state, [{ type: "WatchExtended", stage, observation }], (next) => [
      deadline(next, "watch", facts.now + (entry?.watchMaxMs ?? 0)),
    ]);
  return accept(
    state,
    [{ type: "Held", reason: { kind: "inconclusive", stage, observation } }],
    () => [
      page(
        policy.onInconclusive === "ask" ? "critical" : "warning",
        "held",
        `inconclusive at ${stage}, approve it or roll it back: ${observation.why}`,
      ),
    ],
  );
}
