import { describe, expect, test } from "vitest";
import { defaultPolicy } from "../default-policy.ts";
import { type Governance, ungoverned } from "../governance/governance.ts";
import type { Stop, StopScope } from "../governance/stop.ts";
import type { PatchCommand } from "./command.ts";
import { decide } from "./decide.ts";
import {
  after,
  comparedOn,
  exampleStates,
  facts,
  landedIn,
  landingFrom,
  observationOf,
  openingOf,
  patchOf,
  person,
  pushingFrom,
  sealOf,
  watchingFrom,
} from "./example.ts";
import type { PatchState } from "./state.ts";

const states = exampleStates();
const stopOf = (scope: StopScope, more: Partial<Stop> = {}): Stop => ({
  scope,
  actor: "otto",
  reason: "it smells",
  since: 0,
  ...more,
});
const governed = (changes: Partial<Governance>, now = 1000) =>
  facts({ now, governance: { ...ungoverned, ...changes } });
const grant: PatchCommand = { type: "grant-lane", token: 1 };
const recheckOf = (state: PatchState): PatchCommand => ({
  type: "reach-deadline",
  deadline: "recheck",
  epoch: state.epoch,
});
const told = (state: PatchState | undefined, command: PatchCommand, at = facts()) => {
  const decision = decide(state, command, at);
  if (decision.kind !== "accepted") throw new Error(decision.reason);
  return { types: decision.effects.map(({ type }) => type), state: decision.state! };
};
const always = {
  kind: "weekly",
  days: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
  from: "00:00",
  to: "12:00",
  timeZone: "UTC",
  reason: "night",
} as const;
const full = ["p1", "p2", "p3"].map((patchId) => ({ patchId, author: "ci", at: 900 }));
const quota = { record: { ...ungoverned.record, landings: full } };

describe("the gate before a landing", () => {
  test.for([
    ["a stop of its author", {}, { stops: [stopOf({ kind: "author", name: "ci" })] }, "stopped"],
    [
      "a stop of the patch",
      {},
      { stops: [stopOf({ kind: "patch", name: "p00-example00" })] },
      "stopped",
    ],
    ["a freeze", { freezes: [always] }, {}, "frozen"],
    ["a quota", {}, quota, "limited"],
  ] as const)(
    "P4: %s holds the patch out of the lane, until it is open; a rollback goes through",
    ([, policy, governance, kind]) => {
      const landing = landingFrom(patchOf(policy));
      const held = told(landing, grant, governed(governance));
      expect(held.state).toMatchObject({ kind: "held", reason: { kind } });
      expect(held.types).toEqual(["release-lane", "set-deadline"]);
      const still = told(held.state, recheckOf(held.state), governed(governance));
      expect([still.state.kind, still.types]).toEqual(["held", ["set-deadline"]]);
      const noon = 12 * 3_600_000 + 86_400_000;
      const open = told(held.state, recheckOf(held.state), governed({}, noon));
      expect([open.state.kind, open.types]).toEqual(["landing", ["request-lane"]]);
      const back = told(held.state, { type: "request-rollback", ...person }, governed(governance));
      expect(back.state.kind).toBe("withdrawn");
    },
  );

  test("P4: what has landed keeps the lane while it waits, and is taken back all the same", () => {
    const stops = [stopOf({ kind: "repository", name: "shop" })];
    const second = states["secondLanding"]!;
    const held = told(second, grant, governed({ stops }));
    expect([held.state.kind, held.types]).toEqual(["held", ["set-deadline"]]);
    const breach = observationOf(held.state, "breach");
    expect(told(held.state, breach, governed({ stops })).state.kind).toBe("reverting");
  });

  test("a label set by somebody who may lets a patch through a freeze, and through nothing else", () => {
    const landing = landingFrom(patchOf({ freezes: [always] }));
    expect(told(landing, grant, governed({ isFreezeExempt: true })).types).toEqual(["land"]);
    const full = told(landing, grant, governed({ isFreezeExempt: true, ...quota }));
    expect(full.state).toMatchObject({ reason: { kind: "limited" } });
  });

  test("what is on a branch is not held by a quota", () => {
    expect(told(states["secondLanding"], grant, governed(quota)).types).toEqual(["land"]);
  });

  test("the first stage is noted for the quota, and a revert with what is not to come again", () => {
    const pushing = pushingFrom();
    const first = told(pushing, landedIn(pushing));
    expect(first.types).toContain("note-landing");
    const second = states["secondPushing"]!;
    expect(told(second, landedIn(second)).types).not.toContain("note-landing");
    const reverting = states["reverting"] as PatchState & { kind: "reverting" };
    const outcome = { kind: "reverted", reverts: [] } as const;
    const reverted: PatchCommand = { type: "record-revert", effectId: reverting.effectId, outcome };
    const decision = decide(reverting, reverted, facts());
    expect(decision).toMatchObject({
      effects: expect.arrayContaining([
        expect.objectContaining({
          type: "note-revert",
          author: "ci",
          isAutomatic: true,
          change: expect.objectContaining({ semanticDigest: "s0" }),
        }),
      ]),
    });
  });
});

