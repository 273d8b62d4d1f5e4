/** One trace per patch: what the controller and its effects do is connected, whatever is tried again or waits. */
import { type Deadline, type Deadlines, memoryBus } from "@council/bus";
import { answer, inboxes, isLaneSubject } from "@council/contracts";
import { patchTrace, readTraceparent } from "@council/evidence";
import { createLog, createMetrics, serveWorker } from "@council/runtime";
import { startOtlpReceiver, traceTo } from "@council/runtime/otlp-receiver";
import { expect, test } from "vitest";
import { armDeadline } from "./arm-deadline.ts";
import { headKeys, messageOf, now, partition, patchId, patchOf } from "./example.ts";
import { handleLane } from "./handle-lane.ts";
import { handlePatch, type PatchHandling } from "./handle-patch.ts";

test("a patch is one connected trace, through a second try and from a deadline on", async () => {
  await using traces = await startOtlpReceiver();
  const stopTracing = traceTo(traces, "t");
  const bus = memoryBus();
  const armed: Deadline[] = [];
  const deadlines = {
    armDeadline: async (deadline: Deadline) => void armed.push(deadline),
  } as unknown as Deadlines;
  const handling: PatchHandling = {
    bus,
    headKeys,
    readSuspensions: async () => [],
    clock: () => now,
    isFreezeExempt: async () => false,
    onDecided: () => undefined,
    onRefused: () => undefined,
  };
  let tries = 0;
  const context = {
    log: createLog({ service: "t", level: "fatal" }),
    metrics: createMetrics("t", { hasProcessMetrics: false }),
    settings: { opsHost: "127.0.0.1", opsPort: 0, claimIdleMs: 5000 },
  };
  const worker = await serveWorker({
    context,
    bus,
    consumers: [
      {
        inbox: inboxes.patchController,
        handler: (delivery) =>
          isLaneSubject(delivery.message.subject)
            ? handleLane(bus, delivery, now)
            : handlePatch(handling, delivery),
      },
      { inbox: inboxes.deadline, handler: (delivery) => armDeadline(deadlines, delivery) },
      {
        inbox: inboxes.diffEngine,
        handler: async ({ message }) => {
          tries += 1;
          if (tries === 1) throw new Error("away");
          const comparison = { kind: "refused", reason: "it does not apply" } as const;
          return answer(message, { type: "record-comparison", base: patchOf().base, comparison });
        },
      },
    ],
  });
  const submission = messageOf({ type: "submit" }, { body: { type: "submit", patch: patchOf() } });
  await bus.send(partition, submission, inboxes.patchController, "submit");
  await expect.poll(() => [tries, armed.length]).toEqual([2, 1]);
  await bus.quiet();
  // The deadline rings: its message goes on where it was set.
  const [deadline] = armed as [Deadline];
  const { traceId, spanId: root } = patchTrace(patchId);
  expect(readTraceparent(deadline.message.traceparent)?.traceId).toBe(traceId);
  await bus.send(partition, deadline.message, deadline.inbox, "deadline");
  await bus.quiet();
  await worker.stop();
  await stopTracing();
  expect(new Set(traces.spans.map((span) => span.traceId))).toEqual(new Set([traceId]));
  const known = new Set([root, ...traces.spans.map(({ spanId }) => spanId)]);
  expect(traces.spans.filter(({ parentSpanId }) => !known.has(parentSpanId))).toEqual([]);
  const names = traces.spans.map(({ name }) => name).toSorted();
  expect(names).toEqual([
    "compare diff-engine",
    "compare diff-engine",
    "reach-deadline patch-controller",
    "record-comparison patch-controller",
    "release-lane patch-controller",
    "set-deadline deadline",
    "submit patch-controller",
  ]);
  const compares = traces.spans.filter(({ name }) => name === "compare diff-engine");
  expect(new Set(compares.map(({ parentSpanId }) => parentSpanId)).size).toBe(1);
});
