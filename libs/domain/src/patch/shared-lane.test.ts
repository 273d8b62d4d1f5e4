import { describe, expect, test } from "vitest";
import type { Reach } from "../claim.ts";
import type { Policy } from "../policy.ts";
import type { PatchCommand } from "./command.ts";
import { decide } from "./decide.ts";
import {
  after,
  comparedOn,
  facts,
  landedIn,
  landingFrom,
  observationOf,
  patchOf,
  paused,
  person,
  pushingFrom,
  watchingFrom,
} from "./example.ts";
import type { PatchState } from "./state.ts";

const reach: Reach = { symbols: ["total"], uses: ["sum"] };
const compared = { ...comparedOn("b0"), reach };
/** Asks for the lane, with a report of what it touches. */
const landingOf = (policy: Partial<Policy>, comparison: object = compared) =>
  ({ ...landingFrom(patchOf(policy)), comparison }) as PatchState;

function accepted(state: PatchState, command: PatchCommand) {
  const decision = decide(state, command, facts());
  if (decision.kind !== "accepted") throw new Error(decision.reason);
  return decision;
}
const effectTypes = (state: PatchState, command: PatchCommand) =>
  accepted(state, command).effects.map(({ type }) => type);
const grant = (token: number): PatchCommand => ({ type: "grant-lane", token });

/** At the watch of the last of the two usual stages. */
function secondPushing(policy: Partial<Policy>, comparison: object = compared): PatchState {
  const first = watchingFrom(pushingFrom(landingOf(policy, comparison)));
  return after(first, [observationOf(first, "healthy"), grant(2)]);
}

describe("a lane is asked for beside others", () => {
  const asked = (policy: Partial<Policy>, comparison: object = compared) => {
    const held = decide(landingOf(policy, comparison), grant(1), facts({ governance: paused }));
    if (held.kind !== "accepted" || !held.state) throw new Error("not paused");
    const { epoch } = held.state;
    return accepted(held.state, { type: "reach-deadline", deadline: "recheck", epoch }).effects;
  };

  test("where the policy allows it, with what the change touches", () => {
    const claim = { tier: "service", paths: ["a.ts"], ...reach };
    expect(asked({ maxLive: 3 })).toMatchObject([
      { type: "request-lane", share: { maxLive: 3, claim } },
    ]);
  });

  test("never by default, nor when nobody can tell what it touches", () => {
    expect(asked({})[0]).not.toHaveProperty("share");
    expect(asked({ maxLive: 3 }, comparedOn("b0"))[0]).not.toHaveProperty("share");
    const risky = { ...compared, candidate: { ...compared, tier: "destructive", paths: ["a"] } };
    expect(asked({ maxLive: 3 }, risky)[0]).not.toHaveProperty("share");
  });
});

describe("the lane is shared", () => {
  test("P1: once the last landing is on the target, and not before", () => {
    const first = pushingFrom(landingOf({ maxLive: 2 }));
    expect(effectTypes(first, landedIn(first))).not.toContain("share-lane");
    const last = secondPushing({ maxLive: 2 });
    expect(effectTypes(last, landedIn(last))).toContain("share-lane");
  });

  test("not by default, nor by what nobody can tell apart", () => {
    const usual = secondPushing({});
    expect(effectTypes(usual, landedIn(usual))).not.toContain("share-lane");
    const unknown = secondPushing({ maxLive: 2 }, comparedOn("b0"));
    expect(effectTypes(unknown, landedIn(unknown))).not.toContain("share-lane");
  });

  test("P4, P9: not by a landing that goes back at once", () => {
    const last = secondPushing({ maxLive: 2 });
    const asked = after(last, [{ type: "request-rollback", ...person }]);
    for (const [state, landing] of [
      [asked, landedIn(asked)],
      [last, landedIn(last, { tree: "other" })],
    ] as const) {
      const types = effectTypes(state, landing);
      expect(types).toContain("revert");
      expect(types).not.toContain("share-lane");
    }
  });

  test("P4: and closed by the revert, which waits for nobody", () => {
    const watching = watchingFrom(secondPushing({ maxLive: 2 }));
    const types = effectTypes(watching, observationOf(watching, "breach", "target"));
    expect(types.slice(0, 1)).toEqual(["revert"]);
    expect(types).toContain("close-lane");
  });

  test("P5: who was live already stands in the event of the landing", () => {
    const beside = ["p00-example07"];
    const [started] = accepted(landingOf({ maxLive: 2 }), {
      type: "grant-lane",
      token: 4,
      beside,
    }).events;
    expect(started).toMatchObject({ type: "LandingStarted", token: 4, beside });
    expect(accepted(landingOf({}), grant(1)).events[0]).not.toHaveProperty("beside");
  });
});
