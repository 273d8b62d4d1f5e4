import { describe, expect, test } from "vitest";
import { candidateOn, hardFinding, voteOf } from "./patch/example.ts";
import type { Seat } from "./policy.ts";
import { type Vote, verdictOf } from "./quorum.ts";

const { digest } = candidateOn("b0");
const seats: readonly Seat[] = ["rules", "proof", "contract"].map((head) => ({
  head,
  family: head,
}));

const conducts = ["approve", "reject", "abstain", "none", "other digest", "hard finding"] as const;
type Conduct = (typeof conducts)[number];

function voteBy(head: string, conduct: Conduct): readonly Vote[] {
  switch (conduct) {
    case "none":
      return [];
    case "other digest":
      return [voteOf(head, "another", "approve")];
    case "hard finding":
      return [voteOf(head, digest, "approve", { findings: [hardFinding] })];
    default:
      return [voteOf(head, digest, conduct)];
  }
}

const cases = [2, 3].flatMap((approvals) =>
  conducts.flatMap((first) =>
    conducts.flatMap((second) =>
      conducts.map((third) => ({ approvals, round: [first, second, third] as const })),
    ),
  ),
);

const judge = (approvals: number, votes: readonly Vote[]) =>
  verdictOf({ seats, votes, requirement: { approvals, reasons: [] }, digest });

const votesOf = (round: readonly Conduct[]) =>
  round.flatMap((conduct, index) => voteBy(seats[index]!.head, conduct));

describe("verdictOf, all 432 rounds of three seats", () => {
  test("P2, P3, P10: approved, rejected or undecided exactly as counted by hand", () => {
    expect(cases).toHaveLength(432);
    for (const { approvals, round } of cases) {
      const count = (conduct: Conduct) => round.filter((one) => one === conduct).length;
      const hand =
        count("hard finding") > 0
          ? "rejected"
          : count("approve") >= approvals
            ? "approved"
            : count("reject") > 3 - approvals
              ? "rejected"
              : "undecided";
      const verdict = judge(approvals, votesOf(round));
      expect({ round, approvals, kind: verdict.kind }).toEqual({ round, approvals, kind: hand });
      expect(verdict.reason.holds).toBe(hand === "approved");
    }
  });

  test("P2: a vote for another candidate is worth as much as none", () => {
    for (const { approvals, round } of cases) {
      const silent = round.map((conduct) => (conduct === "other digest" ? "none" : conduct));
      expect(judge(approvals, votesOf(round)).kind).toBe(judge(approvals, votesOf(silent)).kind);
    }
  });

  test("P3: a vote that stays out, other than a veto, never approves and never rejects", () => {
    const turned = cases.flatMap(({ approvals, round }) =>
      round.flatMap((conduct, index) => {
        const less = round.map((one, at) => (at === index ? "none" : one));
        const before = judge(approvals, votesOf(round)).kind;
        const after = judge(approvals, votesOf(less)).kind;
        const isSame = after === before || after === "undecided" || conduct === "hard finding";
        return isSame ? [] : [{ approvals, round, index, before, after }];
      }),
    );
    expect(turned).toEqual([]);
  });

  test("P5: the order of the votes changes nothing, and the reasons name every seat, dissent first", () => {
    for (const { approvals, round } of cases) {
      const votes = votesOf(round);
      const verdict = judge(approvals, votes);
      expect(judge(approvals, votes.toReversed())).toEqual(verdict);
      const lines = verdict.reason.because.slice(0, 3);
      expect(lines.map(({ name }) => name).sort()).toEqual(["contract", "proof", "rules"]);
      const holds = lines.map((line) => line.holds);
      expect(holds).toEqual(holds.toSorted((left, right) => Number(left) - Number(right)));
    }
  });
});

describe("verdictOf", () => {
  test("P2: a head counts once, however often it votes", () => {
    const votes = [voteOf("rules", digest), voteOf("rules", digest), voteOf("rules", digest)];
    expect(judge(2, votes).kind).toBe("undecided");
  });

  test("P2: a head without a seat counts nothing, neither its approval nor its veto", () => {
    const stranger = voteOf("stranger", digest, "approve", { findings: [hardFinding] });
    expect(judge(2, [voteOf("rules", digest), stranger]).kind).toBe("undecided");
  });
});

describe("a head that must vote", () => {
  const seats = [
    { head: "rules", family: "rules", mustVote: true },
    { head: "proof", family: "proof" },
    { head: "contract", family: "contract" },
  ];
  const voteOf = (head: string, verdict: Vote["verdict"]): Vote => ({
    patchId: "p",
    head,
    digest: "d",
    binding: { base: "b", tree: "t", semanticDigest: "s", policyDigest: "q" },
    nonce: "n",
    verdict,
    findings: [],
    metaHash: "h",
    expiresAt: 1,
  });
  const others = [voteOf("proof", "approve"), voteOf("contract", "approve")];
  const kindOf = (votes: Vote[]) =>
    verdictOf({ seats, votes, requirement: { approvals: 2, reasons: [] }, digest: "d" }).kind;

  test("P10: its silence or abstention is not outvoted", () => {
    expect(kindOf(others)).toBe("undecided");
    expect(kindOf([...others, voteOf("rules", "abstain")])).toBe("undecided");
    expect(kindOf([...others, { ...voteOf("rules", "approve"), digest: "other" }])).toBe(
      "undecided",
    );
  });

  test("P11: its rejection is not outvoted either: a person decides", () => {
    expect(kindOf([...others, voteOf("rules", "reject")])).toBe("undecided");
    expect(kindOf([voteOf("proof", "reject"), voteOf("rules", "reject")])).toBe("rejected");
  });

  test("P2: with its approval two decide as ever", () => {
    expect(kindOf([...others, voteOf("rules", "approve")])).toBe("approved");
  });
});
