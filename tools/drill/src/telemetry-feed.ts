/** Sends what a product under load would measure, for every patch that is watched. */
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { routes } from "@council/contracts";
import type { GatewayClient } from "@council/demo/stack";
import type { Fault } from "./fault.ts";
import { type Measured, measure } from "./telemetry.ts";

export interface FeedPlan {
  readonly patchId: string;
  readonly fault: Fault;
  readonly random: () => number;
  /** Whether the fault has begun at this moment. */
  readonly isStruck: () => boolean;
}

export interface TelemetryFeed {
  /** Begins to measure the patch; the answer ends it. */
  readonly watch: (plan: FeedPlan) => () => void;
  /** How many batches the gateway refused as faulty, by patch. */
  readonly refused: (patchId: string) => number;
  readonly stop: () => Promise<void>;
}

const everyMs = 150;
const perSecond = 500;
const mostPerBatch = 600;

/** Requests are due by the clock; a batch that is under way delays the next one of its patch only. */
export function startTelemetryFeed(client: Pick<GatewayClient, "deliver">): TelemetryFeed {
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  const refusals = new Map<string, number>();
  const run = async (plan: FeedPlan, signal: AbortSignal): Promise<void> => {
    let sentAt = Date.now();
    while (!signal.aborted) {
      await delay(everyMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      const now = Date.now();
      const due = Math.min(Math.ceil(((now - sentAt) / 1000) * perSecond), mostPerBatch);
      sentAt = now;
      const isRefused = await sendBatch(client, plan, { requests: due, at: now });
      if (isRefused) refusals.set(plan.patchId, (refusals.get(plan.patchId) ?? 0) + 1);
    }
  };
  return {
    watch: (plan) => {
      const ending = new AbortController();
      const end = () => ending.abort();
      stopping.signal.addEventListener("abort", end, { once: true });
      const task = run(plan, ending.signal).finally(() => running.delete(task));
      running.add(task);
      return end;
    },
    refused: (patchId) => refusals.get(patchId) ?? 0,
    stop: async () => {
      stopping.abort();
      await Promise.all(running);
    },
  };
}

/** True when the gateway found the batch faulty. What got no answer is sent again under the same id. */
async function sendBatch(
  client: Pick<GatewayClient, "deliver">,
  { patchId, fault, random, isStruck }: FeedPlan,
  batch: { readonly requests: number; readonly at: number },
): Promise<boolean> {
  const isNow = isStruck();
  const { disturbance } = fault;
  const measured = measure(batch.requests, isNow ? fault.distortion : undefined, random);
  if (measured.length === 0) return false;
  const at = batch.at + (disturbance?.kind === "clock" && isNow ? disturbance.skewMs : 0);
  const lines = measured.map((line) => lineOf({ patch: patchId, ...line, at }));
  const text = lines.join("");
  const webhookId = randomUUID();
  const send = () => deliver(client, text, webhookId);
  if (disturbance?.kind === "late" && isNow) await delay(disturbance.byMs);
  const status = await send();
  if (disturbance?.kind === "duplicates" && isNow) await send();
  return status === 400 || status === 422;
}

/** JSON has no NaN; a careless collector writes it all the same. */
function lineOf(line: Measured & { readonly patch: string; readonly at: number }): string {
  const text = JSON.stringify(line);
  const written = Number.isNaN(line.value) ? text.replace('"value":null', '"value":NaN') : text;
  return `${written}\n`;
}

async function deliver(
  client: Pick<GatewayClient, "deliver">,
  text: string,
  webhookId: string,
): Promise<number> {
  const options = { webhookId, contentType: "application/x-ndjson" };
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const reply = await client.deliver(routes.samples, text, options).catch(() => undefined);
    if (reply && reply.status !== 429 && reply.status < 500) return reply.status;
    await delay(everyMs);
  }
  return 503;
}
