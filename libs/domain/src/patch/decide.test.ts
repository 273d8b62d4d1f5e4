import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ungoverned } from "../governance/governance.ts";
import type { PatchCommand } from "./command.ts";
import { decide } from "./decide.ts";
import type { Decision } from "./decision.ts";
import { evolve } from "./evolve.ts";
import {
  comparedOn,
  effectIdOf,
  exampleStates,
  facts,
  landedIn,
  observed,
  openingOf,
  patchOf,
  paused,
  person,
  sealOf,
} from "./example.ts";
import type { PatchState } from "./state.ts";

const states = exampleStates();

/** Commands that fit the state as well as any can: right nonce, effect id, stage, base and epoch. */
function commandsFor(state: PatchState | undefined): Record<string, PatchCommand> {
  const effectId = effectIdOf(state);
  const base = state?.base ?? "b0";
  const stageIndex = state && "stageIndex" in state ? state.stageIndex : 0;
  const stage = state?.patch.policy.stages[stageIndex]?.name ?? "canary";
  const render = { slot: "b", diff: "d1", provider: "x", family: "x" } as const;
  const observation = (kind: "healthy" | "breach" | "inconclusive" | "watching"): PatchCommand => ({
    type: "record-observation",
    stage,
    token: state?.latestToken ?? 0,
    observation: observed(kind),
  });
  const landing = (outcome: object) =>
    ({ type: "record-landing", effectId, outcome }) as PatchCommand;
  const revert = (outcome: object) =>
    ({ type: "record-revert", effectId, outcome }) as PatchCommand;
  return {
    submit: { type: "submit", patch: patchOf() },
    render: { type: "record-render", slot: "b", render },
    unrendered: { type: "fail-render", slot: "b", reason: "broken" },
    compared: { type: "record-comparison", base, comparison: comparedOn(base) },
    incomparable: {
      type: "record-comparison",
      base,
      comparison: { kind: "refused", reason: "no" },
    },
    seal: sealOf("proof"),
    opening: openingOf("proof"),
    grant: { type: "grant-lane", token: 7 },
    landed: state ? landedIn(state) : landing({ kind: "cancelled" }),
    moved: landing({ kind: "base-moved", head: "b1" }),
    cancelled: landing({ kind: "cancelled" }),
    unlandable: landing({ kind: "refused", reason: "protected" }),
    healthy: observation("healthy"),
    breach: observation("breach"),
    inconclusive: observation("inconclusive"),
    young: observation("watching"),
    reverted: revert({ kind: "reverted", reverts: [] }),
    conflict: revert({ kind: "conflict", hunks: [], reverts: [] }),
    unrevertable: revert({ kind: "refused", reason: "veto", reverts: [] }),
    deadline: { type: "reach-deadline", deadline: "audit", epoch: state?.epoch ?? 1 },
    rollback: { type: "request-rollback", ...person },
    approve: { type: "approve", ...person },
    deny: { type: "deny", ...person },
    bypass: { type: "bypass", until: 9000, ...person },
    withdraw: { type: "withdraw", ...person },
    supersede: { type: "supersede", by: "p00-example01" },
  };
}

/** In short: where a decision leads, `.` when ignored, `-` when refused. */
function outcome(decision: Decision): string {
  if (decision.kind === "accepted") return decision.state?.kind ?? "nothing";
  return decision.kind === "ignored" ? "." : "-";
}

const unlanded = { rollback: "withdrawn", withdraw: "withdrawn", supersede: "superseded" };

