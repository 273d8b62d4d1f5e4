/** The chain on Council's bus: every hop is one atomic commit (gate, state, ledger, next inbox, acknowledgement). */
import { openBus } from "@council/bus";
import type { Outcome } from "@council/bus";
import { hopMessage, hopState, stageNames } from "./bus-chain.ts";
import type { OpenChain } from "./bus-chain.ts";

/** How long the work of a hop is allowed to pile up in this process; as many as one commit takes. */
const concurrency = 100;

/** The outcome of one hop, also what the ceiling commits. */
export function hopOutcome(patchId: string, hop: number): Outcome {
  const inbox = stageNames[hop + 1];
  const value = hopState(patchId, hop);
  return {
    state: { subject: patchId, expectedVersion: hop, value },
    ledger: [value],
    messages: inbox === undefined ? [] : [{ inbox, message: hopMessage(patchId, hop + 1) }],
  };
}

/** With the bus as the services open it, but for the number of partitions. */
export function councilChain(partitions: number): OpenChain {
  return async (redisUrl, { onHop, onFinished }) => {
    const bus = openBus({ url: redisUrl, name: "bench", prefix: "bench", partitions });
    return {
      feed: async (patchId) => {
        const messages = [{ inbox: stageNames[0], message: hopMessage(patchId, 0) }];
        const ingest = { id: patchId, keys: [{ key: patchId }], messages };
        const reply = await bus.ingest(bus.partitionOf(patchId), ingest);
        if (reply.kind !== "accepted") throw new Error(`${patchId}: ${reply.kind}`);
      },
      start: async () => {
        for (const [hop, inbox] of stageNames.entries()) {
          const isLast = hop === stageNames.length - 1;
          bus.consume({
            inbox,
            concurrency,
            handler: async ({ message }) => {
              onHop();
              return hopOutcome(message.subject, hop);
            },
            onOutcome: (event) => {
              if (event.kind === "applied") {
                if (isLast) onFinished(event.delivery.message.subject);
              } else if (event.kind !== "unavailable") throw new Error(`a hop was ${event.kind}`);
            },
          });
        }
      },
      close: () => bus.close(),
    };
  };
}
