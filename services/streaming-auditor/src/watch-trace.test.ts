import type { WatchTrace } from "@council/contracts";
import type { Observation } from "@council/domain";
import { expect, test } from "vitest";
import { extendTrace } from "./watch-trace.ts";

const look = (at: number, canary?: number): Observation => ({
  kind: "watching",
  at,
  why: "",
  readings: [
    {
      ruleId: "latency-p95",
      metric: "latency",
      unit: "ms",
      statistic: "p95",
      verdict: "within",
      ...(canary === undefined ? {} : { canary, limit: 50 }),
      canarySamples: at,
      baselineSamples: at,
      detail: "",
    },
  ],
});
const pointsOf = (trace: WatchTrace, stage: string) =>
  trace.find((each) => each.stage === stage)?.rules[0]?.points ?? [];

test("a look without a value adds nothing, and each stage keeps its own points", () => {
  let trace = extendTrace(undefined, "canary", look(1));
  expect(pointsOf(trace, "canary")).toEqual([]);
  trace = extendTrace(trace, "canary", look(2, 41.23456789));
  trace = extendTrace(trace, "target", look(3, 42));
  expect(pointsOf(trace, "canary")).toEqual([[2, 2, 41.2346, null, 50]]);
  expect(pointsOf(trace, "target")).toEqual([[3, 3, 42, null, 50]]);
});

test("however long a watch is, its trace stays small, in order, and ends with the newest look", () => {
  let trace: WatchTrace = [];
  for (let at = 1; at <= 5000; at += 1) trace = extendTrace(trace, "canary", look(at, at));
  const times = pointsOf(trace, "canary").map(([at]) => at);
  expect(times.length).toBeLessThan(60);
  expect(times.at(-1)).toBe(5000);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
});
