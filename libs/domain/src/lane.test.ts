import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Claim } from "./claim.ts";
import { observed } from "./patch/example.ts";
import {
  decideLane,
  emptyLane,
  type LaneCommand,
  type LaneDecision,
  type LaneState,
} from "./lane.ts";

const request = (patchId: string, epoch = 1): LaneCommand => ({
  type: "request-lane",
  patchId,
  epoch,
});
const release = (patchId: string, epoch = 2): LaneCommand => ({
  type: "release-lane",
  patchId,
  epoch,
});
const after = (commands: readonly LaneCommand[], start: LaneState = emptyLane) =>
  commands.reduce((state, command) => decideLane(state, command).state, start);

test("the first to ask gets the lane, the others wait in order of arrival", () => {
  const first = decideLane(emptyLane, request("p1"));
  expect(first.granted).toEqual({ patchId: "p1", token: 1, beside: [], discoveries: 0 });
  const full = after([request("p2"), request("p3"), request("p2")], first.state);
  const second = decideLane(full, release("p1"));
  expect(second.granted).toEqual({ patchId: "p2", token: 2, beside: [], discoveries: 0 });
  expect(decideLane(second.state, release("p2")).granted).toEqual({
    patchId: "p3",
    token: 3,
    beside: [],
    discoveries: 0,
  });
});

test("P1: the occupant that asks again keeps the lane, before all who wait, under a new token", () => {
  const again = decideLane(after([request("p1"), request("p2")]), request("p1", 5));
  expect(again.granted).toEqual({ patchId: "p1", token: 2, beside: [], discoveries: 0 });
  expect(decideLane(again.state, release("p1", 6)).granted).toEqual({
    patchId: "p2",
    token: 3,
    beside: [],
    discoveries: 0,
  });
});

test("who waits and gives up is passed over", () => {
  const state = after([request("p1"), request("p2"), request("p3"), release("p2")]);
  expect(decideLane(state, release("p1")).granted?.patchId).toBe("p3");
});

test("P1: a release that a newer request overtook takes nothing away", () => {
  const held = after([request("p1", 3), request("p1", 7)]);
  expect(decideLane(held, release("p1", 5)).state.occupant?.patchId).toBe("p1");
  const waiting = after([request("p2"), request("p1", 7), release("p1", 5)]);
  expect(decideLane(waiting, release("p2")).granted?.patchId).toBe("p1");
});

test("a patch that tests took back is counted once, by its own leaving of the branch", () => {
  const found = (patchId: string, epoch = 2): LaneCommand => ({
    type: "release-lane",
    patchId,
    epoch,
    isDiscovery: true,
  });
  const state = after([request("p1"), request("p2"), request("p3"), found("p3")]);
  const second = decideLane(state, found("p1"));
  expect(second.granted).toEqual({ patchId: "p2", token: 2, beside: [], discoveries: 1 });
  const again = after([found("p1"), release("p2"), request("p4")], second.state);
  expect(again).toMatchObject({ occupant: { patchId: "p4", token: 3 }, discoveries: 1 });
  const share = { type: "share-lane", patchId: "p4", epoch: 1, landedAt: 1 } as const;
  const live = after([share, found("p4"), found("p4"), request("p5")], again);
  expect(live).toMatchObject({ occupant: { patchId: "p5" }, discoveries: 2 });
});

test("P1: whatever is asked, tokens only grow and a patch is in the lane or the queue once", () => {
  const command = fc.record({
    type: fc.constantFrom("request-lane" as const, "release-lane" as const),
    patchId: fc.constantFrom("p1", "p2", "p3"),
    epoch: fc.integer({ min: 1, max: 9 }),
  });
  fc.assert(
    fc.property(fc.array(command, { maxLength: 40 }), (commands) => {
      let state = emptyLane;
      for (const one of commands) {
        const { state: next, granted } = decideLane(state, one);
        expect(next.token).toBe(state.token + (granted ? 1 : 0));
        expect(granted?.token ?? next.token).toBe(next.token);
        const names = [...next.waiting, ...(next.occupant ? [next.occupant] : [])];
        expect(new Set(names.map(({ patchId }) => patchId)).size).toBe(names.length);
        expect(next.occupant !== undefined || next.waiting.length === 0).toBe(true);
        state = next;
      }
    }),
  );
});

