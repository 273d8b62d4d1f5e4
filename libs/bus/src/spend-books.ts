import type { Balance, SpendAccount, SpendEntry, SpendRequest, SpendStop } from "@council/domain";

export type Booking =
  /** `used` on each account afterwards, micro-dollars. */
  | { readonly kind: "reserved"; readonly used: readonly number[] }
  | { readonly kind: "again" | "closed" | "conflict" }
  | { readonly kind: "stopped"; readonly stop: SpendStop }
  | {
      readonly kind: "over";
      readonly over: readonly { readonly index: number; readonly usedMicroUsd: number }[];
    };

export type Settlement =
  | { readonly kind: "settled"; readonly heldMicroUsd: number; readonly chargedMicroUsd: number }
  | { readonly kind: "again" | "unknown" };

/** The atomic half of the spend ledger: each call happens wholly or not at all. */
export interface SpendBooks {
  /** P7: reads and books in one step. */
  book(booking: {
    readonly request: SpendRequest;
    readonly accounts: readonly SpendAccount[];
    readonly at: number;
    readonly expiresAt: number;
  }): Promise<Booking>;
  settle(callId: string, actualMicroUsd: number | undefined, at: number): Promise<Settlement>;
  expireDue(at: number): Promise<number>;
  turn(type: "stopped" | "resumed", said: SpendStop): Promise<void>;
  read(keys: readonly string[]): Promise<{ stop?: SpendStop; balances: Balance[] }>;
  entries(since: number): Promise<readonly SpendEntry[]>;
  rebuild(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** How long balances and ledger are kept: longer than the longest window, milliseconds. */
export const keptMs = 100 * 24 * 3_600_000;
