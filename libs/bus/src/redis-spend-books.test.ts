import { type SpendLedger, spendRows } from "@council/domain";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { SpendLedgerOptions } from "./make-spend-ledger.ts";
import { openSpendLedger } from "./open-spend-ledger.ts";
import { callOf, describeSpendLedger } from "./conformance/spend-ledger.ts";
import { type PrivateRedis, startPrivateRedis, testRedis } from "./testing/private-redis.ts";
import { randomPrefix, until } from "./testing/test-message.ts";

let server: Awaited<ReturnType<typeof testRedis>>;

beforeAll(async () => {
  server = await testRedis();
});
afterAll(() => server.stop());

const openOn = (redisUrl: string, keyPrefix: string, options: SpendLedgerOptions): SpendLedger =>
  openSpendLedger({ ...options, name: "test", redisUrl, keyPrefix });

describeSpendLedger("on Redis", (options) => openOn(server.url, randomPrefix(), options));

const usedToday = async (ledger: SpendLedger) => {
  const { accounts } = await ledger.status();
  const day = accounts.find(({ cap }) => cap === "day")!;
  return day.heldMicroUsd + day.spentMicroUsd;
};

describe("on a Redis that fails", () => {
  test("P7: no answer is a refusal, never a free call", async () => {
    const ledger = openOn("redis://127.0.0.1:1", "x", { caps: {}, timeoutMs: 50 });
    onTestFinished(() => ledger.close());
    const decision = await ledger.reserve(callOf("c"));
    expect(decision).toMatchObject({ kind: "refused", cap: "ledger-unavailable" });
  });

  test("balances damaged outside are made again from the ledger", async () => {
    const keyPrefix = randomPrefix();
    const ledger = openOn(server.url, keyPrefix, { caps: { day: 50_000 } });
    onTestFinished(() => ledger.close());
    await ledger.reserve(callOf("a"));
    await ledger.settle("a", 7000);
    await ledger.reserve(callOf("b"));
    const redis = new Redis(server.url);
    onTestFinished(() => redis.disconnect());
    const [key] = await redis.keys(`{${keyPrefix}spend}:account:day:*`);
    await redis.hset(key!, "spent", 0, "held", 0);
    expect(await usedToday(ledger)).toBe(0);
    expect(await ledger.rebuild()).toEqual([expect.stringMatching(/^day:/)]);
    expect(await usedToday(ledger)).toBe(17_000);
  });

  test("P7: 200 callers, retries and duplicates over kills of Redis overspend exactly nothing", async () => {
    const own: PrivateRedis = await startPrivateRedis();
    onTestFinished(() => own.stop());
    const keyPrefix = randomPrefix();
    const [midnight, cap] = [Date.UTC(2026, 0, 2), 200_000];
    let now = midnight - 60_000;
    const processes = Array.from({ length: 4 }, () =>
      openOn(own.url, keyPrefix, { caps: { day: cap }, clock: () => now, timeoutMs: 500 }),
    );
    onTestFinished(async () => void (await Promise.all(processes.map((each) => each.close()))));
    let made = 0;
    const caller = async (number: number): Promise<void> => {
      for (let attempt = 0; attempt < 12; attempt += 1) {
        const ledger = processes[(number + attempt) % processes.length]!;
        const call = callOf(`${number}.${attempt}`, {
          worstCaseMicroUsd: 3000 + (number % 7) * 100,
        });
        const [decision] = await Promise.all([
          ledger.reserve(call),
          ...(attempt % 3 === 0 ? [ledger.reserve(call)] : []),
        ]);
        if (decision.kind === "refused") continue;
        made += 1;
        if (number % 10 === 0) continue; // killed before it could settle
        await ledger.settle(call.callId, number % 4 === 0 ? undefined : 500 + number);
        if (number % 5 === 0) await ledger.settle(call.callId, 1);
      }
    };
    const callers = Promise.all(Array.from({ length: 200 }, (_, number) => caller(number)));
    let isOver = false;
    void callers.then(() => (isOver = true));
    for (let kill = 0; kill < 3; kill += 1) {
      const before = made;
      await until(() => made > before + 3 || isOver);
      await own.kill();
      await own.restart();
      if (kill === 1) now = midnight + 1000;
    }
    await callers;
    const [ledger] = processes;
    await until(() => ledger!.status().then(Boolean, () => false));
    const rows = spendRows(await ledger!.entries());
    for (const day of ["day:2026-01-01", "day:2026-01-02"]) {
      const used = rows
        .filter(({ accounts }) => accounts.includes(day))
        .reduce((sum, { chargedMicroUsd }) => sum + chargedMicroUsd, 0);
      expect(used).toBeGreaterThan(cap / 4);
      expect(used).toBeLessThanOrEqual(cap);
    }
    expect(made).toBeLessThanOrEqual(rows.length);
    expect(await ledger!.rebuild()).toEqual([]);
  }, 60_000);
});
