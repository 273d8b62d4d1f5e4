import fc from "fast-check";
import { expect, test } from "vitest";
import { decideLane, emptyLane, type LaneCommand, type LaneState } from "./lane.ts";

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
  expect(first.granted).toEqual({ patchId: "p1", token: 1 });
  const full = after([request("p2"), request("p3"), request("p2")], first.state);
  const second = decideLane(full, release("p1"));
  expect(second.granted).toEqual({ patchId: "p2", token: 2 });
  expect(decideLane(second.state, release("p2")).granted).toEqual({ patchId: "p3", token: 3 });
});

test("P1: the occupant that asks again keeps the lane, before all who wait, under a new token", () => {
  const again = decideLane(after([request("p1"), request("p2")]), request("p1", 5));
  expect(again.granted).toEqual({ patchId: "p1", token: 2 });
  expect(decideLane(again.state, release("p1", 6)).granted).toEqual({ patchId: "p2", token: 3 });
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
