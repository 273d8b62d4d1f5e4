/** The port of everybody who watches over spending: the guard, its switch and its books. */
import {
  accountsOf,
  dollars,
  lastsUntil,
  type Balance,
  type SpendAccount,
  type SpendCaps,
} from "./spend-accounts.ts";
import type { SpendEntry } from "./spend-entries.ts";
import type { SpendGuard, SpendRequest } from "./spend-guard.ts";

/** A seat that may not spend now. `resetAt` 0: until an operator says otherwise. */
export interface Suspension {
  readonly head: string;
  readonly cap: string;
  readonly reason: string;
  readonly resetAt: number;
  /** What the call that was refused might have cost; absent where no call was asked for. */
  readonly neededMicroUsd?: number;
}

/** `degraded`: nothing is spent by choice of the operator, whatever the caps leave. */
export type SpendMode = "normal" | "degraded";

export interface SpendStop {
  readonly actor: string;
  readonly reason: string;
  readonly at: number;
}

export interface SpendStatus {
  readonly mode: SpendMode;
  readonly caps: SpendCaps;
  readonly stop?: SpendStop;
  /** The accounts of the hour, day and month, then those of the heads asked for. */
  readonly accounts: readonly (SpendAccount & Balance)[];
}

/** Whose caps a call for a patch falls under, beside those of its head and of everybody. */
export type SpendPayer = Pick<SpendRequest, "patchId" | "repository" | "sender">;

export interface SpendLedger extends SpendGuard {
  /** From the moment it settles every reservation is refused; rollbacks cost nothing (P4). */
  stop(said: { readonly actor: string; readonly reason: string }): Promise<void>;
  resume(said: { readonly actor: string; readonly reason: string }): Promise<void>;
  /** With `payer` also the accounts that this patch is paid from. */
  status(heads?: readonly string[], payer?: SpendPayer): Promise<SpendStatus>;
  /** The ledger from `since` on, oldest first. */
  entries(since?: number): Promise<readonly SpendEntry[]>;
  /** Turns reservations nobody settled in time into spending; gives their number. */
  expireDue(): Promise<number>;
  /** Makes every balance again from the ledger; gives the keys that were wrong. */
  rebuild(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** What an operator should hear of. */
export type SpendAlert =
  | { readonly kind: "refused"; readonly cap: string; readonly reason: string }
  /** A booking stepped over a share of a cap. */
  | { readonly kind: "warning"; readonly cap: string; readonly ratio: number }
  /** A call cost more than its worst case: its price or its limits are wrong. */
  | {
      readonly kind: "overrun";
      readonly callId: string;
      readonly heldMicroUsd: number;
      readonly chargedMicroUsd: number;
    }
  /** What a call cost could not be written; its hold will be spent in full. */
  | { readonly kind: "unsettled"; readonly callId: string; readonly reason: string };

/** What the calls that were refused to a head might have cost, micro-dollars by head. */
export type NeededByHead = Readonly<Record<string, number>>;

/**
 * Which of these heads may not spend now, and why. A cap is reached when nothing of it is left, or less
 * than a head's next call needs where that is known.
 */
export function suspensionsOf(
  status: SpendStatus,
  heads: readonly string[],
  needed: NeededByHead = {},
): Suspension[] {
  const { mode, stop, accounts } = status;
  const all = (cap: string, reason: string) =>
    heads.map((head) => ({ head, cap, reason, resetAt: 0 }));
  if (stop) return all("emergency-stop", stopReason(stop));
  if (mode === "degraded") return all("degraded-mode", degradedReason);
  return heads.flatMap((head) => {
    const neededMicroUsd = needed[head];
    const [worst] = accounts
      .filter(
        ({ limitMicroUsd, heldMicroUsd, spentMicroUsd }) =>
          limitMicroUsd !== undefined &&
          heldMicroUsd + spentMicroUsd + (neededMicroUsd ?? 1) > limitMicroUsd,
      )
      .filter(({ cap, key }) => cap !== "head" || key.slice("head:YYYY-MM-DD:".length) === head)
      .toSorted((one, other) => lastsUntil(other) - lastsUntil(one));
    if (!worst) return [];
    const { cap, resetAt } = worst;
    const reason =
      neededMicroUsd === undefined
        ? `the cap "${cap}" is used up`
        : `a call may cost ${dollars(neededMicroUsd)}, and the cap "${cap}" leaves less`;
    return [{ head, cap, reason, resetAt }];
  });
}

/** The accounts a status tells of. */
export function statusAccounts(
  caps: SpendCaps,
  heads: readonly string[],
  at: number,
  payer?: SpendPayer,
): SpendAccount[] {
  const nobody = { patchId: "", repository: "", sender: "", head: "" };
  const common = ["hour", "day", "month"];
  const shared = accountsOf({ ...nobody, ...payer }, caps, at).filter(({ cap }) =>
    payer ? cap !== "head" : common.includes(cap),
  );
  const ofHeads = heads.flatMap((head) =>
    accountsOf({ ...nobody, head }, caps, at).filter(({ cap }) => cap === "head"),
  );
  return [...shared, ...ofHeads];
}

export const degradedReason = "degraded mode is switched on";
export const stopReason = ({ actor, reason }: SpendStop) => `stopped by ${actor}: ${reason}`;
