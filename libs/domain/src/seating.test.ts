import { describe, expect, test } from "vitest";
import {
  after,
  candidateOn,
  comparedOn,
  facts,
  openingOf,
  patchOf,
  sealOf,
  voteOf,
} from "./patch/example.ts";
import { decide } from "./patch/decide.ts";
import type { PatchCommand } from "./patch/command.ts";
import type { PatchState } from "./patch/state.ts";
import type { Policy, Seat } from "./policy.ts";
import { policyFaults } from "./policy.ts";
import { verdictOf } from "./quorum.ts";
import { nextHeads, seatsOf } from "./seating.ts";

const seat = (head: string, more: Partial<Seat> = {}): Seat => ({ head, family: head, ...more });
const guard = seat("guard", { mustVote: true });
const cheap = seat("gemini", { family: "google", isModel: true });
const strong = seat("openai", { isModel: true, order: 1 });
const arbiter = seat("arbiter", { family: "anthropic", isModel: true, isArbiter: true });

describe("who is asked next", () => {
  test("never fewer than the approvals needed, never without a head that must vote", () => {
    const seats = [guard, cheap, strong];
    expect(nextHeads(seats, [], 2)).toEqual(["guard", "gemini"]);
    expect(nextHeads(seats, [], 3)).toEqual(["guard", "gemini", "openai"]);
    expect(nextHeads(seats, ["guard", "gemini"], 2)).toEqual(["openai"]);
    expect(nextHeads(seats, ["guard", "gemini", "openai"], 2)).toEqual([]);
    const late = seat("late", { mustVote: true, order: 5 });
    expect(nextHeads([guard, cheap, late], [], 2)).toEqual(["guard", "gemini", "late"]);
    const each = [guard, seat("b", { order: 1 }), seat("c", { order: 2 })];
    expect(nextHeads(each, [], 2)).toEqual(["guard", "b"]);
  });

  test("an arbiter sits only in a round with reasons", () => {
    expect(seatsOf([guard, arbiter], false)).toEqual([guard]);
    expect(seatsOf([guard, arbiter], true)).toEqual([guard, arbiter]);
  });
});

describe("a round in waves", () => {
  const policy: Partial<Policy> = { seats: [guard, cheap, strong, arbiter] };
  const submit: PatchCommand = { type: "submit", patch: patchOf(policy) };
  const record = (high: number): PatchCommand => ({
    type: "record-comparison",
    base: "b0",
    comparison: { ...comparedOn("b0"), variance: { kind: "measured", low: 0, high } } as never,
  });
  const effects = (state: PatchState | undefined, command: PatchCommand) => {
    const decision = decide(state, command, facts());
    return decision.kind === "accepted"
      ? decision.effects.flatMap((effect) =>
          "head" in effect ? [`${effect.type} ${effect.head}`] : [],
        )
      : [decision.kind];
  };
  const comparing = after(undefined, [submit]);
  const sealing = after(comparing, [record(0)]);
  const revealing = after(sealing, [sealOf("guard"), sealOf("gemini")]);

  test("asks the cheap seats first and lands on their approvals, at no further cost", () => {
    expect(effects(comparing, record(0))).toEqual(["audit guard", "audit gemini"]);
    const end = after(revealing, [openingOf("guard"), openingOf("gemini")]);
    expect(end).toMatchObject({ kind: "landing", verdict: { kind: "approved" } });
  });

  test("a split asks the strong seat, whose vote decides with those there are", () => {
    const split = after(revealing, [openingOf("guard")]);
    const last = openingOf("gemini", "reject");
    expect(effects(split, last)).toEqual(["audit openai"]);
    const asked = after(split, [last]);
    expect(asked).toMatchObject({ kind: "auditing", round: { phase: "sealing", later: [] } });
    const end = after(asked, [sealOf("openai"), openingOf("openai")]);
    expect(end).toMatchObject({ kind: "landing" });
    expect(end.votes.map(({ head }) => head)).toEqual(["guard", "gemini", "openai"]);
  });

  test("P10: a veto of the first wave ends the round before the strong seat costs anything", () => {
    const findings = [{ ruleId: "x", severity: "error", isHard: true, message: "m" }] as const;
    const veto = openingOf("guard", "reject", { findings });
    expect(after(revealing, [veto, openingOf("gemini")]).kind).toBe("rejected");
  });

  test("P3: a silent head is not the end while others can decide; nobody is asked in vain", () => {
    const due = (state: PatchState): PatchCommand => ({
      type: "reach-deadline",
      deadline: "audit",
      epoch: state.epoch,
    });
    expect(after(sealing, [due(sealing)])).toMatchObject({ kind: "held" });
    const opening = after(sealing, [sealOf("guard"), due(sealing)]);
    const second = after(opening, [openingOf("guard")]);
    expect(second).toMatchObject({ kind: "auditing", round: { asked: ["openai"] } });
    expect(decide(second, due(sealing), facts()).kind).toBe("ignored");
    expect(after(second, [due(second)])).toMatchObject({ kind: "held" });
  });

  test("P2: a seal of a head that was not asked, or is asked no more, is refused", () => {
    const early = decide(sealing, sealOf("openai"), facts());
    expect(early).toMatchObject({
      events: [{ type: "SealRefused", reason: expect.stringMatching(/^early/) as string }],
    });
    const split = after(revealing, [openingOf("guard"), openingOf("gemini", "reject")]);
    const late = decide(split, sealOf("guard", "m1", "again"), facts());
    expect(late).toMatchObject({
      events: [{ type: "SealRefused", reason: expect.stringMatching(/^late/) as string }],
    });
  });

  test("renders that differ bring the arbiter in, and everybody has to approve", () => {
    expect(effects(comparing, record(0.5))).toEqual(
      ["guard", "gemini", "openai", "arbiter"].map((head) => `audit ${head}`),
    );
    expect(after(comparing, [record(0.5)])).toMatchObject({
      round: { requirement: { approvals: 4 } },
    });
  });
});

