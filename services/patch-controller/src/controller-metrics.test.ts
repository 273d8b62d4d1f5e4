import type { Comparison, PatchEvent } from "@council/domain";
import { createMetrics, type Log } from "@council/runtime";
import { expect, test } from "vitest";
import { controllerMetrics } from "./controller-metrics.ts";
import type { Decided } from "./handle-patch.ts";

const log = { info: () => {}, warn: () => {} } as unknown as Log;

function compared(variance: object): PatchEvent {
  const comparison = { kind: "compared", variance } as Comparison;
  return { type: "ComparisonRecorded", comparison } as PatchEvent;
}

test("the variance of two renders is exposed in percent, by the pair of builders, under its old name", async () => {
  const metrics = createMetrics("patch-controller", { hasProcessMetrics: false });
  const { onDecided } = controllerMetrics(metrics, log, []);
  const percentAfter = async (event: PatchEvent) => {
    onDecided?.({ patchId: "p", events: [event], state: undefined } as unknown as Decided);
    const line = /^quorum_ast_diff_percent\{(.*)\} (.*)$/m.exec(await metrics.expose());
    return [line?.[1]?.includes('builder_pair="a:b"'), Number(line?.[2])];
  };
  expect(await percentAfter(compared({ kind: "measured", low: 0.01, high: 0.025 }))).toEqual([
    true,
    2.5,
  ]);
  // P3: what could not be measured is no distance at all, least of all a small one.
  const unknown = compared({ kind: "unknown", reason: "there is only one render" });
  expect(await percentAfter(unknown)).toEqual([true, 2.5]);
});
