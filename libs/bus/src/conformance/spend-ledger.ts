// What every spend ledger has to do, as tests. The in-memory twin and the one on Redis both run it.
import {
  type CapName,
  capNames,
  type SpendAlert,
  type SpendCaps,
  type SpendLedger,
  type SpendRequest,
  type SpendRow,
  spendRows,
  suspensionsOf,
} from "@council/domain";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import type { SpendLedgerOptions } from "../make-spend-ledger.ts";

export type OpenTestLedger = (options: SpendLedgerOptions) => SpendLedger;

const noon = Date.UTC(2026, 2, 31, 12);
const midnight = Date.UTC(2026, 3, 1);

export const callOf = (callId: string, changes: Partial<SpendRequest> = {}): SpendRequest => ({
  callId,
  head: "gemini",
  repository: "shop",
  sender: "ci",
  patchId: "p00-example00",
  model: "model-1",
  worstCaseMicroUsd: 10_000,
  ...changes,
});

/** Declares the suite for one implementation; `open` gives empty books each time. */
export function describeSpendLedger(name: string, open: OpenTestLedger): void {
  const opened = (options: Partial<SpendLedgerOptions> = {}) => {
    const alerts: SpendAlert[] = [];
    let now = noon;
    const ledger = open({
      caps: { day: 50_000 },
      clock: () => now,
      onAlert: (alert) => alerts.push(alert),
      ...options,
    });
    onTestFinished(() => ledger.close());
    return { ledger, alerts, setClock: (at: number) => void (now = at) };
  };
  describe(`spend ledger: ${name}`, () => {
    describeReservations(opened);
    describeSettlements(opened);
    describeSwitch(opened);
    describeBooks(opened);
  });
}

type Opened = (options?: Partial<SpendLedgerOptions>) => {
  ledger: SpendLedger;
  alerts: SpendAlert[];
  setClock: (at: number) => void;
};

async function dayOf(ledger: SpendLedger) {
  const { accounts } = await ledger.status();
  const day = accounts.find(({ cap }) => cap === "day")!;
  return { held: day.heldMicroUsd, spent: day.spentMicroUsd };
}

