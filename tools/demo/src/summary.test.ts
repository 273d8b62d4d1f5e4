import type { LedgerEntry } from "@council/contracts";
import { expect, test, vi } from "vitest";
import { patchFollower } from "./patch-follower.ts";
import type { PatchRecord } from "./patch-record.ts";
import { endingFaults, recordEntry } from "./patch-record.ts";
import { demoPatches } from "./patches/demo-patches.ts";
import { demoChecks, summaryRecord, summaryTable } from "./summary.ts";

type PatchEvent = LedgerEntry["event"];
let sequence = 0;
const entryOf = (event: unknown, at: number) =>
  ({ patchId: "p00-a", sequence: (sequence += 1), at, event: event as PatchEvent }) as LedgerEntry;

const landed = (stage: string, at: number) => entryOf({ type: "Landed", landing: { stage } }, at);
const breached = (metric: string, stage: string, at: number) =>
  entryOf(
    {
      type: "RevertStarted",
      cause: {
        kind: "breach",
        stage,
        observation: {
          ruleId: "r",
          why: `${metric} is beyond`,
          readings: [{ ruleId: "r", metric }],
        },
      },
    },
    at,
  );
const reverted = (at: number) => entryOf({ type: "Reverted", reverts: [] }, at);
const fold = (...entries: LedgerEntry[]) =>
  entries.reduce(recordEntry, { patchId: "p00-a" } as PatchRecord);
const patchOf = (key: string) => demoPatches.find((patch) => patch.key === key)!;

const late = () =>
  fold(
    landed("canary", 1000),
    landed("target", 6000),
    breached("cost", "target", 9500),
    reverted(10_100),
  );

test("a record holds the newest landing, the breach and the ending", () => {
  expect(late()).toEqual({
    patchId: "p00-a",
    landing: { stage: "target", at: 6000 },
    takenBack: { at: 9500, why: "cost is beyond", breach: { stage: "target", metric: "cost" } },
    ending: { kind: "reverted", at: 10_100, detail: "cost is beyond" },
  });
});

test("only the right ending for the right reason at the right stage is no fault", () => {
  expect(endingFaults(patchOf("cost"), late())).toEqual([]);
  expect(endingFaults(patchOf("good"), fold(entryOf({ type: "Settled" }, 1)))).toEqual([]);
  expect(endingFaults(patchOf("good"), late())).toHaveLength(1);
  expect(endingFaults(patchOf("latency"), late())).toEqual([
    "latency: taken back for cost, not latency",
    "latency: breached at stage target, not canary",
  ]);
  expect(endingFaults(patchOf("cost"), fold(landed("canary", 1)))).toEqual(["cost: has not ended"]);
  expect(endingFaults(patchOf("cost"), undefined)).toEqual(["cost: has not ended"]);
});

test("the table tells the times from landing to breach and from breach to revert", () => {
  const rows = [
    { patch: patchOf("cost"), record: late() },
    { patch: patchOf("good"), record: undefined },
  ];
  const [, cost, why, good, ...none] = summaryTable(rows).split("\n");
  expect(cost).toMatch(/reverted +3\.5 s +0\.6 s$/);
  expect(why).toMatch(/^ {4}puts old questions .*: cost is beyond$/);
  expect(none).toEqual([]);
  expect(good).toMatch(/unfinished +- +-$/);
  expect(summaryRecord(rows[0]!)).toMatchObject({
    outcome: "reverted",
    landingToBreachMs: 3500,
    breachToRevertMs: 600,
    isAsExpected: true,
  });
});

test("the demo has worked only if endings and trees are all right (P9)", () => {
  const rows = [{ patch: patchOf("cost"), record: late() }];
  const holds = (proof: Parameters<typeof demoChecks>[1], from = rows) =>
    demoChecks(from, proof).map((check) => check.holds);
  const clean = { mainTree: "t", expectedTree: "t", canaryTree: "t" };
  expect(holds(clean)).toEqual([true, true, true]);
  expect(holds({ ...clean, expectedTree: "u" })).toEqual([true, false, true]);
  expect(holds({ ...clean, canaryTree: "u" })).toEqual([true, true, false]);
  expect(holds({ ...clean, canaryTree: undefined })).toEqual([true, true, false]);
  expect(holds(clean, [{ patch: patchOf("latency"), record: late() }])).toEqual([
    false,
    true,
    true,
  ]);
});

test("a patch that was awaited ends for whoever waits; repeated entries count once", async () => {
  const seen = vi.fn<(entry: LedgerEntry) => void>();
  const follower = patchFollower(seen);
  const ended = follower.ended("p00-a", 5000);
  const first = landed("canary", 1);
  follower.take(first);
  follower.take(first);
  follower.take(reverted(2));
  expect((await ended)?.ending?.kind).toBe("reverted");
  expect(seen).toHaveBeenCalledTimes(2);
  expect((await follower.ended("p00-a", 5000))?.ending?.kind).toBe("reverted");
  expect(await follower.ended("p00-b", 1)).toBeUndefined();
});
