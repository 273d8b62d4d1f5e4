import { describe, expect, test } from "vitest";
import { memoryBus } from "@council/bus";
import { boundedBus } from "./bounded-bus.ts";
import { problemTypes } from "./problems.ts";
import { routeNames } from "./route-names.ts";
import { senderLimit } from "./sender-limit.ts";
import { readSenderSecrets } from "./sender-secrets.ts";
import { newSecret, testGateway } from "./test-gateway.ts";

describe("the catalogue of problems", () => {
  test("has one line per code, an error status each, and no title twice", () => {
    const types = Object.entries(problemTypes);
    expect(types.every(([code]) => /^[a-z]+(-[a-z]+)*$/.test(code))).toBe(true);
    expect(types.every(([, { status }]) => status >= 400 && status < 600)).toBe(true);
    expect(new Set(types.map(([, { title }]) => title)).size).toBe(types.length);
  });
});

describe("the routes", () => {
  test("are all known to the metrics", async () => {
    await using gateway = await testGateway();
    await gateway.app.ready();
    for (const url of routeNames) {
      const isServed = (["GET", "POST", "PATCH"] as const).some((method) =>
        gateway.app.hasRoute({ method, url }),
      );
      expect([url, isServed]).toEqual([url, true]);
    }
  });
});

describe("sender secrets", () => {
  test("nobody may send when none is set", () => {
    expect(readSenderSecrets(undefined).size).toBe(0);
    expect(readSenderSecrets(" , ").size).toBe(0);
  });

  test.each([
    ["no sender", () => newSecret()],
    ["an empty sender", () => `=${newSecret()}`],
    ["a sender with a colon", () => `a:b=${newSecret()}`],
    ["no prefix", () => `demo=${newSecret().slice(6)}`],
    ["a short secret", () => "demo=whsec_c2hvcnQ="],
    ["a secret that is too long", () => `demo=whsec_${"A".repeat(200)}`],
    ["no base64", () => "demo=whsec_!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!"],
  ])("%s is refused without quoting it", (_name, make) => {
    const text = make();
    let message = "";
    try {
      readSenderSecrets(text);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toMatch(/^COUNCIL_WEBHOOK_SECRETS: /);
    expect(message).not.toContain(text.split("=")[1]!.slice(6, 20) || "nothing");
  });
});

describe("a sender's bucket", () => {
  test("fills with time, never beyond the burst, and not by a clock that goes back", () => {
    let now = 0;
    const take = senderLimit({ perSecond: 2, burst: 3, clock: () => now });
    const taken = () => {
      let count = 0;
      try {
        for (;;) {
          take("a");
          count += 1;
        }
      } catch {
        return count;
      }
    };
    expect(taken()).toBe(3);
    now = 499;
    expect(taken()).toBe(0);
    now = 500;
    expect(taken()).toBe(1);
    now = 100;
    expect(taken()).toBe(0);
    now = 1_000_000;
    expect(taken()).toBe(3);
    expect(() => take("b")).not.toThrow();
  });
});

describe("the bounded bus", () => {
  test("refuses at once while too many calls are overdue, and recovers", async () => {
    const bus = memoryBus();
    const gate = Promise.withResolvers<void>();
    const call = boundedBus(bus, { limitMs: 20, mostOverdue: 3 });
    const late = Array.from({ length: 3 }, () => call(() => gate.promise));
    const outcomes = await Promise.allSettled(late);
    expect(outcomes.every(({ status }) => status === "rejected")).toBe(true);
    let isAsked = false;
    const refused = call(async () => {
      isAsked = true;
    });
    await expect(refused).rejects.toMatchObject({ code: "unavailable" });
    expect(isAsked).toBe(false);
    gate.resolve();
    await gate.promise;
    expect(await call((open) => open.readKey(0, "x"))).toBeUndefined();
    await bus.close();
  });
});