function describeReservations(opened: Opened): void {
  test("P7: at 200 parallel calls the cap is reached and not passed", async () => {
    const { ledger } = opened();
    const decisions = await Promise.all(
      Array.from({ length: 200 }, (_, call) => ledger.reserve(callOf(`c${call}`))),
    );
    expect(decisions.filter(({ kind }) => kind === "reserved")).toHaveLength(5);
    expect(await dayOf(ledger)).toEqual({ held: 50_000, spent: 0 });
    const refused = decisions.find(({ kind }) => kind === "refused");
    expect(refused).toEqual({
      kind: "refused",
      cap: "day",
      reason: 'the call may cost $0.01, $0.00 of the cap "day" ($0.05) is left',
      resetAt: midnight,
    });
  });

  test("a call reserved again is booked once; another call of the same id is refused", async () => {
    const { ledger } = opened();
    const reserve = (changes?: Partial<SpendRequest>) => ledger.reserve(callOf("c", changes));
    await Promise.all([reserve(), reserve(), reserve()]);
    expect(await dayOf(ledger)).toEqual({ held: 10_000, spent: 0 });
    expect(await reserve({ worstCaseMicroUsd: 1 })).toMatchObject({ kind: "refused", cap: "call" });
    await ledger.settle("c", 4000);
    expect(await reserve()).toMatchObject({ kind: "refused", cap: "call" });
    expect(await dayOf(ledger)).toEqual({ held: 0, spent: 4000 });
  });

  test.each<[CapName, Partial<SpendRequest>, number]>([
    ["hour", {}, noon + 3_600_000],
    ["day", {}, midnight],
    ["month", {}, midnight],
    ["patch", { patchId: "p00-example01" }, 0],
    ["repository", { repository: "other" }, midnight],
    ["sender", { sender: "other" }, midnight],
    ["head", { head: "openai" }, midnight],
  ])("the cap %s holds and says when it opens again", async (cap, otherwise, resetAt) => {
    const { ledger } = opened({ caps: { [cap]: 25_000 } });
    for (const id of ["a", "b"])
      expect(await ledger.reserve(callOf(id))).toEqual({ kind: "reserved" });
    expect(await ledger.reserve(callOf("c"))).toMatchObject({ kind: "refused", cap, resetAt });
    const isShared = cap === "hour" || cap === "day" || cap === "month";
    expect(await ledger.reserve(callOf("d", otherwise))).toMatchObject({
      kind: isShared ? "refused" : "reserved",
    });
  });

  test("of several caps in the way the one that lasts longest is named", async () => {
    const { ledger } = opened({ caps: { hour: 1, day: 1, patch: 1 } });
    expect(await ledger.reserve(callOf("a"))).toMatchObject({ cap: "patch", resetAt: 0 });
  });

  test("P7: the window is that of the reservation, also when the call ends after midnight", async () => {
    const { ledger, setClock } = opened();
    setClock(midnight - 1);
    await ledger.reserve(callOf("late", { worstCaseMicroUsd: 50_000 }));
    setClock(midnight);
    expect(await dayOf(ledger)).toEqual({ held: 0, spent: 0 });
    await ledger.settle("late", 30_000);
    expect(await dayOf(ledger)).toEqual({ held: 0, spent: 0 });
    expect(await ledger.reserve(callOf("new", { worstCaseMicroUsd: 50_000 }))).toEqual({
      kind: "reserved",
    });
    setClock(midnight - 1); // a clock set back finds the old day as it was left
    expect(await dayOf(ledger)).toEqual({ held: 0, spent: 30_000 });
  });

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60])(
    "P7: a worst case of %d is no price and is refused",
    async (worstCaseMicroUsd) => {
      const { ledger } = opened();
      const decision = await ledger.reserve(callOf("c", { worstCaseMicroUsd }));
      expect(decision).toMatchObject({ kind: "refused", cap: "price" });
      expect(await dayOf(ledger)).toEqual({ held: 0, spent: 0 });
    },
  );

  test("a cap of nothing lets nothing through, and no cap lets everything", async () => {
    const none = opened({ caps: { day: 0 } });
    expect(await none.ledger.reserve(callOf("c"))).toMatchObject({ kind: "refused", cap: "day" });
    const open = opened({ caps: {} });
    expect(await open.ledger.reserve(callOf("d", { worstCaseMicroUsd: 1e12 }))).toEqual({
      kind: "reserved",
    });
  });
}