/** What is not written here is refused without a state, and else ignored or refused, never accepted. */
const expected: Record<string, Record<string, string>> = {
  none: { submit: "comparing" },
  submitted: unlanded,
  rendering: {
    render: "rendering",
    unrendered: "rendering",
    deadline: "failed",
    ...unlanded,
  },
  comparing: {
    compared: "auditing",
    incomparable: "rejected",
    deadline: "failed",
    ...unlanded,
  },
  sealing: {
    seal: "auditing",
    deadline: "held",
    ...unlanded,
  },
  revealing: {
    opening: "auditing",
    deadline: "held",
    ...unlanded,
  },
  undecided: { deny: "rejected", ...unlanded },
  budget: { deadline: "auditing", deny: "rejected", ...unlanded },
  unpaid: { deadline: "rendering", deny: "rejected", ...unlanded },
  autonomy: {
    approve: "landing",
    deny: "rejected",
    rollback: "withdrawn",
    withdraw: "withdrawn",
    supersede: "superseded",
  },
  paused: {
    deadline: "landing",
    deny: "rejected",
    rollback: "withdrawn",
    withdraw: "withdrawn",
    supersede: "superseded",
  },
  inconclusive: {
    healthy: "landing",
    breach: "reverting",
    rollback: "reverting",
    approve: "landing",
    deny: "reverting",
  },
  landing: {
    grant: "landing",
    rollback: "withdrawn",
    withdraw: "withdrawn",
    supersede: "superseded",
  },
  pushing: {
    landed: "watching",
    moved: "comparing",
    cancelled: "held",
    unlandable: "failed",
    rollback: "landing",
  },
  intent: {
    landed: "reverting",
    moved: "withdrawn",
    cancelled: "withdrawn",
    unlandable: "failed",
  },
  watching: {
    healthy: "landing",
    breach: "reverting",
    inconclusive: "watching",
    deadline: "watching",
    rollback: "reverting",
  },
  secondLanding: { grant: "landing", breach: "reverting", rollback: "reverting" },
  secondPushing: {
    landed: "watching",
    moved: "comparing",
    cancelled: "held",
    unlandable: "reverting",
    breach: "landing",
    rollback: "landing",
  },
  secondWatching: {
    healthy: "settled",
    breach: "reverting",
    inconclusive: "watching",
    deadline: "watching",
    rollback: "reverting",
  },
  reverting: {
    reverted: "reverted",
    conflict: "revert-blocked",
    unrevertable: "revert-blocked",
    deadline: "reverting",
  },
  blocked: { rollback: "reverting" },
  settled: { rollback: "reverting" },
};

/** Accepted everywhere and changing nothing: a grant given back, a seal refused. */
function isWithoutConsequence(decision: Decision, state: PatchState | undefined): boolean {
  if (decision.kind !== "accepted") return true;
  const isOnly = decision.events.every(({ type }) => type === "SealRefused");
  return isOnly && decision.state?.kind === state?.kind && decision.state?.epoch === state?.epoch;
}

const pairs = Object.entries(states).flatMap(([name, state]) =>
  Object.entries(commandsFor(state)).map(([asked, command]) => ({ name, state, asked, command })),
);

