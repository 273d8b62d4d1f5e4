/** Measurements of every patch that is being watched, as a product under load would send them. */
import { randomUUID } from "node:crypto";
import type { LedgerEntry } from "@council/contracts";
import type { GatewayClient } from "@council/demo/stack";

/** How the canary does at one stage: as the baseline, three times as slow, or not measured at all. */
export type Conduct = "good" | "slow" | "silent";

export interface TrafficFeed {
  /** Says how a patch will do; patches nobody spoke of are silent. */
  readonly conduct: (patchId: string, at: (stage: string) => Conduct) => void;
  /** Takes note of watches that begin and end. */
  readonly take: (entry: LedgerEntry) => void;
  readonly stop: () => Promise<void>;
}

const everyMs = 150;
const perBatch = 4;
const values = { latency: 10, cost: 100, accuracy: 1, coverage: 0.9 } as const;
const units = { latency: "ms", cost: "micro-usd", accuracy: "ratio", coverage: "ratio" } as const;

export function startTrafficFeed(client: Pick<GatewayClient, "sendSamples">): TrafficFeed {
  const conducts = new Map<string, (stage: string) => Conduct>();
  const watched = new Map<string, string>();
  let sending: Promise<unknown> = Promise.resolve();
  let isSending = false;
  const send = () => {
    if (isSending) return;
    const lines = [...watched].flatMap(([patchId, stage]) =>
      linesOf(patchId, conducts.get(patchId)?.(stage) ?? "silent"),
    );
    if (lines.length === 0) return;
    isSending = true;
    // What is not taken is not repeated: the next measurement is due in a moment anyway.
    sending = client
      .sendSamples(lines, randomUUID())
      .catch(() => undefined)
      .finally(() => {
        isSending = false;
      });
  };
  const timer = setInterval(send, everyMs);
  return {
    conduct: (patchId, at) => void conducts.set(patchId, at),
    take: ({ patchId, event }) => {
      if (event.type === "WatchStarted") watched.set(patchId, event.stage);
      if (ends.has(event.type)) watched.delete(patchId);
    },
    stop: async () => {
      clearInterval(timer);
      await sending;
    },
  };
}

const ends = new Set([
  "StagePassed",
  "RevertStarted",
  "Settled",
  "Reverted",
  "Failed",
  "BaseMoved",
]);

function linesOf(patch: string, conduct: Conduct): object[] {
  if (conduct === "silent") return [];
  const at = Date.now();
  const metrics = Object.keys(values) as (keyof typeof values)[];
  return metrics.flatMap((metric) =>
    (["baseline", "canary"] as const).flatMap((arm) => {
      const isWorse = metric === "latency" && arm === "canary" && conduct === "slow";
      const value = values[metric] * (isWorse ? 3 : 1);
      return Array.from({ length: perBatch }, () => {
        return { patch, metric, arm, value, unit: units[metric], at };
      });
    }),
  );
}
