import { describe, expect, test } from "vitest";
import type { PatchCommand } from "./command.ts";
import { decide } from "./decide.ts";
import type { Decision } from "./decision.ts";
import {
  after,
  candidateOn,
  comparedOn,
  effectIdOf,
  exampleStates,
  facts,
  hardFinding,
  landedIn,
  landingFrom,
  observationOf,
  openingOf,
  patchOf,
  paused,
  person,
  pushingFrom,
  sealOf,
  watchingFrom,
} from "./example.ts";
import type { PatchState } from "./state.ts";

const states = exampleStates();
const { comparing, sealing, revealing, autonomy, pushing, secondPushing } = states;

function accepted(decision: Decision): Decision & { kind: "accepted" } {
  if (decision.kind !== "accepted") throw new Error(decision.reason);
  return decision;
}
const ask = (state: PatchState | undefined, command: PatchCommand, at = facts()) =>
  accepted(decide(state, command, at));

describe("intake", () => {
  test("P1: the same patch is taken up once", () => {
    expect(decide(comparing, { type: "submit", patch: patchOf() }, facts()).kind).toBe("ignored");
  });

  test("P2: a candidate on another base than was asked about is no comparison", () => {
    const comparison = { ...comparedOn("b0"), candidate: candidateOn("b9") } as const;
    const command: PatchCommand = {
      type: "record-comparison",
      base: "b0",
      comparison: comparison as never,
    };
    expect(decide(comparing, command, facts()).kind).toBe("ignored");
  });

  const variances = [
    [{ kind: "measured", low: 0, high: 0.02 }, 2],
    [{ kind: "measured", low: 0, high: 0.04 }, 3],
    [{ kind: "measured", low: 0, high: Number.NaN }, 3],
    [{ kind: "unknown", reason: "one render" }, 3],
  ] as const;
  test.for(variances)("P3: variance %j asks for %i approvals", ([variance, approvals]) => {
    const comparison = { ...comparedOn("b0"), variance } as never;
    const { state } = ask(comparing, { type: "record-comparison", base: "b0", comparison });
    expect(state).toMatchObject({ kind: "auditing", round: { requirement: { approvals } } });
  });
});

describe("the audit", () => {
  const bad = [
    ["for another patch", { patchId: "p00-other0000" }],
    ["by another head", { head: "proof" }],
    ["for another candidate", { digest: "g-b9" }],
    ["from another round", { nonce: "m0" }],
    ["that has expired", { expiresAt: 999 }],
  ] as const;
  test.for(bad)("P2: a vote %s is not recorded", ([, changes]) => {
    const opening = openingOf("rules", "approve", changes);
    const { events } = ask(revealing, { ...opening, head: "rules", nonce: "m1" } as PatchCommand);
    expect(events).toMatchObject([{ type: "VoteRefused", head: "rules" }]);
  });

  test("P2: a seal refused while votes are opened takes no vote from the round", () => {
    for (const seal of [sealOf("rules", "m1", "other"), sealOf("rules", "m0")]) {
      const { events, state } = ask(revealing, seal);
      expect(events).toMatchObject([{ type: "SealRefused" }]);
      expect(state).toEqual(revealing);
      expect(ask(state, openingOf("rules")).events).toMatchObject([{ type: "VoteRecorded" }]);
    }
  });

  test("a seal delivered twice is one seal", () => {
    const state = ask(sealing, sealOf("rules")).state;
    expect(decide(state, sealOf("rules"), facts()).kind).toBe("ignored");
  });

  test("P10: one hard finding rejects, though all approve", () => {
    const veto = openingOf("rules", "approve", { findings: [hardFinding] });
    const end = after(revealing, [veto, openingOf("proof"), openingOf("contract")]);
    expect(end.kind).toBe("rejected");
  });

  test("P3: with no vote in, the deadline holds the patch; it neither lands nor is rejected", () => {
    const command = { type: "reach-deadline", deadline: "audit", epoch: sealing!.epoch } as const;
    expect(ask(sealing, command).state).toMatchObject({
      kind: "held",
      reason: { kind: "undecided" },
    });
  });

  test("P2: a person stands in for a missing third approval, not for the quorum", () => {
    const risky = { ...comparedOn("b0"), variance: { kind: "unknown", reason: "x" } } as never;
    const opened = after(comparing, [
      { type: "record-comparison", base: "b0", comparison: risky },
      ...["rules", "proof", "contract"].map((head) => sealOf(head)),
      openingOf("rules"),
    ]);
    const approve: PatchCommand = { type: "approve", ...person };
    const two = after(opened, [openingOf("proof"), openingOf("contract", "abstain")]);
    expect(ask(two, approve).state?.kind).toBe("landing");
    const one = after(opened, [openingOf("proof", "abstain"), openingOf("contract", "abstain")]);
    expect(decide(one, approve, facts()).kind).toBe("refused");
  });

  test("P6: a moved base opens a round without votes", () => {
    const moved = after(pushing, [
      {
        type: "record-landing",
        effectId: effectIdOf(pushing),
        outcome: { kind: "base-moved", head: "b1" },
      },
      { type: "record-comparison", base: "b1", comparison: comparedOn("b1") },
    ]);
    expect(moved).toMatchObject({ kind: "auditing", votes: [], landings: [], rebases: 1 });
  });
});

