import { describe, expect, test } from "vitest";
import type { Suspension } from "../budget/spend-ledger.ts";
import type { Tier } from "../policy.ts";
import type { Vote } from "../quorum.ts";
import type { PatchCommand } from "./command.ts";
import { decide } from "./decide.ts";
import type { Facts } from "./decision.ts";
import {
  after,
  comparedOn,
  facts,
  hardFinding,
  openingOf,
  paidSeats,
  patchOf,
  person,
  sealOf,
  suspensionOf,
} from "./example.ts";
import type { PatchState } from "./state.ts";

const heads = paidSeats.map(({ head }) => head);
const comparing = after(undefined, [{ type: "submit", patch: patchOf({ seats: paidSeats }) }]);
const compare = (tier: Tier = "service"): PatchCommand => ({
  type: "record-comparison",
  base: "b0",
  comparison: comparedOn("b0", { tier }),
});
const suspended = (names: readonly string[], resetAt = 0): Partial<Facts> => ({
  suspended: names.map((head) => suspensionOf(head, resetAt)),
});
const decided = (state: PatchState | undefined, command: PatchCommand, at: Partial<Facts> = {}) => {
  const decision = decide(state, command, facts(at));
  if (decision.kind !== "accepted" || !decision.state) throw new Error(decision.kind);
  return { ...decision, state: decision.state };
};
const deadlineOf = (state: PatchState): PatchCommand => ({
  type: "reach-deadline",
  deadline: "recheck",
  epoch: state.epoch,
});

type Conduct = "approve" | "reject" | "abstain" | "silent" | "veto" | "unpaid";
const conducts: readonly Conduct[] = ["approve", "reject", "abstain", "silent", "veto", "unpaid"];

/** The whole round: every head that is asked and not silent seals, then opens; the clock ends the rest. */
function roundOf(start: PatchState, conduct: Readonly<Record<string, Conduct>>): PatchState {
  let state = start;
  const speaking = heads.filter(
    (head) =>
      conduct[head] !== "silent" &&
      state.kind === "auditing" &&
      !state.round.suspended.some((each) => each.head === head),
  );
  for (const head of speaking) state = decided(state, sealOf(head)).state;
  while (state.kind === "auditing" && state.round.phase === "sealing")
    state = decided(state, { ...deadlineOf(state), deadline: "audit" } as PatchCommand).state;
  for (const head of speaking) state = decided(state, opened(head, conduct[head]!)).state;
  return state;
}

function opened(head: string, conduct: Conduct): PatchCommand {
  const changes: Partial<Vote> = {
    ...(conduct === "veto" ? { findings: [hardFinding] } : {}),
    ...(conduct === "unpaid" ? { suspension: suspensionOf(head, 5000) } : {}),
  };
  const verdict = conduct === "veto" ? "reject" : conduct === "unpaid" ? "abstain" : conduct;
  return openingOf(head, verdict as Vote["verdict"], changes);
}

/** What should come of a round, counted by hand. */
function expected(row: Row): string {
  const spoken = heads.filter((head) => !row.absent.includes(head));
  if (spoken.length < 2) return "held budget";
  const count = (conduct: Conduct) => spoken.filter((head) => row.conduct[head] === conduct).length;
  if (count("veto") > 0) return "rejected";
  const needed = row.tier === "service" ? 2 : 3;
  if (count("approve") >= needed && row.conduct["guard"] === "approve") return "landing";
  if (count("reject") > 3 - needed) return "rejected";
  return row.absent.length > 0 || count("unpaid") > 0 ? "held budget" : "held undecided";
}

interface Row {
  readonly tier: Tier;
  readonly absent: readonly string[];
  readonly conduct: Readonly<Record<string, Conduct>>;
}

const tiers = ["docs", "service", "destructive", "data"] as const;
const rows: Row[] = tiers.flatMap((tier) =>
  [[], ["gemini"], ["openai"], ["gemini", "openai"]].flatMap((absent) =>
    conducts.flatMap((guard) =>
      conducts.flatMap((gemini) =>
        conducts.map((openai) => ({ tier, absent, conduct: { guard, gemini, openai } })),
      ),
    ),
  ),
);

const kindOf = (state: PatchState) =>
  state.kind === "held" ? `held ${state.reason.kind}` : state.kind;

describe("the quorum, all rounds of a guard and two paid heads", () => {
  const outcomes = rows.map((row) => {
    const start = decided(comparing, compare(row.tier), suspended(row.absent)).state;
    const state = start.kind === "auditing" ? roundOf(start, row.conduct) : start;
    return { row, state };
  });

  test("P2 P3 P10 P11: seats × verdicts × tiers × degraded decide as counted by hand", () => {
    expect(outcomes).toHaveLength(4 * 4 * 216);
    for (const { row, state } of outcomes) {
      const low = row.tier === "docs" ? { ...row, tier: "service" as const } : row;
      expect([row, kindOf(state)]).toEqual([row, expected(low)]);
    }
  });

  test("P2: with both paid heads suspended nothing lands, however the guard votes", () => {
    const alone = outcomes.filter(({ row }) => row.absent.length === 2);
    expect(alone).toHaveLength(4 * 216);
    for (const { state } of alone) expect(kindOf(state)).toBe("held budget");
  });

  test("P2 P10: a person's approval lands only what two heads approve and the guard has seen", () => {
    const held = outcomes.filter(({ state }) => state.kind === "held");
    expect(held.length).toBeGreaterThan(500);
    for (const { row, state } of held) {
      const decision = decide(state, { type: "approve", ...person }, facts());
      const given = state.votes.filter(({ verdict }) => verdict === "approve").length;
      const isGuardHeard = state.votes.some(
        ({ head, verdict }) => head === "guard" && verdict !== "abstain",
      );
      const lands = given >= 2 && isGuardHeard;
      expect([row, decision.kind]).toEqual([row, lands ? "accepted" : "refused"]);
    }
  });
});

