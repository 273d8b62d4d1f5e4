import { describe, expect, test } from "vitest";
import { accountsOf, dollars, windowsAt } from "./spend-accounts.ts";
import { balancesOf, spendRows, sumBy, type SpendEntry } from "./spend-entries.ts";
import { outlookOf, warningsCrossed } from "./spend-outlook.ts";

const call = { patchId: "p", repository: "r", sender: "s", head: "h" };

describe("accounts", () => {
  test.each([
    ["2026-12-31T23:59:59.999Z", ["2026-12-31T23", "2026-12-31", "2026-12"]],
    ["2027-01-01T00:00:00.000Z", ["2027-01-01T00", "2027-01-01", "2027-01"]],
    ["2028-02-29T12:30:00.000Z", ["2028-02-29T12", "2028-02-29", "2028-02"]],
  ])("the windows at %s are those of UTC", (time, names) => {
    const at = Date.parse(time);
    const windows = Object.values(windowsAt(at));
    expect(windows.map(({ name }) => name)).toEqual(names);
    for (const { from, to } of windows) expect(from <= at && at < to).toBe(true);
  });

  test("a window ends where the next begins", () => {
    const { hour, day, month } = windowsAt(Date.UTC(2026, 1, 28, 23, 30));
    for (const { to } of [hour, day, month]) expect(to).toBe(Date.UTC(2026, 2, 1));
  });

  test("every call is booked on seven accounts, and names with colons stay apart", () => {
    const at = Date.UTC(2026, 0, 1);
    const keys = accountsOf({ ...call, head: "a:b" }, {}, at).map(({ key }) => key);
    expect(keys).toHaveLength(7);
    expect(keys.at(-1)).toBe("head:2026-01-01:a:b");
  });

  test.each([
    [0, "$0.00"],
    [500_000, "$0.50"],
    [1, "$0.000001"],
    [123_450_000, "$123.45"],
    [-20_000, "-$0.02"],
  ])("%d micro-dollars are %s", (amount, text) => expect(dollars(amount)).toBe(text));
});

describe("outlook", () => {
  const window = { name: "d", from: 0, to: 24 };
  const spent = (spentMicroUsd: number, heldMicroUsd = 0) => ({ spentMicroUsd, heldMicroUsd });

  test.each([
    [
      "half the cap at noon lasts to the end",
      spent(30, 20),
      12,
      { burnRate: 1, projectedMicroUsd: 100 },
    ],
    ["90 % at noon is warned of", spent(90), 12, { warningRatio: 0.9, projectedMicroUsd: 180 }],
    ["75 % exactly is warned of", spent(75), 24, { warningRatio: 0.75, usedRatio: 0.75 }],
    ["the first minutes count as one twenty-fourth", spent(1), 0, { projectedMicroUsd: 24 }],
  ])("%s", (_, balance, now, expected) => {
    expect(outlookOf(balance, 100, window, now)).toMatchObject(expected);
  });

  test("a cap of nothing is used up", () => {
    expect(outlookOf(spent(0), 0, window, 12)).toMatchObject({ usedRatio: 1, warningRatio: 0.9 });
  });

  test.each([
    [0, 74, []],
    [74, 75, [0.75]],
    [75, 89, []],
    [10, 95, [0.75, 0.9]],
  ])("from %d to %d of 100 steps over %j", (before, after, crossed) => {
    expect(warningsCrossed(before, after, 100)).toEqual(crossed);
  });
});

describe("ledger", () => {
  const reserved = (callId: string, worstCaseMicroUsd: number, head = "h"): SpendEntry => ({
    type: "reserved",
    at: 1,
    request: { ...call, head, callId, model: "m", worstCaseMicroUsd },
    accounts: ["day:x", `head:${head}`],
  });
  const entries: SpendEntry[] = [
    reserved("a", 10),
    reserved("b", 20),
    reserved("c", 30, "other"),
    { type: "settled", at: 2, callId: "a", chargedMicroUsd: 4 },
    { type: "expired", at: 3, callId: "c", chargedMicroUsd: 30 },
    { type: "settled", at: 4, callId: "nobody", chargedMicroUsd: 99 },
    { type: "stopped", at: 5, actor: "ann", reason: "enough" },
  ];

  test("P5: balances follow from the entries alone", () => {
    expect(Object.fromEntries(balancesOf(entries))).toEqual({
      "day:x": { heldMicroUsd: 20, spentMicroUsd: 34 },
      "head:h": { heldMicroUsd: 20, spentMicroUsd: 4 },
      "head:other": { heldMicroUsd: 0, spentMicroUsd: 30 },
    });
  });

  test("calls are summed by what they are asked for, most expensive first", () => {
    expect(sumBy(spendRows(entries), ({ head }) => head)).toEqual([
      { name: "other", calls: 1, heldMicroUsd: 0, spentMicroUsd: 30 },
      { name: "h", calls: 2, heldMicroUsd: 20, spentMicroUsd: 4 },
    ]);
  });
});
