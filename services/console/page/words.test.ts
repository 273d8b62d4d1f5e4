import type { Observation, PatchEvent } from "@council/domain";
import { describe as suite, expect, test } from "vitest";
import type { PatchKind } from "./api.ts";
import { ago, dollars, quantity, span } from "./quantity.ts";
import { describe, groups, kindOf, kinds, stateAfter, whyOf } from "./words.ts";

const observation: Observation = {
  kind: "breach",
  at: 1,
  ruleId: "latency-p95",
  why: "p95 is over the limit",
  readings: [],
};

suite("words", () => {
  test("every state has a name, a shape and a group that is shown", () => {
    const shown = new Set<string>(groups.map(({ id }) => id));
    for (const [kind, { label, mark, group }] of Object.entries(kinds))
      expect([kind, label === "", mark === "", shown.has(group)]).toEqual([
        kind,
        false,
        false,
        true,
      ]);
    expect(kindOf("constructor")).toMatchObject({ label: "constructor", group: "flight" });
  });

  test("every state an event leads to is known", () => {
    const types = ["PatchSubmitted", "Held", "WatchStarted", "Reverted", "Settled"];
    const after = types.map((type) => stateAfter(type));
    const known: PatchKind[] = ["submitted", "held", "watching", "reverted", "settled"];
    expect(after).toEqual(known);
    expect(stateAfter("toString")).toBeUndefined();
    const strange = { type: "toString" } as unknown as PatchEvent;
    expect(describe(strange)).toEqual({ what: "toString", more: "", tone: "idle" });
  });

  test("a revert is explained in one sentence", () => {
    const started = { type: "RevertStarted", effectId: "e", at: 1 } as const;
    const breach: PatchEvent = {
      ...started,
      cause: { kind: "breach", stage: "canary", observation },
    };
    expect(whyOf(breach)).toBe("canary: p95 is over the limit");
    const asked = { kind: "request", actor: "ada", reason: "it smells" } as const;
    expect(describe({ ...started, cause: asked })).toEqual({
      what: "Taking it back",
      more: "ada asked: it smells",
      tone: "bad",
    });
  });
});

suite("quantities", () => {
  test.each([
    [0.9912, "ratio", "99.1 %"],
    [812, "micro-usd", "$0.000812"],
    [41.27, "ms", "41.3 ms"],
    [undefined, "ms", "–"],
    [Number.NaN, "ms", "–"],
  ])("%s in %s reads %s", (value, unit, text) => {
    expect(quantity(value, unit)).toBe(text);
  });

  test.each([
    [0, "$0.00"],
    [120_000, "$0.12"],
    [1_999_999, "$2.00"],
  ])("%i micro-dollars are %s", (value, text) => {
    expect(dollars(value)).toBe(text);
  });

  test.each([
    [999, "999 ms"],
    [5400, "5.4 s"],
    [90_000, "1 min 30 s"],
    [86_400_000, "1 d"],
    [7_260_000, "2 h 1 min"],
  ])("%i milliseconds read %s", (value, text) => {
    expect(span(value)).toBe(text);
  });

  test.each([
    [5, "just now"],
    [30, "30 sec. ago"],
    [120, "2 min. ago"],
    [7200, "2 hr. ago"],
    [86_400, "yesterday"],
  ])("%i seconds ago read %s", (seconds, text) => {
    expect(ago(0, seconds * 1000)).toBe(text);
  });
});