describe("degraded", () => {
  const both = suspended(["gemini", "openai"], 5000);

  test("a seat that costs nothing is never suspended", () => {
    const { state } = decided(comparing, compare(), suspended(["guard"]));
    expect(state).toMatchObject({ kind: "auditing", round: { suspended: [] } });
  });

  test("a suspended head is not asked, and its seal is refused", () => {
    const { state, effects } = decided(comparing, compare(), suspended(["gemini"]));
    const asked = effects.flatMap((effect) => (effect.type === "audit" ? [effect.head] : []));
    expect(asked).toEqual(["guard", "openai"]);
    const { events } = decided(state, sealOf("gemini"));
    expect(events).toMatchObject([{ type: "SealRefused", reason: "stale: it is suspended" }]);
  });

  test("too few heads: held with the reason, the reset times and a look at it every 20 s", () => {
    const { state, effects } = decided(comparing, compare(), both);
    expect(state).toMatchObject({
      kind: "held",
      reason: {
        kind: "budget",
        detail: "gemini is suspended: used up; openai is suspended: used up",
        suspended: [{ resetAt: 5000 }, { resetAt: 5000 }],
      },
    });
    expect(effects).toContainEqual(
      expect.objectContaining({ type: "set-deadline", deadline: "recheck", dueAt: 21_000 }),
    );
    expect(effects).toContainEqual(expect.objectContaining({ type: "page", level: "warning" }));
  });

  test("while nothing has changed it waits on; when money is back it is audited anew", () => {
    const { state } = decided(comparing, compare(), both);
    const still = decided(state, deadlineOf(state), { ...both, now: 21_000 });
    expect([still.state.kind, still.effects]).toMatchObject([
      "held",
      [{ type: "set-deadline", dueAt: 41_000 }],
    ]);
    const again = decided(state, deadlineOf(state), { now: 21_000, cause: "m9" });
    expect(again.state).toMatchObject({ kind: "auditing", round: { nonce: "m9", votes: [] } });
    expect(again.events.map(({ type }) => type)).toEqual(["Resumed", "AuditStarted"]);
  });

  const unpaid = (resetAt: number): PatchState => {
    const start = decided(comparing, compare()).state;
    const suspension: Omit<Suspension, "head"> = { cap: "patch", reason: "too dear", resetAt };
    return [
      ...heads.map((head) => sealOf(head)),
      openingOf("guard"),
      openingOf("gemini", "abstain", { suspension }),
      openingOf("openai", "abstain", { suspension }),
    ].reduce((state, command) => decided(state, command).state, start);
  };

  test("heads that cannot pay for their answer hold the patch until their cap opens again", () => {
    const state = unpaid(5000);
    expect(state).toMatchObject({ kind: "held", reason: { kind: "budget", recheckAt: 5000 } });
    expect(decided(state, deadlineOf(state), { now: 5000 }).state.kind).toBe("auditing");
  });

  test("what a call needs is known: a cap that is raised lets it go on within 20 s", () => {
    const needed = { cap: "day", reason: "too dear", resetAt: 900_000, neededMicroUsd: 9000 };
    const state = [
      ...heads.map((head) => sealOf(head)),
      openingOf("guard"),
      openingOf("gemini", "abstain", { suspension: needed }),
      openingOf("openai", "abstain", { suspension: { ...needed, cap: "sender" } }),
    ].reduce((at, command) => decided(at, command).state, decided(comparing, compare()).state);
    expect(state).toMatchObject({ kind: "held", reason: { kind: "budget", recheckAt: 21_000 } });
    const still = suspended(["gemini", "openai"], 900_000);
    expect(decided(state, deadlineOf(state), { ...still, now: 21_000 }).events).toEqual([]);
    expect(decided(state, deadlineOf(state), { now: 21_000 }).state.kind).toBe("auditing");
  });

  test("a cap without a clock waits for a person", () => {
    expect(unpaid(0)).toMatchObject({ kind: "held", reason: { kind: "budget", recheckAt: 0 } });
  });

  test("P4: what is held for money can be rolled back and withdrawn", () => {
    const { state } = decided(comparing, compare(), both);
    for (const type of ["request-rollback", "withdraw"] as const)
      expect(decided(state, { type, ...person }, both).state.kind).toBe("withdrawn");
  });
});