test.each([
  ["one family", "author", 3],
  ["two families", "x", 2],
])("P3: renders of %s agree, %s: %i approvals are asked for", (_, family, approvals) => {
  const task = { title: "t", instructions: "i" };
  const patch = patchOf({ builders: ["b"] }, { task });
  const render = { slot: "b", diff: "d1", provider: "x", family } as const;
  const auditing = after(undefined, [
    { type: "submit", patch },
    { type: "record-render", slot: "b", render },
    { type: "record-comparison", base: "b0", comparison: comparedOn("b0") },
  ]);
  expect(auditing).toMatchObject({ round: { requirement: { approvals } } });
});

describe("the family that wrote the change", () => {
  const { digest } = candidateOn("b0");
  const judge = (
    authorFamily: string,
    approving: readonly string[],
    seats = [guard, cheap, strong],
  ) =>
    verdictOf({
      seats,
      votes: approving.map((head) => voteOf(head, digest)),
      requirement: { approvals: 2, reasons: [] },
      digest,
      authorFamily,
    });

  test("is never the only model that approves", () => {
    expect(judge("google", ["guard", "gemini"])).toMatchObject({ kind: "undecided" });
    expect(judge("openai", ["guard", "gemini"])).toMatchObject({ kind: "approved" });
    expect(judge("google", ["guard", "gemini", "openai"])).toMatchObject({ kind: "approved" });
    expect(judge("google", ["gemini", "openai"], [cheap, strong])).toMatchObject({
      kind: "approved",
    });
  });

  test("says so in the reasons, and leaves deterministic heads alone", () => {
    const { reason } = judge("google", ["guard", "gemini"]);
    expect(reason.because.find(({ name }) => name === "independence")?.detail).toContain("gemini");
    const plain = [guard, seat("proof"), seat("contract")];
    expect(judge("proof", ["guard", "proof"], plain)).toMatchObject({ kind: "approved" });
  });
});

test("two seats on one endpoint, or approvals only an arbiter could give, are faults", () => {
  const base = patchOf().policy;
  const on = (head: string) => seat(head, { endpoint: "models.internal" });
  expect(policyFaults({ ...base, seats: [on("a"), on("b")] }).join()).toMatch(
    /two seats on the endpoint/,
  );
  expect(policyFaults({ ...base, seats: [guard, arbiter] }).join()).toMatch(
    /more approvals than seats/,
  );
});
