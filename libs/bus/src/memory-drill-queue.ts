import { type DrillInLine, type DrillQueue, mostWaiting } from "./drill-queue.ts";

/** The line of drills without Redis; nobody carries any out. */
export function memoryDrillQueue(clock: () => number = Date.now): DrillQueue {
  const waiting: DrillInLine[] = [];
  return {
    ask: async (order, key = String(waiting.length + 1)) => {
      const id = `asked-${key}`;
      if (waiting.some((each) => each.id === id)) return { kind: "asked", id };
      if (waiting.length >= mostWaiting) return { kind: "full" };
      waiting.push({ id, order, askedAt: clock() });
      return { kind: "asked", id };
    },
    look: async () => ({ runners: 0, waiting: [...waiting] }),
    close: async () => {},
  };
}
