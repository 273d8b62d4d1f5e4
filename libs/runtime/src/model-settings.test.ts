import { expect, it } from "vitest";
import { createLog } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import { modelCalls, modelKeyOf, modelReadiness } from "./model-settings.ts";

const keys = { anthropicApiKey: "a", openaiApiKey: "o", geminiApiKey: undefined };

it("takes a process's own key before the provider's, and none for a stranger", () => {
  expect(modelKeyOf("openai", "own", keys)).toBe("own");
  expect(modelKeyOf("openai", undefined, keys)).toBe("o");
  expect(modelKeyOf("gemini", undefined, keys)).toBeUndefined();
  expect(modelKeyOf("openai-compatible", undefined, keys)).toBeUndefined();
});

it("is ready unless the model is known to be gone", () => {
  expect(modelReadiness({ kind: "absent", reason: "gone" })).toEqual({
    kind: "failing",
    reason: "gone",
  });
  for (const kind of ["available", "retiring", "unchecked"])
    expect(modelReadiness({ kind })).toEqual({ kind: "ok" });
});

it("counts what calls took and cost, the reservation where nothing was reported", async () => {
  const metrics = createMetrics("auditor", { hasProcessMetrics: false });
  const tell = modelCalls(metrics, createLog({ service: "auditor", level: "fatal" }));
  const call = {
    vendor: "openai",
    endpoint: "e",
    asked: "m",
    durationMs: 10,
    reservedMicroUsd: 2_000_000,
  };
  const usage = { inputTokens: 7, outputTokens: 3 };
  tell({ ...call, outcome: "answered", isOtherModel: true, usage, costMicroUsd: 500_000 });
  tell({ ...call, outcome: "timeout", isOtherModel: false });
  const text = await metrics.expose();
  expect(text).toMatch(/council_model_cost_usd_total\{service="auditor"\} 2\.5/);
  expect(text).toMatch(/council_model_mismatch_total\{service="auditor"\} 1/);
  expect(text).toMatch(/council_model_tokens_total\{direction="input",service="auditor"\} 7/);
  expect(text).toMatch(/council_model_call_seconds_count\{service="auditor",outcome="timeout"\} 1/);
});
