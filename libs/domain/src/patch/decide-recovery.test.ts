import { describe, expect, test } from "vitest";
import type { Observation } from "../observation/observation.ts";
import { decide } from "./decide.ts";
import {
  after,
  decided,
  effectIdOf,
  facts,
  landingFrom,
  observationOf,
  patchOf,
  person,
  pushingFrom,
  watchingFrom,
} from "./example.ts";
import type { PatchState } from "./state.ts";

const policy = { recoveryTimeoutMs: 600_000, recoveryDelayMs: 60_000 };
const watching = (changes: Parameters<typeof patchOf>[0] = policy) =>
  watchingFrom(pushingFrom(landingFrom(patchOf(changes))));
const rollback = { type: "request-rollback", ...person } as const;

const reverted = (state: PatchState) =>
  ({
    type: "record-revert",
    effectId: effectIdOf(state),
    outcome: { kind: "reverted", reverts: [] },
  }) as const;

function takenBack(from: PatchState, cause: Parameters<typeof decide>[1]) {
  const reverting = after(from, [cause]);
  return decided(reverting, reverted(reverting));
}

const seen = (kind: Observation["kind"], token: number) =>
  ({
    type: "record-observation",
    stage: "canary",
    token,
    observation: { kind, at: 2000, why: "as measured", readings: [] },
  }) as const;

describe("recovery after a breach was taken back", () => {
  const from = watching();
  const breach = observationOf(from, "breach", "canary");
  const { state, effects } = takenBack(from, breach);
  const token = from.latestToken + 1;

  test("is looked for by the rules that saw the harm, on later samples alone", () => {
    expect(effects).toContainEqual(
      expect.objectContaining({ type: "watch", stage: "canary", token, delayMs: 60_000 }),
    );
    expect(effects).toContainEqual({
      type: "set-deadline",
      deadline: "recovery",
      epoch: state!.epoch,
      dueAt: 1000 + 60_000 + 600_000,
    });
  });

  test.each([
    ["healthy", "info", "recovered", "recovered after the revert"],
    ["breach", "critical", "not-recovered", "harm goes on after the revert"],
    ["inconclusive", "warning", "not-recovered", "not shown"],
  ] as const)("P3: %s is said once, and nothing follows", (kind, level, about, words) => {
    const judged = decided(state!, seen(kind, token));
    expect(judged.events.map(({ type }) => type)).toEqual(["RecoveryJudged"]);
    expect(judged.effects).toEqual([
      { type: "stop-watch", token },
      { type: "page", level, about, text: expect.stringContaining(words) as string },
    ]);
    expect(judged.state?.kind).toBe("reverted");
    expect(decide(judged.state, seen("breach", token), facts()).kind).toBe("ignored");
  });

  test("what an earlier watch says late is no news of it", () => {
    expect(decide(state, seen("healthy", token - 1), facts()).kind).toBe("ignored");
    expect(decide(state, seen("watching", token), facts()).kind).toBe("ignored");
  });

  test("is asked for a conclusion when its time is over", () => {
    const command = { type: "reach-deadline", deadline: "recovery", epoch: state!.epoch } as const;
    expect(decided(state!, command).effects).toEqual([
      { type: "conclude-watch", stage: "canary", token },
    ]);
  });

  test.each([
    ["a person asked", from, rollback],
    ["the policy does not look", watching({ recoveryTimeoutMs: 0 }), breach],
    [
      "traffic is steered, so the canary gets none",
      watching({
        ...policy,
        stages: [
          { name: "canary", branch: "c", watchMinMs: 0, watchMaxMs: 1, weightPercent: 5 },
          { name: "target", watchMinMs: 0, watchMaxMs: 1 },
        ],
      }),
      breach,
    ],
  ] as const)("is not looked for when %s", (_, start, cause) => {
    const types = takenBack(start, cause).effects.map(({ type }) => type);
    expect(types).not.toContain("watch");
    expect(types).not.toContain("set-deadline");
  });
});