describe("landing", () => {
  test("P1: every attempt has its own effect id, and only its own answer counts", () => {
    const again = pushingFrom(
      after(pushing, [
        { type: "record-landing", effectId: effectIdOf(pushing), outcome: { kind: "cancelled" } },
        { type: "reach-deadline", deadline: "recheck", epoch: pushing!.epoch + 1 },
      ]),
      2,
    );
    expect(effectIdOf(again)).not.toBe(effectIdOf(pushing));
    expect(decide(again, landedIn(pushing!), facts()).kind).toBe("ignored");
  });

  test("P9: a landed tree other than the audited one is taken back at once", () => {
    const { state, effects } = ask(pushing, landedIn(pushing!, { tree: "another" }));
    expect(state?.kind).toBe("reverting");
    expect(effects).toMatchObject([{ type: "revert", landings: [{ tree: "another" }] }, {}, {}]);
  });

  test("P9: when the base moved, nothing of the patch counts as landed, also if it is then given up", () => {
    const moved = (state: PatchState): PatchCommand => ({
      type: "record-landing",
      effectId: effectIdOf(state),
      outcome: { kind: "base-moved", head: "b1" },
    });
    const asked = after(secondPushing, [{ type: "request-rollback", ...person }]);
    expect(ask(asked, moved(asked)).state).toMatchObject({ kind: "withdrawn", landings: [] });
    const patch = patchOf({ maxRebases: 0 });
    const watching = watchingFrom(pushingFrom(landingFrom(patch)));
    const last = pushingFrom(after(watching, [observationOf(watching, "healthy")]), 2);
    expect(ask(last, moved(last)).state).toMatchObject({ kind: "failed", landings: [] });
  });

  test("landings are reverted newest first", () => {
    const { effects } = ask(states["secondWatching"], { type: "request-rollback", ...person });
    expect(effects[0]).toMatchObject({
      type: "revert",
      landings: [{ stage: "target" }, { stage: "canary" }],
    });
  });

  test("who waits for a person leaves the lane, and a later request outlives that release", () => {
    const { effects } = ask(
      after(landingFrom(), []),
      { type: "grant-lane", token: 1 },
      facts({ governance: paused }),
    );
    expect(effects.map(({ type }) => type)).toEqual(["set-deadline"]);
    const request = ask(autonomy, { type: "approve", ...person }).effects[0];
    expect(request).toMatchObject({ type: "request-lane", epoch: autonomy!.epoch + 1 });
  });
});

describe("the watch", () => {
  test("P3: only a verdict on this very landing counts; a breach always does", () => {
    const watching = watchingFrom();
    const late = (kind: "healthy" | "inconclusive" | "breach") =>
      decide(watching, { ...observationOf(watching, kind), token: 99 } as PatchCommand, facts());
    expect(late("healthy").kind).toBe("ignored");
    expect(late("inconclusive").kind).toBe("ignored");
    expect(ask(watching, observationOf(watching, "healthy")).state?.kind).toBe("landing");
    expect(accepted(late("breach")).state?.kind).toBe("reverting");
  });

  test("P3: evidence is waited for as often as the policy says, then a person is asked", () => {
    let state = watchingFrom(pushingFrom(landingFrom(patchOf({ maxExtensions: 2 }))));
    for (const kind of ["watching", "watching", "held"] as const) {
      state = after(state, [observationOf(state, "inconclusive")]);
      expect(state.kind).toBe(kind);
    }
  });
});
