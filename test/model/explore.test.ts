import { describe, expect, test } from "vitest";
import { explore } from "./explore.ts";
import { scenarios } from "./scenarios.ts";
import type { Scenario } from "./small-world.ts";

const timeout = 60_000;
/** A scenario with fewer states no longer reaches what it is there for. */
const leastStates = 1000;

const cases = Object.entries<Scenario>(scenarios).map(([name, scenario]) => ({ name, scenario }));

describe("every reachable state keeps P1, P2, P3, P4, P6, P9, P10, the lane's limits and its order; none is stuck", () => {
  test.for(cases)("$name", { timeout }, ({ name, scenario }) => {
    const { trace, ...explored } = explore(scenario);
    const { states, steps, faults, stuck, isComplete, kinds } = explored;
    console.log(`${name}: ${states} states, ${steps} steps, ${JSON.stringify(kinds)}`);
    if (faults.length + stuck.length > 0) console.log(trace.join("\n"));
    expect({ isComplete, faults, stuck: stuck.slice(0, 3) }).toEqual({
      isComplete: true,
      faults: [],
      stuck: [],
    });
    expect(states).toBeGreaterThan(leastStates);
  });

  test("together they pass through every kind of state without conflict", () => {
    const reached = [scenarios.audit, scenarios.unsure, scenarios.unpaid].flatMap((scenario) =>
      Object.keys(explore(scenario).kinds),
    );
    const early = [
      "rendering",
      "comparing",
      "auditing",
      "landing",
      "held",
      "watching",
      "reverting",
    ];
    const ends = ["settled", "reverted", "rejected", "failed", "withdrawn"];
    expect(reached).toEqual(expect.arrayContaining([...early, ...ends]));
  });
});

describe("what is left out is noticed", () => {
  const { audit, paused, moved, carried, shared, sharedByThree, sharedThroughCanary } = scenarios;
  const { traced, together, waived } = scenarios;
  const mutants: readonly { name: string; scenario: Scenario; fault: RegExp }[] = [
    {
      name: "P2: votes for other candidates count",
      scenario: { ...audit, decideMutation: { withoutVoteGate: true } },
      fault: /^P2:/,
    },
    {
      name: "P6: votes carry over to what means something else",
      scenario: { ...carried, decideMutation: { withoutMeaning: true } },
      fault: /^P2: .*\(P6\)/,
    },
    {
      name: "P11: what a head calls waived counts as waived",
      scenario: { ...waived, decideMutation: { withoutWaivers: true } },
      fault: /^P11: .* a question open that nobody waived/,
    },
    {
      name: "P1: a push does not compare the head",
      scenario: { ...paused, gitMutation: { withoutCompareAndSwap: true } },
      fault: /^P1:|^P9:/,
    },
    {
      name: "P1: no effect id is looked for",
      scenario: { ...paused, gitMutation: { withoutEffectCheck: true } },
      fault: /^P1:/,
    },
    {
      name: "P4: a rollback that meets a push is forgotten",
      scenario: { ...paused, decideMutation: { withoutIntent: true } },
      fault: /P4:/,
    },
    {
      name: "P1: no fence bars what was cancelled",
      scenario: { ...paused, gitMutation: { withoutFence: true } },
      fault: /^P9:|^lane:/,
    },
    {
      name: "P9: a landing whose base moved is not barred",
      scenario: { ...moved, gitMutation: { withoutBarOnMove: true } },
      fault: /^P9:|^lane:/,
    },
    {
      name: "lane: changes that depend on each other are live together",
      scenario: { ...sharedByThree, laneMutation: { withoutClaims: true } },
      fault: /^lane: .* depend on each other/,
    },
    {
      name: "lane: nobody counts how many are live",
      scenario: { ...shared, patches: ["p1", "p2", "p3"], laneMutation: { withoutLimit: true } },
      fault: /^lane: .* are on it together/,
    },
    {
      name: "lane: the last to ask is the first to be let in",
      scenario: { ...sharedByThree, laneMutation: { withoutOrder: true } },
      fault: /^lane: .* one was overtaken/,
    },
    {
      name: "lane: harm takes back whoever saw it, all at once",
      scenario: { ...traced, laneMutation: { withoutTurn: true } },
      fault: /^lane: two are taken back before/,
    },
    {
      name: "joint: who is gone asks nobody next",
      scenario: { ...together, decideMutation: { jointRollback: "without-next" } },
      fault: /^joint: .* was never asked/,
    },
    {
      name: "joint: all of a set are asked at once",
      scenario: { ...together, decideMutation: { jointRollback: "without-turn" } },
      fault: /^joint: p1 is taken back after p2, which is still there/,
    },
    {
      name: "P1: a patch that has still to land shares the lane",
      scenario: { ...sharedThroughCanary, laneMutation: { withoutLastStage: true } },
      fault: /^P\d+:|^lane:/,
    },
  ];
  test.for(mutants)("$name", { timeout }, ({ scenario, fault }) => {
    const { faults, trace } = explore(scenario);
    expect(faults.join("\n")).toMatch(fault);
    expect(trace.length).toBeGreaterThan(1);
  });

  test("money that nobody looks for again leaves a task stuck", { timeout }, () => {
    const { unpaid } = scenarios;
    const { stuck } = explore({ ...unpaid, deadlines: ["render"] });
    expect(stuck.join("\n")).toContain("p1 held");
  });

  test("a pause that nobody looks at again leaves a patch stuck", () => {
    const { stuck } = explore({ ...paused, deadlines: [] });
    expect(stuck.length).toBeGreaterThan(0);
  });
});
