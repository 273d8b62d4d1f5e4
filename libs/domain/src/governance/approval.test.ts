import { describe, expect, test } from "vitest";
import {
  type Approval,
  type ApprovalStep,
  countApproval,
  openStep,
  stepFaults,
} from "./approval.ts";
import type { Delegation } from "./delegation.ts";
import type { Operator } from "./operator.ts";

const who = (name: string, ...roles: Operator["roles"]): Operator => ({ name, roles });
const ada = who("ada", "approver");
const bob = who("bob", "approver");
const otto = who("otto", "operator");
const root = who("root", "admin");
const steps: readonly ApprovalStep[] = [
  { name: "peer", count: 2 },
  { name: "security", count: 1, operators: ["sue"] },
];
const given = (by: string, step = "peer", more: Partial<Approval> = {}): Approval => ({
  step,
  by,
  reason: "read it",
  at: 1,
  ...more,
});
const delegation = (from: Operator, to: string, until = 10): Delegation => ({
  from,
  to,
  until,
  actor: from.name,
  reason: "away",
  since: 0,
});
const count = (by: Operator, more: Partial<Parameters<typeof countApproval>[0]> = {}) =>
  countApproval({ steps, given: [], by, delegations: [], authors: ["eve", "ci"], now: 5, ...more });

describe("an approval", () => {
  test("counts for the first step that misses one, from whoever it asks", () => {
    expect(count(ada)).toEqual({ kind: "counts", step: "peer" });
    expect(count(root)).toEqual({ kind: "counts", step: "peer" });
    const peers = [given("ada"), given("bob")];
    expect(count(who("sue", "viewer"), { given: peers })).toEqual({
      kind: "counts",
      step: "security",
    });
    // Where people are named, an admin is none of them.
    expect(count(root, { given: peers })).toMatchObject({
      reason: expect.stringContaining("asks sue"),
    });
    expect(openStep(steps, [...peers, given("sue", "security")])).toBe(undefined);
  });

  test.for([
    ["of the author, in any case", who("Eve", "admin"), [], "is the author"],
    ["of the sender", who("ci", "approver"), [], "is the author"],
    ["of one person twice", ada, [given("ada")], "has approved already"],
    [
      "in another step by the same person",
      who("ada", "admin"),
      [given("ada"), given("bob")],
      "already",
    ],
    ["of somebody without the role", otto, [], "none of them"],
  ] as const)("does not count: %s", ([, by, before, reason]) => {
    expect(count(by, { given: before })).toMatchObject({
      kind: "refused",
      reason: expect.stringContaining(reason),
    });
  });

  test("of a stand-in counts for one who is away, until the day and not besides them", () => {
    const delegations = [delegation(ada, "otto")];
    expect(count(otto, { delegations })).toEqual({
      kind: "counts",
      step: "peer",
      onBehalfOf: "ada",
    });
    expect(count(otto, { delegations, now: 10 }).kind).toBe("refused");
    expect(count(otto, { delegations, given: [given("ada")] }).kind).toBe("refused");
    const stoodIn = [given("otto", "peer", { onBehalfOf: "ada" })];
    expect(count(ada, { given: stoodIn })).toMatchObject({ reason: "ada has approved already" });
    // Nobody stands in for the author, nor passes on what was lent.
    expect(count(otto, { delegations: [delegation(who("eve", "admin"), "otto")] }).kind).toBe(
      "refused",
    );
    const chain = [delegation(ada, "otto"), delegation(otto, "vera")];
    expect(count(who("vera", "viewer"), { delegations: chain }).kind).toBe("refused");
  });

  test("two people are needed for two, however many roles and lenders one has", () => {
    const delegations = [delegation(ada, "bob")];
    const first = count(bob, { delegations });
    expect(first).toEqual({ kind: "counts", step: "peer" });
    expect(count(bob, { delegations, given: [given("bob")] }).kind).toBe("refused");
  });

  test("steps that nobody could take are faults", () => {
    expect(stepFaults([])[0]).toMatch(/name at least one step/);
    expect(stepFaults([{ name: "a", count: 2, operators: ["sue"] }])[0]).toMatch(/more people/);
    expect(stepFaults([steps[0]!, steps[0]!])[0]).toMatch(/twice/);
    expect(stepFaults(steps)).toEqual([]);
  });
});
