import { describe, expect, test } from "vitest";
import type { PatchCommand } from "./command.ts";
import { decide } from "./decide.ts";
import type { Decision } from "./decision.ts";
import { after, effectIdOf, exampleStates, facts, person } from "./example.ts";
import type { PatchState } from "./state.ts";

const states = exampleStates();
const joint = { target: "p-first", done: ["p-third"], rest: ["p-second", "p-first"] };
const ask: PatchCommand = { type: "request-rollback", ...person, joint };
const ownId = states["watching"]?.patch.id ?? "";

const effectsOf = (decision: Decision) => (decision.kind === "accepted" ? decision.effects : []);
const askedNext = (decision: Decision) =>
  effectsOf(decision).filter(({ type }) => type === "request-rollback");
const pageOf = (decision: Decision) =>
  effectsOf(decision).flatMap((effect) => (effect.type === "page" ? [effect.text] : []))[0];

const next = {
  type: "request-rollback",
  patchId: "p-second",
  actor: person.actor,
  reason: person.reason,
  joint: { target: "p-first", done: ["p-third", ownId], rest: ["p-first"] },
};

/** Ends what the request has begun, as git would when all goes well. */
function carriedOut(state: PatchState): Decision {
  const effectId = effectIdOf(state);
  const outcome =
    state.kind === "landing"
      ? ({ kind: "cancelled" } as const)
      : ({ kind: "reverted", reverts: [] } as const);
  const type = state.kind === "landing" ? "record-landing" : "record-revert";
  return decide(state, { type, effectId, outcome } as PatchCommand, facts());
}

describe("a joint rollback", () => {
  test.each(Object.entries(states).filter(([, state]) => state !== undefined))(
    "P1, P4: a patch that is %s asks the next once it is gone, or people are told",
    (name, state) => {
      let decision = decide(state, ask, facts());
      // A landing that is cancelled after an earlier stage is reverted first.
      for (let step = 0; step < 2; step += 1) {
        const isPending =
          decision.kind === "accepted" &&
          ["reverting", "landing"].includes(decision.state?.kind ?? "") &&
          pageOf(decision) === undefined;
        if (isPending && decision.kind === "accepted") decision = carriedOut(decision.state!);
      }
      const isGoingAlone = ["reverting", "intent"].includes(name);
      expect([name, askedNext(decision)]).toEqual([name, isGoingAlone ? [] : [next]]);
      expect(pageOf(decision)?.includes("the joint rollback of p-first stops here") ?? false).toBe(
        isGoingAlone,
      );
    },
  );

  test("one that does not come off stops it: what is gone and what is still there is said", () => {
    const reverting = after(states["watching"], [ask]);
    const outcome = { kind: "refused", reason: "a protected branch", reverts: [] } as const;
    const record = { type: "record-revert", effectId: effectIdOf(reverting), outcome } as const;
    const decision = decide(reverting, record, facts());
    expect(askedNext(decision)).toEqual([]);
    expect(pageOf(decision)).toContain(
      `the joint rollback of p-first stops here: taken back p-third, still there ${ownId}, p-second, p-first`,
    );
  });

  test("the same set asked twice goes on once; the last of it asks nobody", () => {
    const reverting = after(states["watching"], [ask]);
    expect(decide(reverting, ask, facts()).kind).toBe("ignored");
    const last = { ...joint, rest: [] };
    const ending = after(states["watching"], [{ ...ask, joint: last }]);
    expect(askedNext(carriedOut(ending))).toEqual([]);
  });

  test("a rollback of one patch asks nobody", () => {
    const reverting = after(states["watching"], [{ type: "request-rollback", ...person }]);
    expect(askedNext(carriedOut(reverting))).toEqual([]);
    expect(pageOf(carriedOut(reverting))).not.toContain("joint");
  });
});
