import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { randomBytes } from "node:crypto";
import type { WhyCard } from "@council/domain";
import { expect, test } from "vitest";
import { fetchWhy } from "./why-command.ts";
import { whyText } from "./why-text.ts";

const card: WhyCard = {
  v: 1,
  patchId: "p01-patch0001",
  title: "quick\u001b[2Jwin\u202e",
  repository: "shop",
  kind: "reverted",
  sentence: "Taken back because canary: latency p95 41 ms is beyond the limit of 25 ms",
  cause: "breach",
  stage: "canary",
  metric: {
    ruleId: "latency-p95",
    name: "latency",
    unit: "ms",
    statistic: "p95",
    worse: "higher",
    canary: 41,
    baseline: 20,
    threshold: 25,
    canarySamples: 120,
    baselineSamples: 130,
    interval: { low: 33, high: 52 },
  },
  series: [{ at: 5000, stage: "canary", canary: 41, baseline: 20, threshold: 25 }],
  evidence: {
    threshold: 1,
    level: 0.00123,
    points: [
      { at: 1000, harm: 0 },
      { at: 3000, harm: 0.02 },
      { at: 5000, harm: 4e7 },
    ],
  },
  events: [{ sequence: 9, at: 5000, type: "RevertStarted", detail: "too slow" }],
  keptBy: ["latency p95 of at most 25 ms"],
  reverts: [],
  decidedAt: 5000,
  endedAt: 5300,
};

async function gatewayAnswering(status: number, body: unknown) {
  const asked: { url: string; token: string | undefined }[] = [];
  const server = createServer((request, response) => {
    asked.push({ url: request.url ?? "", token: request.headers.authorization });
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = () => new Promise((resolve) => server.close(resolve));
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    [Symbol.asyncDispose]: close as () => Promise<void>,
  };
}

test("asks for the patch by name, with the token", async () => {
  await using gateway = await gatewayAnswering(200, card);
  const token = randomBytes(16).toString("hex");
  expect(await fetchWhy({ url: gateway.url, token }, "shop/web#12")).toEqual(card);
  expect(gateway.asked).toEqual([
    { url: "/v1/patches/shop%2Fweb%2312/why", token: `Bearer ${token}` },
  ]);
});

test("a refusal is told in the gateway's words, silence and nonsense in ours", async () => {
  const problem = { detail: "no patch has this id", remedy: "use another" };
  const ask = (url: string) => fetchWhy({ url, token: undefined }, "x");
  await using refusing = await gatewayAnswering(404, problem);
  await expect(ask(refusing.url)).rejects.toMatchObject({
    exit: "unknown",
    message: "no patch has this id; use another",
  });
  await using odd = await gatewayAnswering(200, { v: 7 });
  await expect(ask(odd.url)).rejects.toMatchObject({ exit: "no" });
  await expect(ask("http://127.0.0.1:1")).rejects.toMatchObject({ exit: "unreachable" });
});

test("the terminal shows numbers, chart, events and remedies, and no control character", () => {
  const text = whyText(card);
  expect(text).toContain("what a breach needs, over 4 s");
  const curve = text.split("\n").filter((line) => line.includes("●"));
  expect(curve.map((line) => [line.slice(0, 8).trim(), line.indexOf("●") - 9])).toEqual([
    ["100", 59],
    ["0.01", 30],
    ["0.001", 0],
  ]);
  expect(text).toContain("harmless patch back with a chance of 0.123 % at most");
  expect(text).toContain("canary     41 ms  (120 samples)");
  expect(text).toContain("interval   33 ms to 52 ms");
  expect(text).toMatch(/canary {4}█{40} 41 ms/);
  expect(text).toContain("RevertStarted  too slow");
  expect(text).toContain("latency p95 of at most 25 ms");
  expect(text).toContain("reverted in 300 ms");
  expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});
