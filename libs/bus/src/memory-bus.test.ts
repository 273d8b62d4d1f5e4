import { expect, test } from "vitest";
import type { ConsumerEvent, Handler } from "./bus.ts";
import { describeBus } from "./conformance.ts";
import { memoryBus } from "./memory-bus.ts";
import { testMessage } from "./testing/test-message.ts";

describeBus("in memory", async (options) => memoryBus(options));

test("P1: redelivery while a handler runs fences the first run, and the effect happens once", async () => {
  const bus = memoryBus();
  const entered = Promise.withResolvers<void>();
  const resume = Promise.withResolvers<void>();
  const kinds: string[] = [];
  const handler: Handler = async ({ deliveryCount }) => {
    if (deliveryCount === 1) {
      entered.resolve();
      await resume.promise;
    }
    return { ledger: [`run ${deliveryCount}`] };
  };
  const onOutcome = ({ kind }: ConsumerEvent): number => kinds.push(kind);
  const zombie = bus.consume({ inbox: "in", claimIdleMs: 60_000, handler, onOutcome });
  await bus.send(0, testMessage(), "in", "k");
  await entered.promise;
  const twin = bus.consume({ inbox: "in", claimIdleMs: 100, handler });
  expect(bus.redeliver("in")).toBe(1);
  await bus.quiet();
  resume.resolve();
  await Promise.all([zombie.stop(), twin.stop()]);
  expect(kinds).toEqual(["fenced"]);
  expect((await bus.readLedger(0, { count: 9 })).map(({ entry }) => entry)).toEqual(["run 2"]);
});
