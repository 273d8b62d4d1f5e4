import { describe, expect, test } from "vitest";
import type { PatchCommand } from "./command.ts";
import { decide } from "./decide.ts";
import type { Facts } from "./decision.ts";
import { after, comparedOn, facts, person, suspensionOf, taskOf, unpaidRender } from "./example.ts";
import type { Slot } from "./patch.ts";
import type { PatchState } from "./state.ts";

const rendering = after(undefined, [{ type: "submit", patch: taskOf() }]);
const rendered = (slot: Slot): PatchCommand => {
  const render = { slot, diff: `d-${slot}`, provider: "p", family: `f-${slot}` };
  return { type: "record-render", slot, render };
};
const broken = (slot: Slot): PatchCommand => ({ type: "fail-render", slot, reason: "broken" });
const recheck = ({ epoch }: PatchState): PatchCommand => ({
  type: "reach-deadline",
  deadline: "recheck",
  epoch,
});
const decided = (state: PatchState, command: PatchCommand, at: Partial<Facts> = {}) => {
  const decision = decide(state, command, facts(at));
  if (decision.kind !== "accepted" || !decision.state) throw new Error(decision.kind);
  return { ...decision, state: decision.state };
};
const asked = (effects: readonly { type: string }[]) =>
  effects.flatMap((effect) => ("slot" in effect && effect.type === "render" ? [effect.slot] : []));

describe("a builder that cannot pay holds the task", () => {
  test.for<{ name: string; commands: readonly PatchCommand[]; slots: readonly Slot[] }>([
    { name: "neither", commands: [unpaidRender("a"), unpaidRender("b")], slots: ["a", "b"] },
    { name: "only B", commands: [rendered("b"), unpaidRender("a")], slots: ["a"] },
    { name: "only A, said first", commands: [unpaidRender("b"), rendered("a")], slots: ["b"] },
  ])("$name is rendered: exactly what is missing is asked for again", ({ commands, slots }) => {
    const held = after(rendering, commands);
    expect(held).toMatchObject({ kind: "held", reason: { kind: "budget", slots } });
    const again = decided(held, recheck(held));
    expect(again.events.map(({ type }) => type)).toEqual(["Resumed", "RenderingStarted"]);
    expect(asked(again.effects)).toEqual(slots);
    expect(again.state.renders).toEqual(held.renders);
    const end = after(again.state, slots.map(rendered));
    expect(end).toMatchObject({ kind: "comparing", renders: { a: {}, b: {} } });
  });

  test("reason, cap and reset time stand in the state; somebody is told", () => {
    const first = after(rendering, [unpaidRender("a", { reason: "too dear", resetAt: 5000 })]);
    const { state, effects } = decided(first, rendered("b"));
    expect(state).toMatchObject({
      kind: "held",
      reason: {
        detail: "builder-a is suspended: too dear",
        suspended: [{ head: "builder-a", cap: "day", resetAt: 5000 }],
        recheckAt: 5000,
      },
    });
    expect(effects).toContainEqual(
      expect.objectContaining({ type: "set-deadline", deadline: "recheck", dueAt: 5000 }),
    );
    expect(effects).toContainEqual(expect.objectContaining({ type: "page", level: "warning" }));
  });

  test("a cap that may be raised, and a stop, are looked at every 20 s; until then it waits on", () => {
    const known = after(rendering, [rendered("b"), unpaidRender("a", { neededMicroUsd: 9 })]);
    expect(known).toMatchObject({ reason: { recheckAt: 21_000 } });
    const stopped = { suspended: [suspensionOf("builder-a")] };
    const held = decided(after(rendering, [rendered("b")]), unpaidRender("a"), stopped).state;
    expect(held).toMatchObject({ reason: { recheckAt: 21_000 } });
    const still = decided(held, recheck(held), { ...stopped, now: 21_000 });
    expect([still.events, still.effects]).toMatchObject([[], [{ dueAt: 41_000 }]]);
    expect(decided(held, recheck(held), { now: 21_000 }).state.kind).toBe("rendering");
  });

  test("what a cap without a clock refuses, whose price nobody knows, waits for a person", () => {
    const held = after(rendering, [unpaidRender("a"), rendered("b")]);
    expect(held).toMatchObject({ reason: { recheckAt: 0 } });
  });

  test("a builder that failed otherwise is not waited for", () => {
    expect(after(rendering, [unpaidRender("b"), broken("a")])).toMatchObject({
      kind: "failed",
      reason: "render A failed: broken",
    });
    const held = after(rendering, [broken("b"), unpaidRender("a")]);
    expect(held).toMatchObject({ kind: "held", reason: { slots: ["a"] } });
    expect(after(held, [recheck(held), rendered("a")]).kind).toBe("comparing");
  });

  test("one that is refused again waits again", () => {
    const held = after(rendering, [rendered("b"), unpaidRender("a")]);
    const again = after(held, [recheck(held), unpaidRender("a")]);
    expect(again).toMatchObject({ kind: "held", reason: { slots: ["a"] } });
    expect(again.epoch).toBeGreaterThan(held.epoch);
  });

  test("P2: nobody can approve what is not rendered, and no answer to an older question counts", () => {
    const held = after(rendering, [rendered("b"), unpaidRender("a")]);
    expect(decide(held, { type: "approve", ...person }, facts()).kind).toBe("refused");
    for (const command of [
      rendered("a"),
      { type: "record-comparison", base: "b0", comparison: comparedOn("b0") },
      { type: "grant-lane", token: 1 },
    ] as const) {
      const decision = decide(held, command, facts());
      expect(decision.kind === "accepted" ? decision.events : []).toEqual([]);
    }
  });

  test("P4: it can be withdrawn, rolled back and superseded", () => {
    const held = after(rendering, [rendered("b"), unpaidRender("a")]);
    for (const type of ["request-rollback", "withdraw"] as const)
      expect(after(held, [{ type, ...person }]).kind).toBe("withdrawn");
    expect(after(held, [{ type: "supersede", by: "p00-example01" }]).kind).toBe("superseded");
  });
});
