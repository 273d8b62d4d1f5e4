import { memoryBus, type MemoryBus } from "@council/bus";
import { inboxes, patchCommandSchema, watchSubject } from "@council/contracts";
import { conclude, type Observation, observe, type Rule, type WatchState } from "@council/domain";
import { createMetrics } from "@council/runtime";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { handleWatch, type Watching } from "./handle-watch.ts";
import { watchMetrics } from "./watch-metrics.ts";

const patchId = "p03-abcdefgh";
const patch = { id: patchId, repository: "shop", targetBranch: "main", title: "t", author: "a" };
const start = 1_800_000_000_000;
const floor: Rule = {
  id: "accuracy-floor",
  kind: "absolute",
  metric: "accuracy",
  statistic: "mean",
  worse: "lower",
  limit: 0.9,
  minSamples: 2,
  windowSamples: 10,
  confirmations: 1,
  isRequired: true,
};

let bus: MemoryBus;
let now: number;
let unwatched: number;
let watching: Watching;
let count = 0;
beforeEach(() => {
  bus = memoryBus();
  [now, unwatched] = [start, 0];
  watching = {
    bus,
    observer: { observe, conclude },
    clock: () => now,
    sourcesOf: () => [],
    onLook: () => undefined,
    onUnwatched: (more) => (unwatched += more),
  };
});
afterEach(() => bus.close());

/** Sends these to the auditor and works them off, in order. */
async function tell(
  ...bodies: readonly { readonly type: string; readonly body: unknown; readonly id?: string }[]
) {
  const consumer = bus.consume({
    inbox: inboxes.streamingAuditor,
    blockMs: 20,
    backoffMs: () => 1,
    handler: (delivery) => handleWatch(watching, delivery),
  });
  for (const { type, body, id } of bodies) {
    count += 1;
    const core = { v: 1 as const, subject: patchId, correlationId: patchId, at: start };
    const message = { ...core, id: id ?? `m${count}`, type, body };
    await bus.send(3, message, inboxes.streamingAuditor, `${message.id}-${count}`);
  }
  while (
    (await bus.depth()).some(
      ({ inbox, length }) => inbox === inboxes.streamingAuditor && length > 0,
    )
  )
    await new Promise((resolve) => setTimeout(resolve, 2));
  await consumer.stop();
}
const effect = (type: string, more: object = {}) => ({
  type,
  body: { patch, effect: { type, stage: "canary", token: 4, ...more } },
});
const watch = (more: object = {}) => effect("watch", { rules: [floor], watchMinMs: 1000, ...more });
const samples = (value: number, at = start + 1, size = 3) => ({
  type: "samples",
  body: {
    samples: Array.from({ length: size }, () => ({
      metric: "accuracy",
      arm: "canary",
      value,
      unit: "ratio",
      at,
    })),
  },
});

const tokens = new Set<number | undefined>();
const observed: Observation[] = [];
/** What the patch was told, as the controller reads it. */
async function told() {
  const verdicts: unknown[] = [];
  const reader = bus.consume({
    inbox: inboxes.patchController,
    blockMs: 20,
    handler: ({ message }) => {
      const command = patchCommandSchema.parse(message.body);
      if (command.type === "record-observation")
        verdicts.push([command.stage, command.observation.kind]);
      if (command.type === "record-observation") tokens.add(command.token);
      if (command.type === "record-observation") observed.push(command.observation);
      return Promise.resolve({});
    },
  });
  await bus.quiet();
  await reader.stop();
  return verdicts;
}
const state = async () => {
  const read = await bus.readState(3, watchSubject(patchId));
  return read && (JSON.parse(read.value) as WatchState);
};

