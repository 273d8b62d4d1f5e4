import { randomUUID } from "node:crypto";
import type { GatewayClient } from "./gateway-client.ts";

/** One line of a batch, as the gateway reads it. */
export interface SampleLine {
  readonly patch: string;
  readonly metric: "latency" | "cost" | "accuracy" | "coverage";
  readonly arm: "baseline" | "canary";
  readonly value: number;
  readonly unit: "ms" | "micro-usd" | "ratio";
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface SampleSender {
  readonly add: (...lines: readonly SampleLine[]) => void;
  readonly sent: () => { readonly accepted: number; readonly refused: number };
  /** Sends what is left, once, and ends. */
  readonly stop: () => Promise<void>;
}

const batchLines = 2000;
const longestQueue = 50_000;

/**
 * Posts the added samples every `flushMs`. A batch that got no answer is sent again under the same
 * delivery id, so nothing is lost or counted twice while the gateway is away (P8).
 */
export function startSampleSender(
  client: Pick<GatewayClient, "sendSamples">,
  flushMs = 250,
): SampleSender {
  const queue: SampleLine[] = [];
  const counts = { accepted: 0, refused: 0 };
  let pending: { readonly id: string; readonly lines: readonly SampleLine[] } | undefined;
  let running: Promise<void> | undefined;

  const flush = async (): Promise<void> => {
    if (pending === undefined) {
      if (queue.length === 0) return;
      pending = { id: randomUUID(), lines: queue.splice(0, batchLines) };
    }
    const { id, lines } = pending;
    const status = await client.sendSamples(lines, id).then(
      (reply) => reply.status,
      () => 503,
    );
    if (status === 429 || status >= 500) return;
    counts[status === 202 ? "accepted" : "refused"] += lines.length;
    pending = undefined;
  };
  const timer = setInterval(() => {
    running ??= flush().finally(() => {
      running = undefined;
    });
  }, flushMs);

  return {
    add: (...lines) => {
      if (queue.length < longestQueue) queue.push(...lines);
    },
    sent: () => ({ ...counts }),
    stop: async () => {
      clearInterval(timer);
      await running;
      await flush();
    },
  };
}
