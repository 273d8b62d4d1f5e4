import { describe, expect, test } from "vitest";
import {
  type Control,
  type ControlCommand,
  decideControl,
  emptyControl,
  evolveControl,
  mostOfEach,
} from "./control.ts";
import { landingStop, type StopScope } from "./stop.ts";

const said = { actor: "otto", reason: "it smells" };
const ada = { name: "ada", roles: ["approver"] } as const;

function after(commands: readonly ControlCommand[], now = 1): Control {
  let state = emptyControl;
  for (const command of commands) {
    const decision = decideControl(state, command, now);
    if (decision.kind === "refused") throw new Error(decision.reason);
    // P5: the events alone give the same state.
    expect(decision.events.reduce(evolveControl, state)).toEqual(decision.state);
    state = decision.state;
  }
  return state;
}
const stop = (scope: StopScope, until?: number): ControlCommand => ({
  type: "stop",
  scope,
  ...said,
  ...(until === undefined ? {} : { until }),
});

const waiveUntil = (id: string, until: number) =>
  ({
    type: "waive",
    id,
    repository: "shop",
    ruleId: "child-process",
    path: "tools/**",
    until,
    by: { name: "otto", roles: ["admin"] },
    ...said,
  }) as const;

describe("what people say for all of Council", () => {
  test("is set, replaced and ended, each with who and why (P5)", () => {
    const head = { kind: "head", name: "rules" } as const;
    const state = after([
      stop({ kind: "global" }),
      stop(head),
      stop(head, 5),
      { type: "delegate", from: ada, to: "bob", until: 9, ...said },
      { type: "lift", scope: { kind: "global" }, ...said },
      waiveUntil("w-1", 9),
      waiveUntil("w-2", 9),
      { type: "end-waiver", id: "w-2", ...said },
    ]);
    const { type: _, ...waiver } = waiveUntil("w-1", 9);
    expect(state).toEqual({
      stops: [{ scope: head, until: 5, since: 1, ...said }],
      delegations: [{ from: ada, to: "bob", until: 9, since: 1, ...said }],
      waivers: [{ ...waiver, since: 1 }],
    });
    const back = { type: "end-delegation", from: "ada", to: "bob", ...said } as const;
    expect(decideControl(state, back, 2)).toMatchObject({ state: { delegations: [] } });
    // What has run out is dropped with the next change.
    expect(decideControl(state, stop({ kind: "global" }), 9)).toMatchObject({
      state: { stops: [{ scope: { kind: "global" } }], delegations: [], waivers: [] },
    });
  });

  test.for([
    ["a lift of what is not stopped", { type: "lift", scope: { kind: "global" } }],
    ["a stop that has ended", { type: "stop", scope: { kind: "global" }, until: 1 }],
    ["a stand-in for oneself", { type: "delegate", from: ada, to: "ada", until: 9 }],
    ["a waiver that has ended", waiveUntil("w-1", 1)],
    ["the end of no waiver", { type: "end-waiver", id: "w-1" }],
    ["the end of no stand-in", { type: "end-delegation", from: "ada", to: "bob" }],
  ] as const)("has no effect: %s", ([, command]) => {
    expect(decideControl(emptyControl, { ...command, ...said } as ControlCommand, 1).kind).toBe(
      "refused",
    );
  });

  test("is bounded, and a pause is taken even then", () => {
    const names = Array.from({ length: mostOfEach }, (_, index) => `a${index}`);
    const full = after(names.map((name) => stop({ kind: "author", name })));
    expect(decideControl(full, stop({ kind: "author", name: "one more" }), 1).kind).toBe("refused");
    expect(decideControl(full, stop({ kind: "global" }), 1).kind).toBe("accepted");
  });
});

test("P4: a stop is of landings, the widest first, and ends by itself", () => {
  const { stops } = after([
    stop({ kind: "patch", name: "p1" }),
    stop({ kind: "author", name: "ci" }),
    stop({ kind: "repository", name: "shop" }, 5),
  ]);
  const patch = { id: "p1", repository: "shop", author: "ann", sender: "ci" };
  const kindAt = (now: number, changes: object = {}) =>
    landingStop(stops, { ...patch, ...changes }, now)?.scope.kind;
  expect(kindAt(4)).toBe("repository");
  expect(kindAt(5)).toBe("author");
  expect(kindAt(5, { sender: "x", author: "y" })).toBe("patch");
  expect(kindAt(5, { sender: "x", author: "y", id: "p2" })).toBe(undefined);
});
