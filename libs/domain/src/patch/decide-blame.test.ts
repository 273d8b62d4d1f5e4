import { describe, expect, test } from "vitest";
import { levelAt } from "../observation/e-lond.ts";
import { defaultRules } from "../default-policy.ts";
import type { Policy } from "../policy.ts";
import type { PatchCommand } from "./command.ts";
import { decide } from "./decide.ts";
import {
  after,
  decided,
  comparedOn,
  effectIdOf,
  facts,
  landedIn,
  landingFrom,
  observationOf,
  observed,
  patchOf,
  person,
  pushingFrom,
  watchingFrom,
} from "./example.ts";
import { sentence } from "./decide-revert.ts";
import type { PatchState } from "./state.ts";

const shared: Partial<Policy> = {
  maxLive: 2,
  sharedEvidence: true,
  falseRevertRatio: 0.05,
  rules: defaultRules.map((rule) =>
    rule.id === "latency-p95" ? { ...rule, touches: ["src/**"] } : rule,
  ),
};
const comparison = { ...comparedOn("b0"), reach: { symbols: [], uses: [] } };

/** Watched on the target, which others share. */
function live(policy: Partial<Policy> = shared): PatchState {
  const asking = { ...landingFrom(patchOf(policy)), comparison } as PatchState;
  const canary = watchingFrom(pushingFrom(asking));
  const passed = after(canary, [
    observationOf(canary, "healthy"),
    { type: "grant-lane", token: 2 },
  ]);
  return after(passed, [landedIn(passed)]);
}

const harmIn = (state: PatchState, token = state.latestToken): PatchCommand => ({
  type: "record-observation",
  stage: "target",
  token,
  observation: { ...observed("breach"), ruleId: "latency-p95" },
});
const anew = (token: number): PatchCommand => ({
  type: "watch-anew",
  token,
  discoveries: 1,
});
const ranking = [
  { patchId: "p00-example00", score: 2.5, why: "landed last" },
  { patchId: "p00-example01", score: 1.5, why: "landed 1 before the last" },
];
const blame: PatchCommand = {
  type: "take-blame",
  stage: "target",
  observation: observed("breach"),
  ranking,
};

describe("harm on a branch that others share", () => {
  test("P5: is reported to the lane, with what the metric measures, and reverts nobody by itself", () => {
    const { events, effects, state } = decided(live(), harmIn(live()));
    expect(events).toMatchObject([{ type: "Held", reason: { kind: "suspected" } }]);
    expect(effects).toMatchObject([{ type: "report-harm", harm: { touches: ["src/**"] } }]);
    expect(state).toMatchObject({ kind: "held", landings: [{}, {}] });
  });

  test("P4: takes the patch back at once where the evidence is its own", () => {
    const canary = watchingFrom(
      pushingFrom({ ...landingFrom(patchOf(shared)), comparison } as PatchState),
    );
    const own = live({ maxLive: 2 });
    const alone = live({ sharedEvidence: true });
    for (const state of [own, alone])
      expect(decided(state, harmIn(state)).state?.kind).toBe("reverting");
    expect(decided(canary, observationOf(canary, "breach")).state?.kind).toBe("reverting");
    // Also when it is told late: the canary showed this patch alone.
    expect(
      decided(live(), { ...harmIn(live(), 1), stage: "canary" } as PatchCommand).state?.kind,
    ).toBe("reverting");
  });

  test("P5: the one that is blamed goes back, with how all were judged", () => {
    for (const state of [live(), after(live(), [harmIn(live())])]) {
      const decision = decided(state, blame);
      const [started] = decision.events;
      if (started?.type !== "RevertStarted") throw new Error("not started");
      expect(started.cause).toMatchObject({ kind: "breach", ranking });
      expect(sentence(started.cause)).toBe("target: it is breach; likeliest of 2: landed last");
      expect(decision.effects.map(({ type }) => type)).toContain("revert");
    }
  });

  test("P3: the others are watched on fresh samples, under a token of their own", () => {
    const suspected = after(live(), [harmIn(live())]);
    const { events, effects, state } = decided(suspected, anew(5));
    // With a place, and so a level, of its own in the row of tests.
    const level = levelAt(0.05, { position: 5, discoveries: 1 });
    expect(events).toEqual([
      { type: "Resumed" },
      { type: "WatchStarted", stage: "target", token: 5, discoveries: 1, level },
    ]);
    expect(effects).toMatchObject([{ type: "watch", token: 5, level }, { type: "set-deadline" }]);
    if (!state) throw new Error("no state");
    // What was seen before says nothing any more; what is seen now does.
    expect(decide(state, harmIn(state, 2), facts()).kind).toBe("ignored");
    expect(decided(state, harmIn(state)).effects).toMatchObject([{ type: "report-harm" }]);
    expect(decided(state, { ...observationOf(state, "healthy", "target") }).state?.kind).toBe(
      "settled",
    );
    expect(decide(state, anew(5), facts()).kind).toBe("ignored");
  });

  test("P4: a person rolls it back whatever the lane says, and approves nothing", () => {
    const suspected = after(live(), [harmIn(live())]);
    expect(decided(suspected, { type: "request-rollback", ...person }).state?.kind).toBe(
      "reverting",
    );
    expect(decide(suspected, { type: "approve", ...person }, facts())).toMatchObject({
      kind: "refused",
      reason: expect.stringContaining("being traced") as string,
    });
  });

  test("blame that comes late is nobody's; a revert that is blocked tells the lane", () => {
    const settled = after(live(), [observationOf(live(), "healthy", "target")]);
    expect(decide(settled, blame, facts()).kind).toBe("ignored");
    expect(decide(undefined, blame, facts()).kind).toBe("ignored");
    const reverting = after(live(), [blame]);
    const outcome = { kind: "conflict", hunks: [], reverts: [] } as const;
    const { effects } = decided(reverting, {
      type: "record-revert",
      effectId: effectIdOf(reverting),
      outcome,
    });
    expect(effects.map(({ type }) => type)).toContain("block-lane");
  });
});
