/** A watch whose level comes from the row of its lane: stricter for tests, nothing else for anybody. */
import { expect, test } from "vitest";
import { judge } from "./judge.ts";
import type { Observation } from "./observation.ts";
import type { Rule } from "./rule.ts";
import type { Sample } from "./samples.ts";
import { conclude, observe, startWatch } from "./watch.ts";

const right: Rule = {
  id: "right",
  kind: "sequential",
  metric: "accuracy",
  worse: "lower",
  tolerance: 0,
  alpha: 0.01,
  minEffect: 0.01,
  minSamples: 10,
  isRequired: true,
};
const floor: Rule = {
  id: "floor",
  kind: "absolute",
  metric: "accuracy",
  statistic: "mean",
  worse: "lower",
  limit: 0.5,
  minSamples: 10,
  windowSamples: 100,
  confirmations: 1,
  isRequired: true,
};

const answers = (bad: number): Sample[] =>
  (["baseline", "canary"] as const).flatMap((arm) =>
    Array.from({ length: 20 }, (_, at) => {
      const value = arm === "canary" && at < bad ? 0 : 1;
      return { metric: "accuracy", arm, value, unit: "ratio", at: 1 } as const;
    }),
  );

/** Looks with `bad` of 20 wrong answers of the canary until the watch says something, at most 60. */
function watched(level: number | undefined, bad: number, rules: readonly Rule[] = [right]) {
  const row = level === undefined ? {} : { level };
  let state = startWatch({
    patchId: "p",
    stage: "canary",
    token: 1,
    startedAt: 0,
    watchMinMs: 1000,
    rules,
    ...row,
  });
  const seen: Observation[] = [];
  for (let at = 1; at <= 60; at += 1) {
    const look = observe(JSON.parse(JSON.stringify(state)) as typeof state, answers(bad), at);
    state = look.state;
    seen.push(look.observation);
    if (look.observation.kind === "breach") break;
  }
  return { state, seen, last: seen.at(-1)! };
}

test("a stricter level asks for as much more evidence, and says at which it was judged", () => {
  const own = watched(undefined, 3);
  const strict = watched(1e-6, 3);
  expect(own.last).toMatchObject({ kind: "breach", ruleId: "right", level: 0.01 });
  expect(strict.last).toMatchObject({ kind: "breach", ruleId: "right", level: 1e-6 });
  expect(strict.seen.length).toBeGreaterThan(own.seen.length);
  // Evidence is a multiple of what a breach needs: the same evidence, ten thousand times less of it.
  const at = own.seen.length - 1;
  expect(own.seen[at]!.harm! / strict.seen[at]!.harm!).toBeCloseTo(1e4, 6);
  expect(watched(0.5, 3).last.level).toBe(0.01);
});

test("P3: harm that is shown, but not yet at the level of the row, does not pass as healthy", () => {
  const own = watched(undefined, 3);
  const waiting = watched(1e-300, 3);
  expect(waiting.seen.map(({ kind }) => kind)).not.toContain("breach");
  const since = waiting.seen.slice(own.seen.length - 1);
  expect(new Set(since.map(({ kind, lack }) => `${kind} ${lack}`))).toEqual(
    new Set(["watching insufficient-evidence"]),
  );
  const { observation } = conclude(waiting.state, 100);
  expect(observation.kind).toBe("inconclusive");
  expect(observation.why).toContain("not yet at the stricter one of this patch in its lane");
});

test("P4: a limit on a window takes a patch back at once, whatever the level", () => {
  const { seen, last } = watched(1e-300, 12, [right, floor]);
  expect(last).toMatchObject({ kind: "breach", ruleId: "floor" });
  expect(seen).toHaveLength(1);
});

test("P5: stored readings and level give the verdict again, bit for bit", () => {
  for (const level of [undefined, 1e-4, 1e-300]) {
    const { seen } = watched(level, 3);
    for (const observation of seen) {
      const { at, readings, trail: _, ...said } = observation;
      const moment = { at, startedAt: 0, watchMinMs: 1000, quiet: [], level: observation.level! };
      const again = judge([right], JSON.parse(JSON.stringify(readings)) as never, moment);
      expect(again).toEqual({ ...said, at, readings });
    }
  }
});
