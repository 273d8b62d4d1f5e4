/** The spend ledger: one entry per booking, from which every balance can be made again (P5). */
import { type Balance, emptyBalance } from "./spend-accounts.ts";
import type { SpendRequest } from "./spend-guard.ts";

export type SpendEntry =
  | {
      readonly type: "reserved";
      readonly at: number;
      readonly request: SpendRequest;
      /** Keys of the accounts it is booked on. */
      readonly accounts: readonly string[];
    }
  | {
      /** `settled`: by what the provider reported. `expired`: nobody reported, all of it is spent. */
      readonly type: "settled" | "expired";
      readonly at: number;
      readonly callId: string;
      readonly chargedMicroUsd: number;
    }
  | {
      readonly type: "stopped" | "resumed";
      readonly at: number;
      readonly actor: string;
      readonly reason: string;
    };

/** One paid call from its reservation on. */
export interface SpendRow {
  readonly at: number;
  readonly request: SpendRequest;
  readonly accounts: readonly string[];
  readonly state: "held" | "settled" | "expired";
  /** What it cost, or is held for it. */
  readonly chargedMicroUsd: number;
}

/** The calls in the order of their reservation. A later word about a call replaces the earlier. */
export function spendRows(entries: Iterable<SpendEntry>): SpendRow[] {
  const rows = new Map<string, SpendRow>();
  for (const entry of entries) {
    if (entry.type === "reserved") {
      const { at, request, accounts } = entry;
      const chargedMicroUsd = request.worstCaseMicroUsd;
      rows.set(request.callId, { at, request, accounts, state: "held", chargedMicroUsd });
    } else if (entry.type === "settled" || entry.type === "expired") {
      const row = rows.get(entry.callId);
      const { type: state, chargedMicroUsd } = entry;
      if (row) rows.set(entry.callId, { ...row, state, chargedMicroUsd });
    }
  }
  return [...rows.values()];
}

/** Every balance, made again from the ledger alone. */
export function balancesOf(entries: Iterable<SpendEntry>): Map<string, Balance> {
  const balances = new Map<string, Balance>();
  for (const { accounts, state, chargedMicroUsd } of spendRows(entries)) {
    for (const key of accounts) {
      const { heldMicroUsd, spentMicroUsd } = balances.get(key) ?? emptyBalance;
      balances.set(key, {
        heldMicroUsd: heldMicroUsd + (state === "held" ? chargedMicroUsd : 0),
        spentMicroUsd: spentMicroUsd + (state === "held" ? 0 : chargedMicroUsd),
      });
    }
  }
  return balances;
}

export interface SpendSum extends Balance {
  readonly name: string;
  readonly calls: number;
}

/** The calls summed by what `nameOf` says, most expensive first. */
export function sumBy(
  rows: readonly SpendRow[],
  nameOf: (request: SpendRequest) => string,
): SpendSum[] {
  return [...Map.groupBy(rows, ({ request }) => nameOf(request))]
    .map(([name, calls]) => ({
      name,
      calls: calls.length,
      heldMicroUsd: sum(calls.filter(({ state }) => state === "held")),
      spentMicroUsd: sum(calls.filter(({ state }) => state !== "held")),
    }))
    .toSorted((one, other) => other.spentMicroUsd - one.spentMicroUsd);
}

const sum = (rows: readonly SpendRow[]) =>
  rows.reduce((total, { chargedMicroUsd }) => total + chargedMicroUsd, 0);