describe("a watch", () => {
  test("says healthy once there is evidence and time enough", async () => {
    await tell(watch(), samples(0.99));
    expect(await told()).toEqual([]);
    now = start + 2000;
    await tell(samples(0.99), samples(0.99));
    expect(await told()).toEqual([["canary", "healthy"]]);
  });

  test("says breach at once, and once", async () => {
    tokens.clear();
    await tell(watch(), samples(0.5), samples(0.4), effect("conclude-watch"));
    expect(await told()).toEqual([["canary", "breach"]]);
    expect([...tokens]).toEqual([4]);
  });

  test("P3: without samples it concludes as inconclusive, and goes on watching", async () => {
    await tell(watch(), effect("conclude-watch"));
    expect(await told()).toEqual([["canary", "inconclusive"]]);
    await tell(samples(0.5));
    expect(await told()).toEqual([["canary", "breach"]]);
  });

  test("P3: samples of another unit, of no patch, or from before it began are no evidence", async () => {
    await tell(samples(0.5));
    expect([unwatched, await state()]).toEqual([3, undefined]);
    const foreign = {
      type: "samples",
      body: {
        samples: [{ metric: "accuracy", arm: "canary", value: 1, unit: "percent", at: start + 1 }],
      },
    };
    await tell(watch(), samples(0.5, start - 1), foreign, foreign, foreign);
    expect(unwatched).toBe(6);
    expect((await state())?.refusedSamples).toBe(3);
    expect(await told()).toEqual([]);
  });

  test("P3: what an earlier stage showed is no evidence for the next", async () => {
    await tell(watch(), samples(0.91, start + 1, 1), watch({ stage: "target", token: 5 }));
    expect(await state()).toMatchObject({ stage: "target", token: 5, windows: {} });
    await tell(effect("conclude-watch", { stage: "canary" }));
    expect(await told()).toEqual([]);
  });

  test("P3: what is late and about an earlier landing changes nothing", async () => {
    await tell(watch({ stage: "target", token: 5 }));
    const begun = await state();
    await tell(watch(), effect("stop-watch"), effect("conclude-watch"));
    expect(await state()).toEqual(begun);
    expect(await told()).toEqual([]);
    await tell(effect("conclude-watch", { stage: "target", token: 5 }));
    expect(await told()).toEqual([["target", "inconclusive"]]);
  });

  test("a conclusion that has overtaken its watch is tried again, not dropped", async () => {
    const early = { type: "conclude-watch", subject: patchId, at: start };
    const { body } = effect("conclude-watch", { token: 5 });
    const message = { ...early, v: 1 as const, id: "early", correlationId: patchId, body };
    const place = { inbox: inboxes.streamingAuditor, partition: 3, entryId: "1-0" };
    const delivery = { ...place, consumer: "c", deliveryCount: 1, message };
    await expect(handleWatch(watching, delivery)).rejects.toThrow("has not begun");
    await tell(watch());
    await expect(handleWatch(watching, delivery)).rejects.toThrow("has not begun");
    await tell(watch({ stage: "target", token: 5 }));
    expect((await handleWatch(watching, delivery)).messages).toMatchObject([
      { message: { body: { type: "record-observation", token: 5 } } },
    ]);
  });

  test("that was stopped says nothing any more", async () => {
    await tell(
      watch(),
      effect("stop-watch"),
      samples(0.1),
      effect("conclude-watch"),
      effect("stop-watch"),
    );
    expect(await told()).toEqual([]);
  });

  test("a watch that begins later takes no sample from before, and ends the same", async () => {
    now = start + 6000;
    await tell(
      watch({ delayMs: 5000, watchMinMs: 0 }),
      samples(0.5, start + 4999),
      samples(0.95, start + 5000),
    );
    expect([unwatched, await told()]).toEqual([3, [["canary", "healthy"]]]);
  });

  test("P1: a batch counts once, however often it is delivered", async () => {
    await tell(watch());
    await tell({ ...samples(0.95, start + 1, 1), id: "once" });
    const before = await state();
    const delivery = {
      inbox: inboxes.streamingAuditor,
      partition: 3,
      entryId: "1-0",
      consumer: "gone",
      deliveryCount: 1,
      message: {
        v: 1 as const,
        id: "once",
        type: "samples",
        subject: patchId,
        correlationId: patchId,
        at: start,
        body: samples(0.95, start + 1, 1).body,
      },
    };
    expect(await bus.commit(delivery, await handleWatch(watching, delivery))).toMatchObject({
      kind: "fenced",
    });
    expect(await state()).toEqual(before);
  });

  test("a restart changes no verdict: everything is in the stored state", async () => {
    await tell(watch(), samples(0.91, start + 1, 1));
    watching = { ...watching };
    await tell(samples(0.5, start + 2, 2));
    expect(await told()).toEqual([["canary", "breach"]]);
  });

  test("P5: the level in the row of its lane is stored with the watch and told with the verdict", async () => {
    const tested: Rule = {
      id: "accuracy-kept",
      kind: "sequential-limit",
      metric: "accuracy",
      worse: "lower",
      limit: 0.9,
      minSamples: 2,
      minEffect: 0.01,
      alpha: 0.01,
      isRequired: true,
    };
    await tell(watch({ rules: [tested], level: 1e-9 }), samples(0.7, start + 1, 12));
    watching = { ...watching };
    expect(await state()).toMatchObject({ level: 1e-9 });
    await tell(effect("conclude-watch"));
    expect(await told()).toEqual([["canary", "inconclusive"]]);
    await tell(samples(0.7, start + 1, 200));
    expect(await told()).toEqual([["canary", "breach"]]);
    expect(observed.at(-1)?.level).toBe(1e-9);
  });

  test("P3: a verdict over very many rules is still one the patch can take", async () => {
    const rules = Array.from({ length: 50 }, (_, at): Rule => {
      return { ...floor, id: `rule-${at}`, metric: "latency_regression", confirmations: 9 };
    });
    const sample = {
      metric: "latency_regression",
      arm: "canary",
      value: -1.234567,
      unit: "percent",
      at: start + 1,
    };
    const batch = { type: "samples", body: { samples: [sample, sample] } };
    await tell(watch({ rules }), batch, effect("conclude-watch"));
    const watched = await state();
    expect(watched && conclude(watched, now).observation.why.length).toBeGreaterThan(4000);
    expect(await told()).toEqual([["canary", "inconclusive"]]);
  });

  test.each([
    ["no samples", { type: "samples", body: { samples: [] } }],
    ["samples that are none", { type: "samples", body: { samples: [{ metric: "speed" }] } }],
    ["another effect", effect("land")],
    ["nothing", { type: "watch", body: {} }],
  ])("a message with %s ends in the dead letters and stops nothing", async (_, body) => {
    await tell(watch(), body, samples(0.5));
    expect(await bus.deadLetters()).toHaveLength(1);
    expect(await told()).toEqual([["canary", "breach"]]);
  });
});

test("looks are counted by verdict, and no patch id is a label", async () => {
  const metrics = createMetrics("t", { hasProcessMetrics: false });
  watching = { ...watching, ...watchMetrics(metrics) };
  await tell(samples(0.5), watch(), samples(0.5));
  const text = await metrics.expose();
  expect(text).toContain('council_observations_total{verdict="breach",service="t"} 1');
  expect(text).toContain(
    'council_rule_readings_total{metric="accuracy",verdict="breach",service="t"} 1',
  );
  expect(text).toContain('council_samples_unwatched_total{service="t"} 3');
  expect(text).toContain('accuracy_baseline_score{service="t"} 0.5');
  expect(text).not.toContain(patchId);
});
