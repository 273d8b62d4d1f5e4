import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Vote } from "../quorum.ts";
import { carriedHeads, type EndedRound } from "./carried-votes.ts";
import type { PatchCommand } from "./command.ts";
import { decide } from "./decide.ts";
import {
  after,
  decided,
  comparedOn,
  effectIdOf,
  facts,
  openingOf,
  paidSeats,
  patchOf,
  person,
  sealOf,
  suspensionOf,
  voteOf,
} from "./example.ts";
import type { Comparison } from "./patch.ts";
import type { PatchState } from "./state.ts";

type Compared = Comparison & { kind: "compared" };
const heads = paidSeats.map(({ head }) => head);
const on = (base: string, changes = {}) => comparedOn(base, changes) as Compared;
const approved = {
  kind: "approved",
  reason: { name: "q", holds: true, detail: "", because: [] },
} as const;
const ended = (changes: Partial<EndedRound> = {}): EndedRound => ({
  comparison: on("b0"),
  verdict: approved,
  votes: heads.map((head) => voteOf(head, "g-b0")),
  ...changes,
});
const carried = (round: EndedRound, next: Compared, now = 1000) =>
  carriedHeads(round, next, paidSeats, now);
const withVote = (head: string, changes: Partial<Vote>) =>
  ended({
    votes: ended().votes.map((each) => (each.head === head ? { ...each, ...changes } : each)),
  });

describe("votes that outlive a moved base (P6)", () => {
  test("are those of models, when the change means what it meant", () => {
    expect(carried(ended(), on("b1"))).toEqual(["gemini", "openai"]);
  });

  test.for<[string, Partial<Compared["candidate"]>, Partial<Compared>]>([
    ["one operator is another", { semanticDigest: "s1" }, {}],
    ["the text of the diff is another", { diff: "d1" }, {}],
    ["it is riskier", { tier: "destructive" }, {}],
    ["it has another risk", { riskTags: ["public-api"] }, {}],
    ["it touches another path", { paths: ["a.ts", "b.ts"] }, {}],
    ["the renders agree less", {}, { variance: { kind: "measured", low: 0, high: 0.02 } }],
    ["the variance is unknown", {}, { variance: { kind: "unknown", reason: "b" } }],
    ["the renders differ critically", {}, { critical: ["condition at a.ts:1"] }],
  ])("none when %s", ([, candidate, more]) => {
    expect(carried(ended(), { ...on("b1", candidate), ...more })).toEqual([]);
  });

  test.for<[string, EndedRound]>([
    ["the round was undecided", ended({ verdict: { ...approved, kind: "undecided" } })],
    ["the round was rejected", ended({ verdict: { ...approved, kind: "rejected" } })],
    ["there was no round", { votes: [] }],
    ["nothing was compared", ended({ comparison: { kind: "refused", reason: "r" } })],
  ])("none when %s", ([, round]) => {
    expect(carried(round, on("b1"))).toEqual([]);
  });

  test.for<[string, Partial<Vote>]>([
    ["has run out", { expiresAt: 999 }],
    ["abstained", { verdict: "abstain" }],
    ["voted on an older candidate", { digest: "g-bx" }],
    ["was carried to another candidate", { rebound: "g-bx" }],
    [
      "signed for another meaning",
      { binding: { ...voteOf("x", "g-b0").binding, semanticDigest: "s9" } },
    ],
  ])("not that of a head which %s", ([, changes]) => {
    expect(carried(withVote("gemini", changes), on("b1"))).toEqual(["openai"]);
  });

  test("a model's dissent is carried as well: nobody is asked until it approves", () => {
    expect(carried(withVote("gemini", { verdict: "reject" }), on("b1"))).toContain("gemini");
  });

  test("none where nobody would look at the new tree", () => {
    const models = paidSeats.filter(({ isModel }) => isModel);
    expect(carriedHeads(ended(), on("b1"), models, 1000)).toEqual([]);
  });

  test("whatever is carried was approved, means the same, is of a model and has not run out", () => {
    const digest = fc.constantFrom("g-b0", "g-bx");
    const vote = fc.record({
      head: fc.constantFrom(...heads),
      verdict: fc.constantFrom("approve", "reject", "abstain") as fc.Arbitrary<Vote["verdict"]>,
      digest,
      rebound: fc.option(digest, { nil: undefined }),
      expiresAt: fc.integer({ min: 900, max: 1100 }),
      meaning: fc.constantFrom("s0", "s1"),
    });
    const input = fc.record({
      votes: fc.uniqueArray(vote, { selector: ({ head }) => head }),
      verdict: fc.constantFrom("approved", "rejected", "undecided"),
      meaning: fc.constantFrom("s0", "s1"),
      diff: fc.constantFrom("d0", "d1"),
      tier: fc.constantFrom("docs", "service"),
    });
    fc.assert(
      fc.property(input, ({ votes, verdict, meaning, diff, tier }) => {
        const given = votes.map(({ meaning: semanticDigest, rebound, ...each }): Vote => {
          const whole = voteOf(each.head, each.digest, each.verdict, each);
          const binding = { ...whole.binding, semanticDigest };
          return rebound === undefined ? { ...whole, binding } : { ...whole, binding, rebound };
        });
        const round = ended({
          votes: given,
          verdict: { ...approved, kind: verdict as "approved" },
        });
        const next = on("b1", { semanticDigest: meaning, diff, tier: tier as "service" });
        for (const head of carried(round, next)) {
          const own = votes.find((each) => each.head === head);
          expect([verdict, meaning, diff, tier]).toEqual(["approved", "s0", "d0", "service"]);
          expect(own).toMatchObject({ meaning: "s0" });
          expect(own?.rebound ?? own?.digest).toBe("g-b0");
          expect(own?.expiresAt).toBeGreaterThanOrEqual(1000);
          expect(["gemini", "openai"]).toContain(head);
        }
      }),
    );
  });
});