function describeSettlements(opened: Opened): void {
  test("settling frees what was not used, once", async () => {
    const { ledger } = opened();
    await ledger.reserve(callOf("c"));
    await Promise.all([ledger.settle("c", 3000), ledger.settle("c", 3000)]);
    await ledger.settle("c", 9000);
    expect(await dayOf(ledger)).toEqual({ held: 0, spent: 3000 });
  });

  test.each([undefined, -5, 0.5])("usage reported as %s charges the reservation", async (usage) => {
    const { ledger } = opened();
    await ledger.reserve(callOf("c"));
    await ledger.settle("c", usage);
    expect(await dayOf(ledger)).toEqual({ held: 0, spent: 10_000 });
  });

  test("a call that cost more than its worst case is booked in full and told", async () => {
    const { ledger, alerts } = opened();
    await ledger.reserve(callOf("c"));
    await ledger.settle("c", 60_000);
    expect(await dayOf(ledger)).toEqual({ held: 0, spent: 60_000 });
    expect(alerts).toContainEqual({
      kind: "overrun",
      callId: "c",
      heldMicroUsd: 10_000,
      chargedMicroUsd: 60_000,
    });
    expect(await ledger.reserve(callOf("d"))).toMatchObject({ kind: "refused", cap: "day" });
  });

  test("P7: what nobody settled becomes spent and is not given back", async () => {
    const { ledger, setClock } = opened({ holdMs: 1000 });
    await ledger.reserve(callOf("c"));
    setClock(noon + 999);
    expect(await ledger.expireDue()).toBe(0);
    setClock(noon + 1000);
    expect([await ledger.expireDue(), await ledger.expireDue()]).toEqual([1, 0]);
    expect(await dayOf(ledger)).toEqual({ held: 0, spent: 10_000 });
    await ledger.settle("c", 2000);
    expect(await dayOf(ledger)).toEqual({ held: 0, spent: 10_000 });
    expect(await ledger.reserve(callOf("c"))).toMatchObject({ kind: "refused", cap: "call" });
  });

  test("a late report above the expired hold is booked", async () => {
    const { ledger, setClock } = opened({ holdMs: 1000 });
    await ledger.reserve(callOf("c"));
    setClock(noon + 31_000);
    await ledger.reserve(callOf("d")); // expires what is due on its way
    await ledger.settle("c", 12_000);
    expect(await dayOf(ledger)).toEqual({ held: 10_000, spent: 12_000 });
  });

  test("a settlement of a call nobody reserved changes nothing and is told", async () => {
    const { ledger, alerts } = opened();
    await ledger.settle("ghost", 1000);
    expect(await dayOf(ledger)).toEqual({ held: 0, spent: 0 });
    expect(alerts).toMatchObject([{ kind: "unsettled", callId: "ghost" }]);
  });
}

function describeSwitch(opened: Opened): void {
  const said = { actor: "ann", reason: "it burns" };

  test("an emergency stop refuses at once until it is lifted, and settles what runs", async () => {
    const { ledger } = opened();
    await ledger.reserve(callOf("a"));
    await ledger.stop(said);
    expect(await ledger.reserve(callOf("b"))).toEqual({
      kind: "refused",
      cap: "emergency-stop",
      reason: "stopped by ann: it burns",
      resetAt: 0,
    });
    await ledger.settle("a", 1000);
    const status = await ledger.status();
    expect(status.stop).toEqual({ ...said, at: noon });
    expect(suspensionsOf(status, ["gemini"])).toMatchObject([
      { head: "gemini", cap: "emergency-stop", resetAt: 0 },
    ]);
    await ledger.resume({ actor: "bob", reason: "out" });
    expect(await ledger.reserve(callOf("b"))).toEqual({ kind: "reserved" });
    const switched = (await ledger.entries()).filter(({ type }) => /^(stop|resum)/.test(type));
    expect(switched.map(({ type }) => type)).toEqual(["stopped", "resumed"]);
  });

  test("degraded mode refuses every call", async () => {
    const { ledger } = opened({ mode: "degraded" });
    expect(await ledger.reserve(callOf("a"))).toMatchObject({ cap: "degraded-mode", resetAt: 0 });
    expect(suspensionsOf(await ledger.status(), ["a", "b"])).toHaveLength(2);
  });

  test("a head that has used up its cap is suspended alone, all when the day has", async () => {
    const { ledger } = opened({ caps: { day: 20_000, head: 10_000 } });
    await ledger.reserve(callOf("a"));
    const suspended = async () =>
      suspensionsOf(await ledger.status(["gemini", "openai"]), ["gemini", "openai"]).map(
        ({ head, cap }) => `${head} ${cap}`,
      );
    expect(await suspended()).toEqual(["gemini head"]);
    await ledger.reserve(callOf("b", { head: "openai" }));
    expect(await suspended()).toEqual(["gemini day", "openai day"]);
  });

  test("a head whose next call does not fit on what is left is suspended until it does", async () => {
    const { ledger } = opened({ caps: { day: 20_000 } });
    await ledger.reserve(callOf("a"));
    await ledger.settle("a", 15_000);
    const status = await ledger.status();
    const needing = (gemini: number) => suspensionsOf(status, ["gemini", "openai"], { gemini });
    expect(needing(5000)).toEqual([]);
    expect(needing(5001)).toMatchObject([{ head: "gemini", cap: "day" }]);
  });

  test("for a patch its own caps are looked at too, the one that lasts longest named first", async () => {
    const caps = { patch: 10_000, repository: 10_000, sender: 20_000 };
    const { ledger } = opened({ caps });
    const request = callOf("a");
    await ledger.reserve(request);
    const suspended = async (payer: Parameters<typeof ledger.status>[1]) =>
      suspensionsOf(await ledger.status(["gemini"], payer), ["gemini"]).map(({ cap }) => cap);
    expect(await suspended(undefined)).toEqual([]);
    expect(await suspended(request)).toEqual(["patch"]);
    expect(await suspended({ ...request, patchId: "another" })).toEqual(["repository"]);
    expect(await suspended({ ...request, patchId: "another", repository: "another" })).toEqual([]);
  });

  test("people are warned once at 75 % and at 90 % of a cap", async () => {
    const { ledger, alerts } = opened({ caps: { day: 100_000 } });
    for (let call = 0; call < 11; call += 1) await ledger.reserve(callOf(`c${call}`));
    expect(alerts).toMatchObject([
      { kind: "warning", cap: "day", ratio: 0.75 },
      { kind: "warning", cap: "day", ratio: 0.9 },
      { kind: "refused", cap: "day" },
    ]);
  });
}

