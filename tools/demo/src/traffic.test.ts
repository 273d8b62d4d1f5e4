import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test, vi } from "vitest";
import type { SampleLine } from "./sample-sender.ts";
import { samplesOf, startTraffic } from "./traffic.ts";

const known = { question: "What is the capital of France?", answer: "Paris" };

test("a right reply gives latency, cost and accuracy 1 for its arm", () => {
  const reply = { arm: "canary", patchId: "p00-a", body: { answer: "Paris", costMicroUsd: 150 } };
  expect(samplesOf({ reply, latencyMs: 41.5, known, at: 7 })).toEqual([
    { patch: "p00-a", arm: "canary", at: 7, metric: "latency", value: 41.5, unit: "ms" },
    { patch: "p00-a", arm: "canary", at: 7, metric: "accuracy", value: 1, unit: "ratio" },
    { patch: "p00-a", arm: "canary", at: 7, metric: "cost", value: 150, unit: "micro-usd" },
  ]);
});

test.each([
  ["a wrong answer", { answer: "Rome", costMicroUsd: 1 }, 3],
  ["no JSON", undefined, 2],
  ["another shape", { error: "broken" }, 2],
])("%s has accuracy 0, and no cost where none was told (P3)", (_, body, count) => {
  const reply = { arm: "baseline", patchId: "p00-a", body };
  const lines = samplesOf({ reply, latencyMs: 1, known, at: 7 });
  expect(lines).toHaveLength(count);
  expect(lines).toContainEqual(expect.objectContaining({ metric: "accuracy", value: 0 }));
});

test("while nothing is watched, or no reply came at all, there are no samples (P3)", () => {
  expect(samplesOf({ reply: undefined, latencyMs: 1, known, at: 7 })).toEqual([]);
  const reply = { arm: "baseline", patchId: undefined, body: { answer: "Paris" } };
  expect(samplesOf({ reply, latencyMs: 1, known, at: 7 })).toEqual([]);
});

test("keeps asking at its rate although no reply has come", async () => {
  const waiting: (() => void)[] = [];
  const server = createServer((_, response) => {
    response.setHeader("x-served-by", "canary");
    response.setHeader("x-watched-patch", "p00-a");
    waiting.push(() => response.end("{}"));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const samples: SampleLine[] = [];
  const proxyUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const startedAt = performance.now();
  const traffic = startTraffic({
    proxyUrl,
    perSecond: 200,
    onSamples: (...l) => samples.push(...l),
  });
  await vi.waitFor(() => expect(waiting.length).toBeGreaterThan(60), { timeout: 2500 });
  const seconds = (performance.now() - startedAt) / 1000;
  expect(traffic.asked()).toBeLessThanOrEqual(seconds * 200 + 1);
  const stopping = traffic.stop();
  const release = setInterval(() => waiting.splice(0).forEach((answer) => answer()), 5);
  await stopping;
  clearInterval(release);
  expect(samples.filter(({ metric }) => metric === "accuracy")).toHaveLength(traffic.asked());
  server.close();
});