describe("a lane that is shared", () => {
  const claimOn = (path: string): Claim => ({
    tier: "service",
    paths: [path],
    symbols: [],
    uses: [],
  });
  const ask = (patchId: string, path: string, maxLive = 2, epoch = 1): LaneCommand => ({
    ...request(patchId, epoch),
    type: "request-lane",
    share: { maxLive, claim: claimOn(path), variance: 0 },
  });
  const say = (
    type: "share-lane" | "close-lane" | "block-lane" | "release-lane",
    patchId: string,
    epoch = 2,
  ): LaneCommand =>
    type === "share-lane" ? { type, patchId, epoch, landedAt: epoch } : { type, patchId, epoch };
  const liveOf = ({ live = [] }: LaneState) => live.map(({ patchId }) => patchId);

  test("lets the next in beside those that are live, and says beside whom (P5)", () => {
    const waiting = after([ask("p1", "a"), ask("p2", "b"), ask("p3", "c")]);
    const { state, granted } = decideLane(waiting, say("share-lane", "p1"));
    expect(granted).toEqual({ patchId: "p2", token: 2, beside: ["p1"], discoveries: 0 });
    expect(liveOf(state)).toEqual(["p1"]);
    // Two may be live, and two are.
    const full = decideLane(state, say("share-lane", "p2"));
    expect(full.granted).toBeUndefined();
    expect(decideLane(full.state, release("p1", 3)).granted).toMatchObject({ patchId: "p3" });
  });

  const alone: readonly (readonly [string, LaneCommand])[] = [
    ["touches the same", ask("p2", "a")],
    ["says nothing of itself", request("p2")],
    ["allows fewer", ask("p2", "b", 1)],
  ];
  test.for(alone)("not who %s; and nobody overtakes it", ([, second]) => {
    const waiting = after([ask("p1", "a"), second, ask("p3", "c")]);
    const shared = decideLane(waiting, say("share-lane", "p1"));
    expect(shared.granted).toBeUndefined();
    expect(decideLane(shared.state, release("p1", 3)).granted?.patchId).toBe("p2");
  });

  test("lets nobody in while one is taken back, and the next as soon as it has left", () => {
    const shared = after([ask("p1", "a"), say("share-lane", "p1"), say("close-lane", "p1", 3)]);
    const closed = decideLane(shared, ask("p2", "b"));
    expect(closed.granted).toBeUndefined();
    expect(decideLane(closed.state, release("p1", 4)).granted).toMatchObject({ patchId: "p2" });
  });

  test("is not shared any more by a patch whose revert was heard of first", () => {
    const closed = after([ask("p1", "a"), ask("p2", "b"), say("close-lane", "p1", 3)]);
    const { state, granted } = decideLane(closed, say("share-lane", "p1"));
    expect({ granted, occupant: state.occupant?.patchId }).toEqual({ occupant: "p1" });
  });

  test("P1: the occupant that asks again waits for a revert in front of the others", () => {
    const two = after([ask("p1", "a"), say("share-lane", "p1"), ask("p2", "b"), ask("p3", "c", 9)]);
    const again = decideLane(after([say("close-lane", "p1", 3)], two), ask("p2", "b", 2, 5));
    expect(again.granted).toBeUndefined();
    const left = decideLane(again.state, release("p1", 4));
    expect(left.granted).toEqual({ patchId: "p2", token: 3, beside: [], discoveries: 0 });
  });

  const harm = { stage: "target", token: 1, observation: observed("breach"), touches: [] };
  const harmSeenBy = (patchId: string, epoch = 3, token = 1): LaneCommand => ({
    type: "report-harm",
    patchId,
    epoch,
    harm: { ...harm, token },
  });
  const two = after([
    ask("p1", "a", 3),
    say("share-lane", "p1", 2),
    ask("p2", "b", 3),
    say("share-lane", "p2", 3),
  ]);

  test("harm is traced to the likeliest, whoever saw it, and one at a time is taken back", () => {
    const first = decideLane(two, harmSeenBy("p1"));
    expect(first.blamed).toMatchObject({ patchId: "p2", harm });
    expect(first.blamed?.ranking.map(({ patchId }) => patchId)).toEqual(["p2", "p1"]);
    const second = decideLane(first.state, harmSeenBy("p2"));
    expect(second.blamed).toBeUndefined();
    // Nobody is let in meanwhile.
    expect(decideLane(second.state, ask("p3", "c", 3)).granted).toBeUndefined();
  });

  test.for(["release-lane", "block-lane"] as const)(
    "P3: after the %s of one the others are watched anew; harm seen again touches the next",
    (end) => {
      const traced = after([harmSeenBy("p1"), say("close-lane", "p2", 4)], two);
      const { state, anew } = decideLane(traced, say(end, "p2", 5));
      expect(anew).toEqual([{ patchId: "p1", token: 3, discoveries: 0 }]);
      expect(decideLane(state, harmSeenBy("p1", 6, 3)).blamed).toMatchObject({ patchId: "p1" });
      // Neither what the old watch saw, told late, nor the closing of the same revert counts any more.
      const late = after([harmSeenBy("p1", 6, 2), say("close-lane", "p2", 4)], state);
      expect(decideLane(late, harmSeenBy("p1", 6, 3)).blamed).toMatchObject({ patchId: "p1" });
    },
  );

  test("everybody who is watched anew has a place of its own in the row of tests", () => {
    const three = after([ask("p3", "c", 3), say("share-lane", "p3", 4)], two);
    const traced = after([harmSeenBy("p1")], three);
    const released = { ...say("release-lane", "p3", 9), isDiscovery: true } as LaneCommand;
    expect(decideLane(traced, released).anew).toEqual([
      { patchId: "p1", token: 4, discoveries: 1 },
      { patchId: "p2", token: 5, discoveries: 1 },
    ]);
  });

  test("a revert that was heard of before it was closed counts as well", () => {
    const released = decideLane(after([harmSeenBy("p1")], two), say("release-lane", "p2", 9));
    expect(released.anew).toEqual([{ patchId: "p1", token: 3, discoveries: 0 }]);
    expect(decideLane(two, say("release-lane", "p2", 9)).anew).toBeUndefined();
  });

  test("P4: who the lane does not know answers for itself", () => {
    expect(decideLane(emptyLane, harmSeenBy("p1")).blamed).toMatchObject({ patchId: "p1" });
  });

  test("P1: whatever is asked, one pushes, limits and claims hold, and nobody overtakes", () => {
    const name = fc.constantFrom("p1", "p2", "p3", "p4");
    const epoch = fc.integer({ min: 1, max: 9 });
    const words = fc.constantFrom(
      "share-lane" as const,
      "close-lane" as const,
      "block-lane" as const,
      "release-lane" as const,
    );
    const path = fc.constantFrom("a", "b", "c");
    const command: fc.Arbitrary<LaneCommand> = fc.oneof(
      fc.tuple(words, name, epoch).map((all) => say(...all)),
      fc.tuple(name, epoch, fc.nat(9)).map((all) => harmSeenBy(...all)),
      fc.tuple(name, path, fc.integer({ min: 1, max: 3 }), epoch).map((all) => ask(...all)),
    );
    fc.assert(
      fc.property(fc.array(command, { maxLength: 40 }), (commands) => {
        let state = emptyLane;
        for (const one of commands) {
          const decision = decideLane(state, one);
          expect(faultsOf(state, one, decision)).toEqual([]);
          state = decision.state;
        }
      }),
    );
  });
});

function faultsOf(before: LaneState, command: LaneCommand, decision: LaneDecision): string[] {
  const { state, granted } = decision;
  const inside = [...(state.live ?? []), ...(state.occupant ? [state.occupant] : [])];
  const names = [...inside, ...state.waiting].map(({ patchId }) => patchId);
  const faults = new Set(names).size < names.length ? ["somebody is there twice"] : [];
  if (!granted) return faults;
  const limits = inside.map(({ share }) => share?.maxLive ?? 1);
  if (inside.length > Math.min(...limits)) faults.push("too many are live");
  const paths = inside.map(({ share }) => share?.claim.paths[0]);
  if (new Set(paths).size < paths.length) faults.push("two touch the same");
  if (granted.token !== before.token + 1 + (decision.anew ?? []).length)
    faults.push("a token that does not grow");
  const isGone = command.type === "release-lane" ? command.patchId : undefined;
  const queue = [...before.waiting.map(({ patchId }) => patchId), command.patchId];
  const first = queue.find((patchId) => patchId !== isGone);
  if (![first, before.occupant?.patchId].includes(granted.patchId))
    faults.push("one was overtaken");
  return faults;
}
