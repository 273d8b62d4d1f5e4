/**
 * After a breach was taken back: do the measurements recover? The rules that saw the harm are watched once
 * more, on samples from after the revert alone. Nothing hangs on the answer but what people are told: harm
 * that goes on has another cause than the patch, and missing data show neither (P3).
 */
import type { PatchCommand } from "./command.ts";
import { deadline } from "./decide-intake.ts";
import { accept, type Decision, type Facts, ignore, page } from "./decision.ts";
import type { PatchEffect } from "./effect.ts";
import type { RevertCause } from "./event.ts";
import { recoveryWords } from "./recovery.ts";
import type { PatchState } from "./state.ts";
import { rulesAt } from "./watch-stage.ts";

type Reverted = PatchState & { kind: "reverted" };

/** Begins the watch once what was reverted can be in use, and says when it is to end. */
export function watchRecovery(next: PatchState, { now }: Pick<Facts, "now">): PatchEffect[] {
  if (next.kind !== "reverted" || !next.recovery) return [];
  const { stages, rules, recoveryDelayMs = 0, recoveryTimeoutMs = 0 } = next.patch.policy;
  const { stage, token } = next.recovery;
  const entry = stages.find(({ name }) => name === stage);
  return [
    {
      type: "watch",
      stage,
      token,
      rules: rulesAt(rules, entry).filter(({ kind }) => kind !== "share"),
      watchMinMs: 0,
      delayMs: recoveryDelayMs,
    },
    deadline(next, "recovery", now + recoveryDelayMs + recoveryTimeoutMs),
  ];
}

/** What was seen after the revert. It is said once, and changes nothing else. */
export function recordRecovery(
  state: Reverted,
  { token, observation }: PatchCommand & { type: "record-observation" },
): Decision {
  const { recovery } = state;
  if (!recovery || recovery.token !== token) return ignore("an earlier watch");
  if (recovery.observation) return ignore("already told");
  const { kind } = observation;
  if (kind === "watching") return ignore("no verdict yet");
  return accept(state, [{ type: "RecoveryJudged", observation }], () => [
    { type: "stop-watch", token },
    tell(kind, state.cause, observation.why),
  ]);
}

function tell(kind: keyof typeof levels, cause: RevertCause | undefined, why: string): PatchEffect {
  const rule = cause?.kind === "breach" ? ` for ${cause.observation.ruleId ?? cause.stage}` : "";
  const advice = kind === "breach" ? "; look for another cause" : "";
  const about = kind === "healthy" ? "recovered" : "not-recovered";
  return page(levels[kind], about, `${recoveryWords[kind]}${rule}${advice}: ${why}`);
}

const levels = { healthy: "info", breach: "critical", inconclusive: "warning" } as const;

/** The time for it is over: what is not shown by now stays unknown. */
export function concludeRecovery(state: Reverted): Decision {
  const { recovery } = state;
  if (!recovery || recovery.observation) return ignore("no recovery is awaited");
  const { stage, token } = recovery;
  return accept(state, [], () => [{ type: "conclude-watch", stage, token }]);
}
