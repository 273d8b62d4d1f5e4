import { describe, expect, test } from "vitest";
import { explanationAgreement, independenceOf } from "./independence.ts";
import { voteOf } from "./patch/example.ts";
import type { Vote } from "./quorum.ts";

type Said = "a" | "r" | "-";
const verdicts: Record<Said, Vote["verdict"]> = { a: "approve", r: "reject", "-": "abstain" };
const round = (said: string) =>
  said.split("").map((each, at) => voteOf(`h${at}`, "g-b0", verdicts[each as Said]));
const rounds = (times: number, ...said: string[]) =>
  Array.from({ length: times }, () => said.map(round)).flat();

describe("independence", () => {
  test("heads that always say the same count as one", () => {
    expect(independenceOf(rounds(10, "aaa", "rrr"))).toMatchObject({ effectiveVotes: 1 });
  });

  test("heads that say all combinations alike count as many as they are", () => {
    const { effectiveVotes, pairs } = independenceOf(rounds(10, "aa", "ar", "ra", "rr"));
    expect(effectiveVotes).toBe(2);
    expect(pairs).toEqual([
      { heads: ["h0", "h1"], rounds: 40, agreementRatio: 0.5, correlation: 0 },
    ]);
  });

  test("heads that contradict each other count as no more than they are", () => {
    expect(independenceOf(rounds(20, "ar", "ra")).effectiveVotes).toBe(2);
  });

  test("half alike lies between: phi 0.5 makes 4/3 of two", () => {
    const { effectiveVotes } = independenceOf(
      rounds(10, "aa", "aa", "aa", "rr", "rr", "rr", "ar", "ra"),
    );
    expect(effectiveVotes).toBeCloseTo(4 / 3);
  });

  test.each([
    ["too few rounds", rounds(4, "aa", "rr")],
    ["a head that always approves", rounds(20, "aa", "ar")],
    ["one head", rounds(30, "a", "r")],
    ["abstentions", rounds(30, "a-", "r-")],
    ["nothing", []],
  ])("%s says nothing", (_, past) => {
    expect(independenceOf(past)).not.toHaveProperty("effectiveVotes");
  });
});

describe("agreement of explanations", () => {
  const naming = (head: string, ...names: string[]) =>
    voteOf(head, "g-b0", "reject", {
      findings: names.map((ruleId) => ({
        ruleId,
        severity: "error" as const,
        isHard: false,
        path: "a.ts",
        message: head,
      })),
    });

  test.each([
    ["the same names in other words", [naming("x", "r1"), naming("y", "r1")], 1],
    ["nothing in common", [naming("x", "r1"), naming("y", "r2")], 0],
    ["half in common", [naming("x", "r1", "r2"), naming("y", "r2")], 0.5],
    ["no findings at all", [naming("x"), naming("y")], 1],
    ["one vote", [naming("x", "r1")], undefined],
  ])("%s", (_, votes, ratio) => {
    expect(explanationAgreement(votes).ratio).toBe(ratio);
  });
});
