import { expect, test } from "vitest";
import { type Cost, costText } from "./cost-command.ts";

const noon = Date.UTC(2026, 0, 31, 12);
const day = {
  cap: "day",
  limitMicroUsd: 500_000,
  heldMicroUsd: 50_000,
  spentMicroUsd: 400_000,
  resetAt: Date.UTC(2026, 1, 1),
  usedRatio: 0.9,
  projectedMicroUsd: 900_000,
  warningRatio: 0.9,
};
const cost: Cost = {
  mode: "normal",
  suspended: [],
  waiting: [],
  windows: [
    day,
    { cap: "hour", limitMicroUsd: null, heldMicroUsd: 0, spentMicroUsd: 7, resetAt: 1 },
  ],
  heads: [],
  month: {
    head: [{ name: "gem\u001b[2Jini", calls: 3, spentMicroUsd: 400_000 }],
    model: [],
    repository: [],
  },
};

test("shows what is spent, held and left, the projection and the reset time", () => {
  expect(costText(cost)).toBe(
    [
      "day                $0.40 spent and $0.05 held of $0.50 (90 % !), at this rate $0.90; resets 2026-02-01 00:00 UTC",
      "hour               $0.000007 spent, no cap",
      "",
      "this month (UTC)",
      "by head            gem [2Jini: $0.40 in 3 calls",
      "",
    ].join("\n"),
  );
});

test("says first why spending has stopped, and until when", () => {
  const text = costText({
    ...cost,
    mode: "degraded",
    stop: { actor: "ann", reason: "it burns", at: noon },
    suspended: [
      { head: "gemini", reason: 'the cap "day" is used up', resetAt: day.resetAt },
      { head: "openai", reason: "stopped", resetAt: 0 },
    ],
    waiting: [{ id: "p00-x", why: "openai is suspended", resetAt: day.resetAt }],
  });
  expect(text.split("\n").slice(0, 5)).toEqual([
    "STOPPED by ann at 2026-01-31 12:00 UTC: it burns",
    "DEGRADED by O3_AUDIT_MODE: no paid head is asked",
    'gemini is suspended until 2026-02-01 00:00 UTC: the cap "day" is used up',
    "openai is suspended until an operator allows it: stopped",
    "p00-x is held until 2026-02-01 00:00 UTC: openai is suspended",
  ]);
});
