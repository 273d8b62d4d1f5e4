import type { Bus, Delivery, Outcome } from "@council/bus";
import {
  type AccuracyBaselineSet,
  setBaselineSchema,
  type StoredBaseline,
} from "@council/contracts";
import { chainEvents, emptyChain } from "./ledger-entries.ts";

/**
 * An operator's word: a repository's benchmark is compared with this score from now on. It stands in the
 * ledger, chained to the repository's earlier baselines, in the commit that puts it in force (P5).
 */
export async function setAccuracyBaseline(
  bus: Bus,
  { message, partition }: Delivery,
  now: number,
): Promise<Outcome> {
  const { subject, id: cause } = message;
  const { type: command, ...said } = setBaselineSchema.parse(message.body);
  const read = await bus.readState(partition, subject);
  const stored = read ? (JSON.parse(read.value) as StoredBaseline) : undefined;
  const event: AccuracyBaselineSet = { type: "AccuracyBaselineSet", ...said };
  const about = { patchId: subject, at: now, cause, command };
  const { entries, end } = chainEvents(stored ?? emptyChain, [event], about);
  const value: StoredBaseline = { ...said, at: now, ...end };
  return {
    state: { subject, expectedVersion: read?.version ?? 0, value: JSON.stringify(value) },
    ledger: entries.map((entry) => JSON.stringify(entry)),
  };
}
