/** A patch's place in the row of its lane: given with the lane, recorded, and no one else's business. */
import { expect, test } from "vitest";
import { levelAt } from "../observation/e-lond.ts";
import type { Observation } from "../observation/observation.ts";
import { decide } from "./decide.ts";
import {
  after,
  effectIdOf,
  facts,
  landedIn,
  landingFrom,
  observed,
  patchOf,
  person,
  watchingFrom,
} from "./example.ts";
import type { PatchCommand } from "./command.ts";
import type { PatchState } from "./state.ts";

function accepted(state: PatchState, command: PatchCommand) {
  const decision = decide(state, command, facts());
  if (decision.kind !== "accepted") throw new Error(decision.reason);
  return decision;
}

const place = { position: 40, discoveries: 3 };
const grant = { type: "grant-lane", token: 40, discoveries: 3 } as const;
const pushing = (patch = patchOf()) => after(landingFrom(patch), [grant]);

test("P5: the level of a watch follows from what the ledger holds: its place and the policy", () => {
  const start = accepted(landingFrom(), grant);
  expect(start.events).toMatchObject([{ type: "LandingStarted", token: 40, discoveries: 3 }]);
  const state = pushing();
  const { events, effects } = accepted(state, landedIn(state));
  const level = levelAt(state.patch.policy.falseRevertRatio!, place);
  expect(events[1]).toMatchObject({ type: "WatchStarted", level });
  expect(effects[0]).toMatchObject({ type: "watch", level });
});

test("a policy without the promise, or with one of 1, leaves the level to its rules", () => {
  const { falseRevertRatio: _, ...older } = patchOf().policy;
  for (const patch of [patchOf({ falseRevertRatio: 1 }), patchOf({}, { policy: older })]) {
    const state = pushing(patch);
    const { events, effects } = accepted(state, landedIn(state));
    expect(events[1]).not.toHaveProperty("level");
    expect(effects[0]).not.toHaveProperty("level");
  }
});

const reading = { ruleId: "latency-p95", evidence: { once: {}, renewed: {}, copies: 1 } };
const breachBy = (ruleId: string): Observation => ({
  ...observed("breach"),
  ruleId,
  readings: [reading, { ruleId: "pushed-cost" }] as unknown as Observation["readings"],
});

/** What the lane hears once the patch is taken back for this. */
function released(command: PatchCommand) {
  const reverting = accepted(watchingFrom(pushing()), command).state!;
  const outcome = { kind: "reverted", reverts: [] } as const;
  const done = { type: "record-revert", effectId: effectIdOf(reverting), outcome } as const;
  return accepted(reverting, done).effects[0];
}
const breach = (ruleId: string): PatchCommand => {
  const { latestToken: token } = watchingFrom(pushing());
  return { type: "record-observation", stage: "canary", token, observation: breachBy(ruleId) };
};

test("only a breach by a test counts in the row: not a limit on a window, not a person", () => {
  expect(released(breach("latency-p95"))).toMatchObject({ isDiscovery: true });
  const others = [breach("pushed-cost"), { type: "request-rollback", ...person } as const];
  for (const command of others) {
    expect(released(command)).toMatchObject({ type: "release-lane" });
    expect(released(command)).not.toHaveProperty("isDiscovery");
  }
});

test("P4: a rollback that a person asks for starts at once, whatever the level", () => {
  const late = after(landingFrom(), [{ type: "grant-lane", token: 1e9, discoveries: 0 }]);
  const { events } = accepted(watchingFrom(late), { type: "request-rollback", ...person });
  expect(events).toMatchObject([{ type: "RevertStarted", cause: { kind: "request" } }]);
});
