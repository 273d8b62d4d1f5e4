import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { Campaign } from "./crash.ts";
import { addRound, emptyTally, readTally, strikesIn, tallyText, writeTally } from "./tally.ts";

const dir = mkdtempSync(join(tmpdir(), "council-tally-"));
afterAll(() => rmSync(dir, { recursive: true }));

const round = (seed: number): Campaign => ({
  seed,
  done: [
    { target: "redis", on: "Landed", how: "kill" },
    { target: "gateway", on: "branch-moved", how: "kill" },
  ],
  left: [],
  patches: 5,
  byEnding: { settled: 3, reverted: 2 },
  lost: 0,
  doubled: 1,
  faults: ["P1: twice"],
  tookMs: 1000,
});

describe("the tally of a campaign", () => {
  test("adds up its rounds, by process and step, and says whose fault was seen where", () => {
    const tally = addRound(addRound(emptyTally("kill", 7), round(7)), round(8));
    expect(strikesIn(tally)).toBe(4);
    expect(tally).toMatchObject({
      rounds: 2,
      patches: 10,
      endings: { settled: 6, reverted: 4 },
      doubled: 2,
      strikes: { redis: { Landed: 2 }, gateway: { "branch-moved": 2 } },
    });
    expect(tally.faults).toEqual(["seed 7: P1: twice", "seed 8: P1: twice"]);
    expect(tallyText(tally)).toMatch(
      /strikes {2}4 in 2 rounds\n {2}gateway +2 {2}branch-moved 2\n/,
    );
  });

  test("goes on from its file, and never with one of another kind", () => {
    const file = join(dir, "deep", "tally.json");
    expect(readTally(file, "kill")).toBeUndefined();
    const tally = addRound(emptyTally("kill", 7), round(7));
    writeTally(file, tally);
    expect(readTally(file, "kill")).toEqual(tally);
    expect(() => readTally(file, "pause")).toThrow(/name another file/);
  });
});