/** Per account: held and spent by the rows, with the limit they must keep to. */
function usedOf(rows: readonly SpendRow[], key: string): number {
  return rows
    .filter(({ accounts }) => accounts.includes(key))
    .reduce((sum, { chargedMicroUsd }) => sum + chargedMicroUsd, 0);
}

const step = fc.record({
  act: fc.constantFrom("reserve", "reserve", "settle", "settle-blind", "tick", "expire"),
  call: fc.nat(30),
  head: fc.constantFrom("gemini", "openai"),
  patch: fc.nat(3),
  amount: fc.integer({ min: 1, max: 9000 }),
  share: fc.double({ min: 0, max: 1, noNaN: true }),
});

function describeBooks(opened: Opened): void {
  test("P5 P7: whatever happens in whatever order, no cap is passed and the ledger tells all", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
        const caps = { hour: 20_000, day: 30_000, patch: 12_000, head: 16_000 };
        let now = midnight - 3_600_000;
        const { ledger } = opened({ caps, clock: () => now, holdMs: 600_000 });
        for (const { act, call, head, patch, amount, share } of steps) {
          const request = callOf(`c${call}`, {
            head,
            patchId: `p${patch}`,
            worstCaseMicroUsd: amount,
          });
          if (act === "reserve")
            await Promise.all([ledger.reserve(request), ledger.reserve(request)]);
          else if (act === "settle")
            await ledger.settle(request.callId, Math.floor(amount * share));
          else if (act === "settle-blind") await ledger.settle(request.callId, undefined);
          else if (act === "tick") now += Math.floor(share * 900_000);
          else await ledger.expireDue();
        }
        const rows = spendRows(await ledger.entries());
        for (const key of new Set(rows.flatMap(({ accounts }) => accounts))) {
          const cap = capNames.find((each) => key.startsWith(`${each}:`));
          const { [cap ?? "day"]: limit = Number.POSITIVE_INFINITY }: SpendCaps = caps;
          expect(usedOf(rows, key)).toBeLessThanOrEqual(limit);
        }
        expect(await ledger.rebuild()).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  test("entries are read from a time on", async () => {
    const { ledger, setClock } = opened();
    await ledger.reserve(callOf("a"));
    setClock(noon + 5000);
    await ledger.settle("a", 1);
    expect(await ledger.entries(noon + 1)).toEqual([
      { type: "settled", at: noon + 5000, callId: "a", chargedMicroUsd: 1 },
    ]);
  });
}
