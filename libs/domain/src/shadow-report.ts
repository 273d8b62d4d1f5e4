/**
 * How rules on trial did, from the ledgers of patches alone (P5): how often each would have taken a patch
 * back, and how often rightly, which means that the patch was taken back for another reason or by hand.
 */
import type { PatchEvent } from "./patch/event.ts";
import { type HistoryEntry, lookOf } from "./why-card.ts";

export interface ShadowRecord {
  readonly ruleId: string;
  /** Patches whose policy had the rule on trial and that were looked at. */
  readonly watched: number;
  readonly fired: number;
  /** Of the fired: taken back anyway. */
  readonly rightly: number;
  /** Of the fired: settled. */
  readonly wrongly: number;
  /** Not fired, and taken back for another reason. */
  readonly missed: number;
}

type Counts = Omit<ShadowRecord, "ruleId">;

/** One record per rule, in the order of first appearance. Each history is one patch's, oldest first. */
export function shadowReport(histories: readonly (readonly HistoryEntry[])[]): ShadowRecord[] {
  const found = histories.flatMap((history) => countsOf(history.map(({ event }) => event)));
  const byRule = Map.groupBy(found, ({ ruleId }) => ruleId);
  return [...byRule].map(([ruleId, records]) => {
    const sum = (name: keyof Counts) => records.reduce((total, record) => total + record[name], 0);
    return {
      ruleId,
      watched: sum("watched"),
      fired: sum("fired"),
      rightly: sum("rightly"),
      wrongly: sum("wrongly"),
      missed: sum("missed"),
    };
  });
}

/** What one patch adds to the record of each rule on trial that looked at it. */
function countsOf(events: readonly PatchEvent[]): ShadowRecord[] {
  const submitted = events.find((event) => event.type === "PatchSubmitted");
  const readings = events.flatMap((event) => lookOf(event)?.observation.readings ?? []);
  const isReverted = events.some(({ type }) => type === "RevertStarted");
  const isSettled = !isReverted && events.some(({ type }) => type === "Settled");
  const onTrial = (submitted?.patch.policy.rules ?? []).filter(({ mode }) => mode === "shadow");
  return onTrial.flatMap(({ id: ruleId }) => {
    const own = readings.filter((reading) => reading.ruleId === ruleId);
    if (own.length === 0) return [];
    const isFired = own.some(({ firedAt }) => firedAt !== undefined);
    return [
      {
        ruleId,
        watched: 1,
        fired: Number(isFired),
        rightly: Number(isFired && isReverted),
        wrongly: Number(isFired && isSettled),
        missed: Number(!isFired && isReverted),
      },
    ];
  });
}
