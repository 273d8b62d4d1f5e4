import { Agent, get } from "node:http";
import { json } from "node:stream/consumers";
import { proxyHeaders } from "./proxy.ts";
import type { KnownQuestion } from "./questions.ts";
import { questions } from "./questions.ts";
import type { SampleLine } from "./sample-sender.ts";

export interface Traffic {
  readonly asked: () => number;
  readonly stop: () => Promise<void>;
}

const tickMs = 10;
const timeoutMs = 6000;

interface Reply {
  readonly arm: string | undefined;
  readonly patchId: string | undefined;
  readonly body: unknown;
}

/**
 * Asks known questions at a fixed rate, whether or not earlier ones were answered (an open loop: a
 * slow product does not slow its users down). Reports latency, cost and accuracy of each reply while
 * a patch is watched; a wrong, failed or late reply has accuracy 0.
 */
export function startTraffic(input: {
  readonly proxyUrl: string;
  readonly perSecond: number;
  readonly onSamples: (...lines: readonly SampleLine[]) => void;
}): Traffic {
  const { proxyUrl, perSecond, onSamples } = input;
  const agent = new Agent({ keepAlive: true, maxSockets: 512 });
  const startedAt = performance.now();
  const underway = new Set<Promise<void>>();
  let asked = 0;
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - startedAt) / 1000) * perSecond);
    // After a pause of the whole machine the backlog is dropped: a burst would measure the burst.
    if (due - asked > perSecond / 4) asked = due - 1;
    for (; asked < due; asked += 1) {
      const known = questions[Math.floor(Math.random() * questions.length)];
      if (known === undefined) return;
      const asking = askOnce(agent, proxyUrl, known)
        .then((lines) => onSamples(...lines))
        .finally(() => underway.delete(asking));
      underway.add(asking);
    }
  }, tickMs);
  return {
    asked: () => asked,
    stop: async () => {
      clearInterval(timer);
      await Promise.all(underway);
      agent.destroy();
    },
  };
}

async function askOnce(
  agent: Agent,
  proxyUrl: string,
  known: KnownQuestion,
): Promise<readonly SampleLine[]> {
  const startedAt = performance.now();
  const reply = await ask(agent, `${proxyUrl}/answer?q=${encodeURIComponent(known.question)}`);
  const latencyMs = performance.now() - startedAt;
  return samplesOf({ reply, latencyMs, known, at: Date.now() });
}

/** What one reply says about the patch that was being watched when it was given. */
export function samplesOf(input: {
  readonly reply: Reply | undefined;
  readonly latencyMs: number;
  readonly known: KnownQuestion;
  readonly at: number;
}): readonly SampleLine[] {
  const { reply, latencyMs, known, at } = input;
  const arm = reply?.arm;
  const patch = reply?.patchId;
  if (patch === undefined || (arm !== "baseline" && arm !== "canary")) return [];
  const { answer, costMicroUsd } = bodyOf(reply?.body);
  const core = { patch, arm, at } as const;
  const cost = { ...core, metric: "cost", value: costMicroUsd ?? 0, unit: "micro-usd" } as const;
  return [
    { ...core, metric: "latency", value: latencyMs, unit: "ms" },
    { ...core, metric: "accuracy", value: answer === known.answer ? 1 : 0, unit: "ratio" },
    ...(costMicroUsd === undefined ? [] : [cost]),
  ];
}

function bodyOf(body: unknown): { answer?: unknown; costMicroUsd?: number } {
  if (typeof body !== "object" || body === null) return {};
  const answer = "answer" in body ? body.answer : undefined;
  const cost = "costMicroUsd" in body ? body.costMicroUsd : undefined;
  return typeof cost === "number" ? { answer, costMicroUsd: cost } : { answer };
}

/** Undefined when there was no reply at all: then nobody knows which arm failed. */
function ask(agent: Agent, url: string): Promise<Reply | undefined> {
  return new Promise((resolve) => {
    const asking = get(url, { agent, signal: AbortSignal.timeout(timeoutMs) });
    asking.once("error", () => resolve(undefined));
    asking.once("response", (response) => {
      const header = (name: string) => {
        const value = response.headers[name];
        return typeof value === "string" ? value : undefined;
      };
      const meta = { arm: header(proxyHeaders.arm), patchId: header(proxyHeaders.patch) };
      json(response).then(
        (body) => resolve({ ...meta, body }),
        () => resolve({ ...meta, body: undefined }),
      );
    });
  });
}
