import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decideLane, emptyLane, type LaneState } from "../lane.ts";
import { levelAt } from "./e-lond.ts";

describe("the level of a place in the row", () => {
  test("all places together never spend more than the ratio, and nearly all of it", () => {
    let spent = 0;
    for (let position = 1; position <= 100_000; position += 1)
      spent += levelAt(0.05, { position, discoveries: 0 });
    // What is left to all later places is the ratio over 1 + ln of the next one.
    expect(spent).toBeCloseTo(0.05 * (1 - 1 / (1 + Math.log(100_001))), 10);
  });

  test("grows with every discovery, falls with every place, and stays between 0 and the ratio", () => {
    const place = fc.integer({ min: 1, max: 2 ** 40 });
    const found = fc.integer({ min: 0, max: 2 ** 40 });
    const ratio = fc.double({ min: 1e-6, max: 1, noNaN: true });
    fc.assert(
      fc.property(place, found, ratio, (position, given, share) => {
        const discoveries = given % position;
        const level = levelAt(share, { position, discoveries });
        expect(level).toBeGreaterThan(0);
        expect(level).toBeLessThan(share);
        expect(levelAt(share, { position, discoveries: discoveries + 1 })).toBeGreaterThan(level);
        expect(levelAt(share, { position: position + 1, discoveries })).toBeLessThan(level);
      }),
    );
  });
});

describe("a row of many patches through the lane, which is stored and read again at every step", () => {
  const [ratio, patches, rows] = [0.1, 300, 300];
  const stored = (state: LaneState) => JSON.parse(JSON.stringify(state)) as LaneState;

  /** The same numbers for the same seed (Mulberry32). */
  function chanceFrom(seed: number): () => number {
    let state = seed;
    return () => {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
  }

  /**
   * The worst there can be: a harmless patch whose evidence reaches what it needs with exactly the chance
   * it may, here by one draw for `together` patches in a row. Harmful ones are found unless bad luck has it.
   */
  function falseShare(
    seed: number,
    levelOf: (place: { position: number; discoveries: number }) => number,
    together = 1,
  ) {
    const chance = chanceFrom(seed);
    let [lane, draw, wrong, right] = [emptyLane, 1, 0, 0];
    for (let at = 0; at < patches; at += 1) {
      const patchId = `p${at}`;
      const { state, granted } = decideLane(stored(lane), {
        type: "request-lane",
        patchId,
        epoch: 1,
      });
      const { token: position, discoveries } = granted!;
      if (at % together === 0) draw = chance();
      const isHarmless = chance() < 0.97;
      const isDiscovery = isHarmless ? draw < levelOf({ position, discoveries }) : chance() < 0.9;
      if (isDiscovery && isHarmless) wrong += 1;
      if (isDiscovery && !isHarmless) right += 1;
      lane = decideLane(stored(state), {
        type: "release-lane",
        patchId,
        epoch: 2,
        isDiscovery,
      }).state;
    }
    expect(lane.discoveries ?? 0).toBe(wrong + right);
    return wrong / Math.max(1, wrong + right);
  }

  const mean = (share: (seed: number) => number) =>
    Array.from({ length: rows }, (_, seed) => share(seed + 1)).reduce((a, b) => a + b, 0) / rows;

  test("the expected share of harmless patches among those taken back stays below the ratio", () => {
    const level = (place: { position: number; discoveries: number }) => levelAt(ratio, place);
    expect(mean((seed) => falseShare(seed, level))).toBeLessThan(ratio);
    // However the patches hang together.
    expect(mean((seed) => falseShare(seed, level, 30))).toBeLessThan(ratio);
  });

  test("which the same chance for each patch does not hold", () => {
    expect(mean((seed) => falseShare(seed, () => 0.01))).toBeGreaterThan(2 * ratio);
  });
});