describe("the round after a base moved", () => {
  const landing = (said: Readonly<Record<string, Vote["verdict"]>> = {}): PatchState =>
    after(undefined, [
      { type: "submit", patch: patchOf({ seats: paidSeats }) },
      { type: "record-comparison", base: "b0", comparison: on("b0") },
      ...heads.map((head) => sealOf(head)),
      ...heads.map((head) => openingOf(head, said[head] ?? "approve")),
      { type: "grant-lane", token: 1 },
    ]);
  const moved = (state: PatchState): PatchState =>
    after(state, [
      {
        type: "record-landing",
        effectId: effectIdOf(state),
        outcome: { kind: "base-moved", head: "b1" },
      },
    ]);
  const compare = (changes = {}): PatchCommand => ({
    type: "record-comparison",
    base: "b1",
    comparison: on("b1", changes),
  });
  const audit = (state: PatchState, changes = {}, at = {}) => {
    const decision = decided(state, compare(changes), facts({ cause: "m2", ...at }));
    const asked = decision.effects.flatMap((each) => (each.type === "audit" ? [each.head] : []));
    return { state: decision.state, asked };
  };
  const guardSays = (state: PatchState | undefined, verdict: Vote["verdict"]) =>
    after(state, [
      sealOf("guard", "m2"),
      openingOf("guard", verdict, { nonce: "m2", digest: "g-b1" }),
    ]);

  test("P2 P6: asks only who looks at the tree, and lands with votes that are carried over", () => {
    const { state, asked } = audit(moved(landing()));
    expect(asked).toEqual(["guard"]);
    expect(state).toMatchObject({
      kind: "auditing",
      candidate: { digest: "g-b1" },
      votes: [
        { head: "gemini", digest: "g-b0", rebound: "g-b1" },
        { head: "openai", digest: "g-b0", rebound: "g-b1" },
      ],
    });
    expect(guardSays(state, "approve")).toMatchObject({
      kind: "landing",
      candidate: { digest: "g-b1" },
    });
  });

  test("P6: one operator more, and everybody is asked again", () => {
    const { state, asked } = audit(moved(landing()), { semanticDigest: "s1" });
    expect(asked).toEqual(heads);
    expect(state?.votes).toEqual([]);
  });

  test("P2 P6: carried votes alone land nothing, whoever approves", () => {
    for (const verdict of ["abstain", "reject"] as const) {
      const held = guardSays(audit(moved(landing())).state, verdict);
      expect(held.kind).not.toBe("landing");
      expect(decide(held, { type: "approve", ...person }, facts()).kind).toBe("refused");
    }
    const noGuard = { seats: paidSeats.map((seat) => ({ ...seat, mustVote: false })) };
    const state = moved(
      after(undefined, [
        { type: "submit", patch: patchOf(noGuard) },
        { type: "record-comparison", base: "b0", comparison: on("b0") },
        ...heads.map((head) => sealOf(head)),
        ...heads.map((head) => openingOf(head)),
        { type: "grant-lane", token: 1 },
      ]),
    );
    const held = guardSays(audit(state).state, "abstain");
    expect(held).toMatchObject({ kind: "held", reason: { kind: "undecided" } });
    expect(JSON.stringify(held.verdict)).toContain("nobody has on this one");
    expect(decide(held, { type: "approve", ...person }, facts()).kind).toBe("refused");
  });

  test("a head whose vote is carried over cannot vote twice", () => {
    const { state } = audit(moved(landing()));
    const decision = decide(state, sealOf("gemini", "m2"), facts());
    expect(decision).toMatchObject({
      events: [{ type: "SealRefused", reason: "double: its vote is carried over" }],
    });
  });

  test("P6: a vote survives two moves, and a model that dissented still does", () => {
    const first = guardSays(audit(moved(landing({ openai: "reject" }))).state, "approve");
    const again = moved(after(first, [{ type: "grant-lane", token: 2 }]));
    const decision = decide(
      again,
      { type: "record-comparison", base: "b1", comparison: on("b1") },
      facts({ cause: "m3" }),
    );
    expect(decision.kind === "accepted" && decision.state?.votes).toMatchObject([
      { head: "gemini", verdict: "approve", digest: "g-b0", rebound: "g-b1" },
      { head: "openai", verdict: "reject", digest: "g-b0", rebound: "g-b1" },
    ]);
  });

  test("P7: a head whose vote is carried over needs no money", () => {
    const broke = { suspended: ["gemini", "openai"].map((head) => suspensionOf(head)) };
    expect(audit(moved(landing()), {}, broke).state?.kind).toBe("auditing");
    expect(audit(moved(landing()), { semanticDigest: "s1" }, broke).state).toMatchObject({
      kind: "held",
      reason: { kind: "budget" },
    });
  });

  test("a revision is another patch: it has no votes before its own (P6)", () => {
    const revision = patchOf(
      { seats: paidSeats },
      { id: "p00-example01", supersedes: "p00-example00" },
    );
    const state = after(undefined, [
      { type: "submit", patch: revision },
      { type: "record-comparison", base: "b0", comparison: on("b0") },
    ]);
    expect(state.votes).toEqual([]);
  });
});
