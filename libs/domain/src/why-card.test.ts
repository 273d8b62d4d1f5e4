import { expect, test } from "vitest";
import { decide } from "./patch/decide.ts";
import type { Observation } from "./observation/observation.ts";
import type { PatchCommand } from "./patch/command.ts";
import {
  effectIdOf,
  facts,
  landedIn,
  observationOf,
  patchOf,
  pushingFrom,
} from "./patch/example.ts";
import { landingFrom, person } from "./patch/example.ts";
import type { PatchEvent } from "./patch/event.ts";
import type { PatchState } from "./patch/state.ts";
import { defaultRules } from "./default-policy.ts";
import { type HistoryEntry, whyCardOf } from "./why-card.ts";

const policy = { rules: defaultRules.filter(({ id }) => id === "accuracy-floor") };
const breach: Observation = {
  kind: "breach",
  at: 5000,
  ruleId: "accuracy-floor",
  why: "accuracy mean 0.81 ratio is beyond the limit of 0.95 ratio (80 samples)",
  readings: [
    {
      ruleId: "accuracy-floor",
      metric: "accuracy",
      unit: "ratio",
      statistic: "mean",
      verdict: "breach",
      canary: 0.81,
      limit: 0.95,
      canarySamples: 80,
      baselineSamples: 0,
      detail: "low",
    },
  ],
};

/** The ledger of a patch from its landing on, by real decisions. */
function historyOf(commands: readonly ((state: PatchState) => PatchCommand)[]): HistoryEntry[] {
  const patch = patchOf(policy);
  const events: PatchEvent[] = [{ type: "PatchSubmitted", patch }];
  let state = pushingFrom(landingFrom(patch));
  for (const command of commands) {
    const decision = decide(state, command(state), facts({ now: 6000 }));
    if (decision.kind !== "accepted" || !decision.state) throw new Error("not accepted");
    events.push(...decision.events);
    state = decision.state;
  }
  return events.map((event, index) => ({ sequence: index + 1, at: 1000 + index, event }));
}

const toBreach = [
  (state: PatchState) => landedIn(state),
  (state: PatchState) =>
    ({ ...observationOf(state, "breach"), observation: breach }) as PatchCommand,
];
const revert = {
  branch: "council/canary",
  commit: "r1",
  tree: "t0",
  landing: "c-canary",
  restored: "exact",
} as const;
const toRevert = [
  ...toBreach,
  (state: PatchState): PatchCommand => ({
    type: "record-revert",
    effectId: effectIdOf(state),
    outcome: { kind: "reverted", reverts: [revert] },
  }),
];

test("P5: the card of a breach holds the rule, its numbers, the events and what would have kept it", () => {
  const answer = whyCardOf(historyOf(toRevert));
  expect(answer).toMatchObject({
    kind: "card",
    card: {
      kind: "reverted",
      cause: "breach",
      stage: "canary",
      metric: {
        name: "accuracy",
        canary: 0.81,
        threshold: 0.95,
        canarySamples: 80,
        worse: "lower",
      },
      series: [{ at: 5000, stage: "canary", canary: 0.81, threshold: 0.95 }],
      reverts: [revert],
      decidedAt: 6000,
    },
  });
  if (answer.kind !== "card") throw new Error(answer.reason);
  expect(answer.card.sentence).toContain("accuracy mean 0.81");
  expect(answer.card.events.map(({ type }) => type)).toEqual([
    "Landed",
    "WatchStarted",
    "RevertStarted",
    "Reverted",
  ]);
  expect(answer.card.keptBy[0]).toBe(
    "accuracy mean of at least 0.95 ratio on the canary instead of 0.81 ratio",
  );
  expect(answer.card.keptBy[1]).toContain("limit of 0.81 ratio or looser");
  expect(whyCardOf(historyOf(toRevert))).toEqual(answer);
});

test("P5: the curve of the evidence ends at the breach, and the interval is the reading's", () => {
  const [reading] = breach.readings;
  const tested: Observation = {
    ...breach,
    readings: [{ ...reading!, interval: { low: 0.79, high: 0.83 } }],
    harm: 3.14159,
    trail: [
      [0, 0.001],
      [4000, 3.14],
    ],
  };
  const [land] = toBreach;
  const broken = (state: PatchState) =>
    ({ ...observationOf(state, "breach"), observation: tested }) as PatchCommand;
  const answer = whyCardOf(historyOf([land!, broken]));
  expect(answer).toMatchObject({
    card: {
      metric: { interval: { low: 0.79, high: 0.83 } },
      evidence: {
        threshold: 1,
        points: [
          { at: 1000, harm: 0.001 },
          { at: 5000, harm: 3.14 },
        ],
      },
    },
  });
  expect(JSON.stringify(whyCardOf(historyOf(toBreach)))).not.toContain('threshold":1,');
});

test("a rollback under way is a card without an end", () => {
  const answer = whyCardOf(historyOf(toBreach));
  expect(answer).toMatchObject({ kind: "card", card: { kind: "reverting", reverts: [] } });
  expect(answer.kind === "card" && "endedAt" in answer.card).toBe(false);
});

test("a rollback that a person asked for names the person", () => {
  const asked = (): PatchCommand => ({ type: "request-rollback", ...person });
  const answer = whyCardOf(historyOf([(state) => landedIn(state), asked]));
  expect(answer).toMatchObject({
    kind: "card",
    card: { cause: "request", actor: "ann", series: [], keptBy: ["ann not asking for it"] },
  });
});

test("a patch that was never taken back has no card, and says why", () => {
  expect(whyCardOf(historyOf([(state) => landedIn(state)])).kind).toBe("none");
  expect(whyCardOf([]).kind).toBe("none");
});
