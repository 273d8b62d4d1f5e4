import { type Delivery, memoryBus } from "@council/bus";
import { type BaselineEntry, baselineSubject, type StoredBaseline } from "@council/contracts";
import { genesisDigest, verifyChain } from "@council/evidence";
import { expect, test } from "vitest";
import { deliveryOf, messageOf, now, partition } from "./example.ts";
import { setAccuracyBaseline } from "./set-accuracy-baseline.ts";

const subject = baselineSubject("shop");
const score = { set: "5".repeat(64), total: 40, wrong: ["n3"] };

function asked(body: object = {}): Delivery {
  const type = "set-accuracy-baseline";
  const said = { type, score, actor: "ann", reason: "measured twice", ...body };
  return deliveryOf(messageOf({ type }, { subject, body: said }));
}

test("P5: a baseline stands in the ledger, chained to the one before, in the commit that sets it", async () => {
  const bus = memoryBus();
  const entries: BaselineEntry[] = [];
  let stored: StoredBaseline | undefined;
  const consumer = bus.consume({
    inbox: "x",
    blockMs: 20,
    handler: async (delivery) => {
      const outcome = await setAccuracyBaseline(bus, delivery, now);
      entries.push(...(outcome.ledger ?? []).map((entry) => JSON.parse(entry) as BaselineEntry));
      return outcome;
    },
  });
  for (const [id, wrong] of [
    ["first", ["n3"]],
    ["second", []],
  ] as const) {
    const { message } = asked({ score: { ...score, wrong } });
    await bus.send(partition, { ...message, id }, "x", id);
  }
  await bus.quiet();
  await consumer.stop();
  stored = JSON.parse((await bus.readState(partition, subject))?.value ?? "") as StoredBaseline;
  expect(entries.map(({ sequence, event }) => [sequence, event.actor, event.score.wrong])).toEqual([
    [1, "ann", ["n3"]],
    [2, "ann", []],
  ]);
  expect(entries[0]?.prev).toBe(genesisDigest);
  expect(verifyChain(entries)).toMatchObject({ kind: "intact" });
  expect(stored).toMatchObject({ sequence: 2, chainHead: entries[1]?.digest, at: now });
});

test.for([
  ["no reason", { reason: "" }],
  ["more wrong cases than there are", { score: { ...score, total: 1, wrong: ["a", "b"] } }],
  ["a case named twice", { score: { ...score, wrong: ["a", "a"] } }],
] as const)("one with %s is refused", async ([, body]) => {
  await expect(setAccuracyBaseline(memoryBus(), asked(body), now)).rejects.toThrow(/reason|wrong/);
});