describe("a bypass", () => {
  const admin = { ...person, by: { name: "root", roles: ["admin"] } } as const;
  const bypass: PatchCommand = { type: "bypass", until: 5000, ...admin };
  const frozen = told(landingFrom(patchOf({ freezes: [always] })), grant, governed(quota)).state;

  test("opens freezes and quotas, is counted as an emergency, and ends", () => {
    const granted = told(frozen, bypass, governed(quota));
    expect(granted.types).toEqual(["request-lane"]);
    const pushing = told(granted.state, grant, governed(quota));
    expect(pushing.types).toEqual(["land"]);
    const landed = decide(pushing.state, landedIn(pushing.state), governed(quota));
    expect(landed).toMatchObject({
      effects: expect.arrayContaining([
        expect.objectContaining({ type: "note-landing", isEmergency: true }),
      ]),
    });
    const late = told(granted.state, grant, governed(quota, 5000));
    expect(late.state).toMatchObject({ kind: "held", reason: { kind: "frozen" } });
  });

  test("P10: opens no stop, stands in for no vote and brings back nothing that was rejected", () => {
    const stops = [stopOf({ kind: "author", name: "ci" })];
    const granted = told(frozen, bypass, governed(quota)).state;
    expect(told(granted, grant, governed({ stops })).state).toMatchObject({
      reason: { kind: "stopped" },
    });
    const undecided = told(states["undecided"], bypass, governed({}));
    expect([undecided.state.kind, undecided.types]).toEqual(["held", []]);
    expect(decide(states["rejected"], bypass, facts()).kind).toBe("refused");
  });

  test("is an admin's, and as rare as the policy says", () => {
    expect(decide(frozen, { ...bypass, ...person }, facts())).toMatchObject({
      reason: "only an admin grants a bypass",
    });
    const used = [...full, { patchId: "p4", author: "ci", at: 900, isEmergency: true }];
    const record = { ...ungoverned.record, landings: used };
    expect(decide(frozen, bypass, governed({ record })).kind).toBe("refused");
  });
});

describe("approvals", () => {
  const approvalSteps = [
    { name: "peer", count: 2 },
    { name: "security", count: 1, operators: ["sue"] },
  ];
  const held = landingFrom(patchOf({ autonomy: "recommend", approvalSteps }));
  const by = (name: string): PatchCommand => ({
    type: "approve",
    actor: name,
    reason: "read it",
    by: { name, roles: ["approver"] },
  });

  test("are collected step by step, each an event, and the last one lets the patch go on (P5)", () => {
    const one = told(held, by("olga"));
    const two = told(one.state, by("bob"));
    expect([one.types, two.types]).toEqual([[], []]);
    expect(two.state).toMatchObject({
      kind: "held",
      approvals: [
        { by: "olga", step: "peer" },
        { by: "bob", step: "peer" },
      ],
    });
    const refused = ["olga", "ann", "bob", "ada"].map(
      (name) => decide(two.state, by(name), facts()).kind,
    );
    expect(refused).toEqual(["refused", "refused", "refused", "refused"]);
    const last = told(two.state, by("sue"));
    expect([last.state.kind, last.types]).toEqual(["landing", ["request-lane"]]);
  });

  test("by a stand-in say for whom", () => {
    const delegation = {
      from: { name: "sue", roles: ["approver"] },
      to: "kim",
      until: 9000,
    } as const;
    const delegations = [{ ...delegation, actor: "sue", reason: "away", since: 0 }];
    const two = after(held, [by("olga"), by("bob")]);
    const decision = decide(two, by("kim"), governed({ delegations }));
    expect(decision).toMatchObject({ events: [{ type: "Approved", onBehalfOf: "sue" }, {}] });
  });

  test("that do not come in time are a no, and a no takes back what has landed", () => {
    const late: PatchCommand = { type: "reach-deadline", deadline: "approval", epoch: held.epoch };
    expect(told(held, late).state).toMatchObject({ kind: "rejected" });
    const unsure = states["inconclusive"]!;
    expect(decide(unsure, { ...late, epoch: unsure.epoch }, facts()).kind).toBe("ignored");
    expect(told(held, { type: "deny", ...person }).state.kind).toBe("rejected");
    expect(told(unsure, { type: "deny", ...person }).state.kind).toBe("reverting");
    expect(decide(states["watching"], { type: "deny", ...person }, facts()).kind).toBe("refused");
  });

  test("P3: of missing evidence need every step too", () => {
    const policy = { onInconclusive: "hold", approvalSteps: [{ name: "peer", count: 2 }] } as const;
    const watching = watchingFrom(pushingFrom(landingFrom(patchOf(policy))));
    const unsure = after(watching, [observationOf(watching, "inconclusive")]);
    const one = told(unsure, by("olga"));
    expect(one.state.kind).toBe("held");
    expect(told(one.state, by("bob")).state.kind).toBe("landing");
  });
});

