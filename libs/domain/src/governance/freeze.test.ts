import { describe, expect, test } from "vitest";
import { freezeAt, freezeFaults, type FreezeWindow } from "./freeze.ts";

const at = (text: string) => Date.parse(text);
const iso = (windows: readonly FreezeWindow[], now: string) => {
  const freeze = freezeAt(windows, at(now));
  return freeze && new Date(freeze.until).toISOString();
};
const zone = { timeZone: "Europe/Berlin", reason: "weekend" };
const friday: FreezeWindow = { kind: "weekly", days: ["fri"], from: "16:00", to: "24:00", ...zone };
const weekend: FreezeWindow = {
  kind: "weekly",
  days: ["sat", "sun"],
  from: "00:00",
  to: "24:00",
  ...zone,
};
const night: FreezeWindow = {
  kind: "weekly",
  days: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
  from: "22:00",
  to: "06:00",
  ...zone,
};
const christmas: FreezeWindow = {
  kind: "dated",
  from: "2026-12-24T12:00",
  to: "2026-12-27T00:00",
  ...zone,
};

describe("a freeze", () => {
  test.for([
    ["just before", "2026-11-27T14:59:59Z", undefined],
    [
      "from its first moment to the end of those that follow it",
      "2026-11-27T15:00:00Z",
      "2026-11-29T23:00:00.000Z",
    ],
    ["in the middle", "2026-11-28T12:00:00Z", "2026-11-29T23:00:00.000Z"],
    ["not at its last moment", "2026-11-29T23:00:00Z", undefined],
    ["on Monday", "2026-11-30T12:00:00Z", undefined],
  ] as const)("holds by the clock of its zone: %s", ([, now, until]) => {
    expect(iso([friday, weekend], now)).toBe(until);
  });

  test("goes over midnight into the next day", () => {
    expect(iso([night], "2026-11-30T21:30:00Z")).toBe("2026-12-01T05:00:00.000Z");
    expect(iso([night], "2026-12-01T04:00:00Z")).toBe("2026-12-01T05:00:00.000Z");
    expect(iso([night], "2026-12-01T05:00:00Z")).toBe(undefined);
  });

  test("keeps its place over both changes of summer time", () => {
    // The night of the change is an hour shorter in spring, and longer in autumn.
    expect(iso([night], "2026-03-29T00:30:00Z")).toBe("2026-03-29T04:00:00.000Z");
    expect(iso([night], "2026-10-25T00:30:00Z")).toBe("2026-10-25T05:00:00.000Z");
  });

  test("has a beginning and an end on a date", () => {
    expect(iso([christmas], "2026-12-24T10:59:00Z")).toBe(undefined);
    expect(iso([christmas], "2026-12-24T11:00:00Z")).toBe("2026-12-26T23:00:00.000Z");
    expect(iso([christmas], "2026-12-26T23:00:00Z")).toBe(undefined);
  });

  test("without an end is looked at again, and never loops", () => {
    const always: FreezeWindow = { ...night, from: "00:00", to: "24:00" };
    expect(freezeAt([always], at("2026-12-01T00:00:00Z"))?.until).toBeGreaterThan(
      at("2026-12-20T00:00:00Z"),
    );
  });

  test("says what is wrong with it", () => {
    expect(freezeFaults([{ ...friday, timeZone: "Mars/Base" }])[0]).toMatch(/no known time zone/);
    expect(freezeFaults([{ ...christmas, to: "2026-12-24T12:00" }])[0]).toMatch(/ends before/);
    expect(freezeFaults([friday, weekend, night, christmas])).toEqual([]);
  });
});
