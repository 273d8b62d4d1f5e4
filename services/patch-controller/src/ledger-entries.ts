import type { AccuracyBaselineSet, GovernanceEntry, LedgerEntry } from "@council/contracts";
import type { PatchEvent } from "@council/domain";
import { chainEntry, genesisDigest } from "@council/evidence";

/** Where a patch's chain of entries ends. */
export interface ChainEnd {
  readonly sequence: number;
  readonly chainHead: string;
}

export const emptyChain: ChainEnd = { sequence: 0, chainHead: genesisDigest };

/**
 * Events as entries of the ledger, each bound to the one before by its digest (P5). Two entries can
 * never claim the same place: the commit compares the version the chain end was read with.
 */
export function chainEvents<
  Event extends PatchEvent | AccuracyBaselineSet | GovernanceEntry["event"],
>(
  end: ChainEnd,
  events: readonly Event[],
  about: { patchId: string; at: number; cause: string; command: string },
): { entries: LedgerEntry<Event>[]; end: ChainEnd } {
  let { sequence, chainHead } = end;
  const entries = events.map((event): LedgerEntry<Event> => {
    sequence += 1;
    const { patchId, at, cause, command } = about;
    const plain = {
      v: 1 as const,
      patchId,
      sequence,
      at,
      cause,
      command,
      correlationId: patchId,
      event,
    };
    const entry = chainEntry({ prev: chainHead, entry: plain });
    chainHead = entry.digest;
    return entry;
  });
  return { entries, end: { sequence, chainHead } };
}