describe("a stopped head or builder", () => {
  const stops = [stopOf({ kind: "head", name: "contract" })];
  const submit: PatchCommand = { type: "submit", patch: patchOf() };
  const compare: PatchCommand = {
    type: "record-comparison",
    base: "b0",
    comparison: comparedOn("b0"),
  };

  test("P2: is not asked, and the others have to agree as many as ever", () => {
    const state = after(undefined, [submit, compare], governed({ stops }));
    expect(state).toMatchObject({ round: { asked: ["rules", "proof"] } });
    const two = [
      { kind: "head", name: "proof" } as const,
      { kind: "head", name: "contract" } as const,
    ];
    const held = after(
      undefined,
      [submit, compare],
      governed({ stops: two.map((each) => stopOf(each)) }),
    );
    expect(held).toMatchObject({ kind: "held", reason: { kind: "budget" } });
    // When it is lifted the round begins anew.
    expect(told(held, recheckOf(held)).state.kind).toBe("auditing");
  });

  test("P2: casts no vote that counts, neither sealed before nor opened after", () => {
    const asked = after(undefined, [submit, compare]);
    const heads = ["rules", "proof", "contract"];
    const late = decide(asked, sealOf("contract"), governed({ stops }));
    expect(late).toMatchObject({ events: [{ type: "SealRefused" }] });
    const sealed = after(
      asked,
      heads.map((head) => sealOf(head)),
    );
    const opened = after(sealed, [openingOf("contract")]);
    const now = governed({ stops: [stopOf({ kind: "head", name: "contract" })] });
    const before = told(opened, openingOf("rules"), now).state;
    const verdict = told(before, openingOf("proof", "abstain"), now).state;
    expect(verdict.kind).toBe("held");
  });

  test("P10: a head that must vote is missed when it is stopped", () => {
    const sealed = after(undefined, [
      submit,
      compare,
      ...["rules", "proof", "contract"].map((head) => sealOf(head)),
    ]);
    const now = governed({ stops: [stopOf({ kind: "head", name: "rules" })] });
    const end = ["rules", "proof", "contract"].reduce<PatchState>(
      (state, head) => told(state, openingOf(head), now).state,
      sealed,
    );
    expect(end.kind).toBe("held");
    expect(decide(end, { type: "approve", ...person }, now).kind).toBe("refused");
  });

  test("a task that only a stopped builder could render says so", () => {
    const { diff: _, ...task } = patchOf(
      { builders: ["a", "b"] },
      { task: { title: "t", instructions: "i" } },
    );
    const now = governed({ stops: [stopOf({ kind: "builder", name: "a" })] });
    const state = after(undefined, [{ type: "submit", patch: task }], now);
    expect(state).toMatchObject({ kind: "rejected", reason: expect.stringContaining("otto") });
    const other = governed({ stops: [stopOf({ kind: "builder", name: "b" })] });
    expect(after(undefined, [{ type: "submit", patch: task }], other)).toMatchObject({
      kind: "rendering",
      awaiting: ["a"],
    });
  });
});

describe("a change nobody needs to vote on", () => {
  const compared = (policy: object, governance: Partial<Governance>, paths = ["a.ts"]) => {
    const submit: PatchCommand = { type: "submit", patch: patchOf(policy) };
    const comparison = comparedOn("b0", { paths, alphaDigest: "n0" });
    const command: PatchCommand = { type: "record-comparison", base: "b0", comparison };
    return after(undefined, [submit, command], governed(governance));
  };

  test("is one that was taken back before, also renamed", () => {
    const refused = [
      { patchId: "p1", semanticDigest: "x", alphaDigest: "n0", reason: "slow", at: 1 },
    ];
    const record = { ...ungoverned.record, refused };
    expect(compared({}, { record })).toMatchObject({
      kind: "rejected",
      reason: expect.stringContaining("taken back as p1 (slow)"),
    });
    expect(compared({}, {}).kind).toBe("auditing");
  });

  test.for([
    [["src/a.ts"], "auditing"],
    [["src/a.ts", "infra/x.tf"], "rejected"],
    [["SRC/a.ts"], "rejected"],
    [["src/../infra/x.tf"], "rejected"],
    [["ſrc/a.ts"], "rejected"],
  ] as const)("P10: touches paths its sender may not: %j is %s", ([paths, kind]) => {
    const senderPaths = [
      { sender: "ci", paths: ["src/*.ts"] },
      { sender: "*", paths: ["**"] },
    ];
    expect(compared({ senderPaths }, {}, [...paths]).kind).toBe(kind);
    const others = [{ sender: "*", paths: ["docs/**"] }];
    expect(compared({ senderPaths: others }, {}).kind).toBe("rejected");
    expect(compared({ senderPaths: [{ sender: "bot", paths: ["docs/**"] }] }, {}).kind).toBe(
      "auditing",
    );
  });
});

test("the default limits are those of the documents", () => {
  const { landingsPerDay, emergenciesPerDay } = defaultPolicy.limits;
  expect([landingsPerDay, emergenciesPerDay]).toEqual([3, 1]);
});
