import { observe, type Sample, startWatch, defaultRules } from "@council/domain";
import { expect, test } from "vitest";
import { drilledRules } from "./drill-world.ts";
import type { Distortion } from "./fault.ts";
import { faultNamed, faults, shortDrill } from "./fault.ts";
import { measure, seededChance } from "./telemetry.ts";

/** What the rules say of the fault when they see nothing but its measurements. */
function verdictOn(distortion: Distortion | undefined, evidence: number, seed: number) {
  const random = seededChance(seed);
  let state = startWatch({
    patchId: "p",
    stage: "canary",
    token: 1,
    startedAt: 0,
    watchMinMs: 0,
    rules: drilledRules(defaultRules, evidence),
  });
  for (let at = 100; at < 60_000; at += 100) {
    const samples: Sample[] = measure(75, distortion, random).map((line) => ({ ...line, at }));
    const look = observe(state, samples, at);
    ({ state } = look);
    const { kind, ruleId } = look.observation;
    if (kind !== "watching") return { kind, ruleId };
  }
  return { kind: "watching" };
}

test.each(faults.filter((fault) => fault.expected.kind === "reverted"))(
  "$name does harm that the rules of old would see",
  (fault) => {
    const found = [1, 2, 3].map((seed) => verdictOn(fault.distortion, fault.evidence, seed));
    expect(found.map(({ kind }) => kind)).toEqual(["breach", "breach", "breach"]);
  },
);

test("what is healthy, or within the tolerance, is no breach", () => {
  const healthy = [undefined, faultNamed("latency-1.1")?.distortion];
  for (const distortion of healthy)
    for (const seed of [1, 2, 3]) expect(verdictOn(distortion, 600, seed).kind).not.toBe("breach");
});

test("a blackout measures nothing, and NaN stays NaN until it is sent", () => {
  const random = seededChance(1);
  expect(measure(10, { kind: "blackout" }, random)).toEqual([]);
  const lines = measure(10, { kind: "not-a-number", metric: "latency" }, random);
  const broken = lines.filter(({ value }) => Number.isNaN(value));
  expect(broken.map(({ arm, metric }) => `${arm} ${metric}`)).toEqual(
    Array.from({ length: 10 }, () => "canary latency"),
  );
});

test("the same seed measures the same, another one something else", () => {
  const draw = (seed: number) => measure(5, undefined, seededChance(seed));
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
});

test("the names of faults are distinct, and the short drill has a placebo", () => {
  const names = faults.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(shortDrill.every((name) => faultNamed(name))).toBe(true);
  expect(shortDrill).toContain("placebo");
  expect(faultNamed("toString")).toBeUndefined();
});