describe("decide", () => {
  test.for(Object.keys(states))("has an answer to every command while %s", (name) => {
    const state = states[name];
    const table = Object.entries(commandsFor(state)).flatMap(([asked, command]) => {
      const decision = decide(state, command, facts());
      const isIdle = isWithoutConsequence(decision, state);
      const isListed = expected[name]?.[asked] !== undefined;
      return isIdle && !isListed ? [] : [[asked, outcome(decision)]];
    });
    expect(Object.fromEntries(table)).toEqual(expected[name] ?? {});
  });

  test("P5: the same input gives the same output, to the byte", () => {
    for (const { state, command } of pairs) {
      const copy = structuredClone({ state, command });
      const first = decide(state, command, facts());
      expect(JSON.stringify(decide(copy.state, copy.command, facts()))).toBe(JSON.stringify(first));
      expect({ state, command }).toEqual(copy);
    }
  });

  test("P5: folding the events gives the decided state, also after a trip through JSON", () => {
    for (const { state, command } of pairs) {
      const decision = decide(state, command, facts());
      if (decision.kind !== "accepted") continue;
      const { events } = JSON.parse(JSON.stringify(decision)) as typeof decision;
      const folded = events.reduce(evolve, state);
      expect(JSON.stringify(folded)).toBe(JSON.stringify(decision.state));
    }
  });

  test("P4: a pause changes no answer to a rollback, a breach or a revert", () => {
    const back = ["rollback", "breach", "reverted", "conflict", "unrevertable"];
    const asked = pairs.filter((pair) => back.includes(pair.asked));
    expect(asked).toHaveLength(back.length * Object.keys(states).length);
    for (const { state, command } of asked) {
      const decision = decide(state, command, facts({ governance: paused }));
      expect(decision).toEqual(decide(state, command, facts()));
    }
  });

  test("P4: what has landed or is being pushed is taken back on request, whatever is paused", () => {
    const command: PatchCommand = { type: "request-rollback", ...person };
    for (const name of ["watching", "inconclusive", "secondLanding", "settled", "blocked"]) {
      const decision = decide(states[name], command, facts({ governance: paused }));
      expect(outcome(decision)).toBe("reverting");
      expect(decision).toMatchObject({
        effects: expect.arrayContaining([expect.objectContaining({ type: "revert" })]),
      });
    }
    const during = decide(states["pushing"], command, facts({ governance: paused }));
    expect(during).toMatchObject({
      events: [{ type: "RevertRequested" }],
      effects: [{ type: "cancel-landing", effectId: effectIdOf(states["pushing"]) }],
    });
  });

  test("nothing is pushed while landings are paused", () => {
    for (const { state, command } of pairs) {
      const decision = decide(state, command, facts({ governance: paused }));
      const effects = decision.kind === "accepted" ? decision.effects : [];
      expect(effects.map(({ type }) => type)).not.toContain("land");
    }
  });

  test("a deadline of another epoch is ignored in every state", () => {
    const names = [
      "render",
      "compare",
      "audit",
      "watch",
      "rollback",
      "recovery",
      "recheck",
    ] as const;
    for (const state of Object.values(states))
      for (const deadline of names)
        for (const shift of [-2, -1, 1]) {
          if (!state) continue;
          const command = { type: "reach-deadline", deadline, epoch: state.epoch + shift } as const;
          expect(decide(state, command, facts()).kind).toBe("ignored");
        }
  });

  test("every state that does not wait for ever has set the deadline that wakes it", () => {
    for (const { state, command } of pairs) {
      const decision = decide(state, command, facts());
      if (decision.kind !== "accepted" || !decision.state) continue;
      const { state: next, effects } = decision;
      if (next.kind === state?.kind && next.epoch === state.epoch) continue;
      const isTimed =
        ["rendering", "comparing", "auditing", "watching", "reverting"].includes(next.kind) ||
        (next.kind === "reverted" && next.recovery !== undefined) ||
        (next.kind === "held" && ["paused", "autonomy", "undecided"].includes(next.reason.kind));
      const epochs = effects.flatMap((effect) =>
        effect.type === "set-deadline" ? [effect.epoch] : [],
      );
      expect(epochs).toEqual(isTimed ? [next.epoch] : []);
    }
  });

  test("any sequence of commands is answered without a throw, and P5 holds along it", () => {
    const names = Object.keys(commandsFor(undefined));
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.keys(states)),
        fc.array(fc.tuple(fc.constantFrom(...names), fc.boolean()), { maxLength: 30 }),
        (start, asked) => {
          let state = states[start];
          for (const [name, isPaused] of asked) {
            const decision = decide(
              state,
              commandsFor(state)[name]!,
              facts({ governance: isPaused ? paused : ungoverned }),
            );
            if (decision.kind !== "accepted") continue;
            expect(decision.events.reduce(evolve, state)).toEqual(decision.state);
            expect(decision.state?.epoch ?? 0).toBeGreaterThanOrEqual(state?.epoch ?? 0);
            state = decision.state;
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
