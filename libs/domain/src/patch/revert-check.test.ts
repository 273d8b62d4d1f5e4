import { describe, expect, test } from "vitest";
import type { PatchCommand, RevertOutcome } from "./command.ts";
import {
  after,
  decided,
  effectIdOf,
  landingFrom,
  observationOf,
  patchOf,
  person,
  pushingFrom,
  watchingFrom,
} from "./example.ts";
import type { PatchState } from "./state.ts";

const watching = (policy: Parameters<typeof patchOf>[0] = { revertTestTimeoutMs: 60_000 }) =>
  watchingFrom(pushingFrom(landingFrom(patchOf(policy))));
const rollback = { type: "request-rollback", ...person } as const;
const failed = { kind: "failed", reason: "exit code 1" } as const;

function checkIn(state: PatchState, command: PatchCommand) {
  const revert = decided(state, command).effects.find(({ type }) => type === "revert");
  return revert?.type === "revert" ? revert.check : "no revert";
}

const recorded = (state: PatchState, outcome: RevertOutcome) =>
  ({ type: "record-revert", effectId: effectIdOf(state), outcome }) as const;

describe("the tests on a reverted tree", () => {
  test("P4: bind a person who asks, never a breach, and not who asks again", () => {
    const state = watching();
    expect(checkIn(state, rollback)).toEqual({ timeoutMs: 60_000, isBinding: true });
    const breach = observationOf(state, "breach", "canary");
    expect(checkIn(state, breach)).toEqual({ timeoutMs: 60_000, isBinding: false });
    const reverting = after(state, [rollback]);
    const refused = {
      kind: "refused",
      reason: "the tests fail",
      reverts: [],
      check: failed,
    } as const;
    const blocked = after(reverting, [recorded(reverting, refused)]);
    expect(blocked.kind).toBe("revert-blocked");
    expect(checkIn(blocked, rollback)).toEqual({ timeoutMs: 60_000, isBinding: false });
  });

  test("are not asked for by a policy that says nothing of them", () => {
    expect(checkIn(watching({}), rollback)).toBeUndefined();
  });

  test("that fail are in the ledger, and whoever is called hears of it (P5)", () => {
    const state = watching();
    const reverting = after(state, [observationOf(state, "breach", "canary")]);
    const { events, effects } = decided(
      reverting,
      recorded(reverting, { kind: "reverted", reverts: [], check: failed }),
    );
    expect(events).toEqual([{ type: "Reverted", reverts: [], check: failed }]);
    const page = effects.find(({ type }) => type === "page");
    expect(page).toMatchObject({
      level: "critical",
      text: expect.stringContaining("the tests fail without it: exit code 1") as string,
    });
  });
});
