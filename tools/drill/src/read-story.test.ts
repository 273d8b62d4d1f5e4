import type { LedgerEntry } from "@council/contracts";
import type { Observation, PatchEvent } from "@council/domain";
import { expect, test } from "vitest";
import type { Expected, Fault } from "./fault.ts";
import { deviationsOf, readStory } from "./read-story.ts";

const reading = {
  ruleId: "latency",
  metric: "latency",
  unit: "ms",
  statistic: "mean",
  verdict: "breach",
  detail: "",
  canarySamples: 90,
  baselineSamples: 90,
} as const;
const observed = (
  kind: Observation["kind"],
  metric: "latency" | "cost" = "latency",
): Observation => {
  return {
    kind,
    at: 0,
    why: kind,
    ruleId: metric,
    readings: [{ ...reading, ruleId: metric, metric }],
  };
};
const began = (metric: "latency" | "cost" = "latency"): PatchEvent => ({
  type: "RevertStarted",
  cause: { kind: "breach", stage: "canary", observation: observed("breach", metric) },
  effectId: "e",
  at: 1000,
});
const over: PatchEvent = { type: "Reverted", reverts: [] };
const judged = (kind: Observation["kind"]): PatchEvent => {
  return { type: "RecoveryJudged", observation: observed(kind) };
};
const frozen: PatchEvent = {
  type: "Held",
  reason: { kind: "frozen", reason: "holidays", until: 9 },
};

const slow: Expected = { kind: "reverted", metrics: ["latency"] };
const ledger = (...events: readonly PatchEvent[]) =>
  events.map((event, index): LedgerEntry => {
    return { patchId: "p", sequence: index + 1, at: 1000 * (index + 1), event } as LedgerEntry;
  });
function judge(fault: Pick<Fault, "expected" | "disturbance">, ...events: readonly PatchEvent[]) {
  const entries = ledger(...events);
  return deviationsOf(fault, readStory(entries, 500), entries);
}

test.each([
  [
    "taken back for what was wrong, and it helped",
    { expected: slow },
    [began(), over, judged("healthy")],
  ],
  [
    "a small fault may stay, held or settled",
    { expected: { kind: "stays" } },
    [{ type: "Settled" }],
  ],
  [
    "held by the freeze, let past, taken back",
    { expected: slow, disturbance: { kind: "frozen" } },
    [frozen, began(), over, judged("healthy")],
  ],
] as const)("as due: %s", (_, fault, events) => {
  expect(judge(fault, ...events)).toEqual([]);
});

test.each([
  ["settled where reverted was due", { expected: slow }, [{ type: "Settled" }]],
  [
    "reverted where stays was due",
    { expected: { kind: "stays" } },
    [began(), over, judged("healthy")],
  ],
  ["unfinished where held was due", { expected: { kind: "held" } }, []],
  ["not for latency", { expected: slow }, [began("cost"), over, judged("healthy")]],
  ["not shown to have recovered", { expected: slow }, [began(), over]],
  ["not shown to have recovered", { expected: slow }, [began(), over, judged("breach")]],
  [
    "the freeze held nothing",
    { expected: slow, disturbance: { kind: "frozen" } },
    [began(), over, judged("healthy")],
  ],
] as const)("not as due: %s", (words, fault, events) => {
  expect(judge(fault, ...events).join()).toContain(words);
});

test("times are those of the entries", () => {
  const story = readStory(ledger(began(), over, judged("healthy")), 500);
  expect(story).toMatchObject({ detectionMs: 500, revertMs: 1000, recoveryMs: 1000 });
});
