import { describe, expect, test } from "vitest";
import { decideLane, emptyLane, type LaneCommand, type LaneState } from "./lane.ts";
import { type LaneWork, laneWorkOf } from "./look-ahead.ts";
import { candidateOn, patchOf } from "./patch/example.ts";

const work = (of: string, base = "b0", places = 2): LaneWork => ({
  base,
  diff: `diff of ${of}`,
  heads: ["proof"],
  places,
});
const request = (patchId: string, own?: LaneWork, epoch = 1): LaneCommand => ({
  type: "request-lane",
  patchId,
  epoch,
  ...(own ? { work: own } : {}),
});
const asked = (patchId: string, base?: string, places?: number) =>
  request(patchId, work(patchId, base, places));
const release = (patchId: string): LaneCommand => ({ type: "release-lane", patchId, epoch: 9 });

/** Which trees each command made likely, as "base+patches". */
function likelyAfter(...commands: readonly LaneCommand[]): string[][] {
  let state: LaneState = emptyLane;
  return commands.map((command) => {
    const decision = decideLane(state, command);
    ({ state } = decision);
    return (decision.ahead ?? []).map(({ base, diffs }) =>
      [base, ...diffs.map(({ patchId }) => patchId)].join("+"),
    );
  });
}

describe("what is likely to be audited next", () => {
  test("is each that waits, upon those before it; said once", () => {
    expect(likelyAfter(asked("p1"), asked("p2"), asked("p3"), asked("p3"))).toEqual([
      [],
      ["b0+p1+p2"],
      ["b0+p1+p2+p3"],
      [],
    ]);
  });

  test("reaches as far into the queue as the policy of who waits says", () => {
    const places = [asked("p2", "b0", 1), asked("p3", "b0", 1), asked("p4", "b0", 3)];
    expect(likelyAfter(asked("p1"), ...places)).toEqual([[], ["b0+p1+p2"], [], ["b0+p1+p2+p3+p4"]]);
  });

  test("is said with what the head needs, and not beyond a patch nobody works ahead for", () => {
    const first = decideLane(emptyLane, asked("p1"));
    const { ahead } = decideLane(first.state, asked("p2"));
    const diffs = ["p1", "p2"].map((patchId) => ({ patchId, diff: `diff of ${patchId}` }));
    expect(ahead).toEqual([{ patchId: "p2", base: "b0", diffs, heads: ["proof"] }]);
    expect(likelyAfter(asked("p1"), request("p2"), asked("p3"))).toEqual([[], [], []]);
    expect(likelyAfter(request("p1"), asked("p2"))).toEqual([[], []]);
  });

  test("is nothing upon a patch that has waited, until it is audited on the new head", () => {
    const queue = [asked("p1"), asked("p2"), asked("p3")];
    expect(likelyAfter(...queue, release("p1"), asked("p2", "b1")).slice(3)).toEqual([
      [],
      ["b1+p2+p3"],
    ]);
  });

  test("goes on upon what has landed and shares the lane, and not while one is taken back", () => {
    const land: LaneCommand = { type: "share-lane", patchId: "p1", epoch: 2, landedAt: 1 };
    const share = {
      maxLive: 2,
      claim: { tier: "data", paths: ["a"], symbols: [], uses: [] },
      variance: 0,
    } as const;
    const p1: LaneCommand = {
      type: "request-lane",
      patchId: "p1",
      epoch: 1,
      share,
      work: work("p1"),
    };
    const close: LaneCommand = { type: "close-lane", patchId: "p1", epoch: 3 };
    expect(likelyAfter(p1, land, asked("p2"))[2]).toEqual(["b0+p1+p2"]);
    expect(likelyAfter(p1, land, close, asked("p2"))[3]).toEqual([]);
  });
});

test("a policy without `testAhead`, or without a head that runs suites, has nothing done ahead", () => {
  const { policy } = patchOf();
  const candidate = candidateOn("b0");
  expect(laneWorkOf(policy, candidate)).toBeUndefined();
  expect(laneWorkOf({ ...policy, testAhead: 1 }, undefined)).toBeUndefined();
  expect(laneWorkOf({ ...policy, testAhead: 1, seats: [] }, candidate)).toBeUndefined();
  const seats = [
    { head: "guard", family: "guard" },
    { head: "proof", family: "other", isModel: true },
  ];
  expect(laneWorkOf({ ...policy, testAhead: 1, seats }, candidate)).toEqual({
    base: "b0",
    diff: candidate.diff,
    heads: ["guard"],
    places: 1,
  });
});
