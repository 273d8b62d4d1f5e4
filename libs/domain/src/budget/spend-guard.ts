/**
 * The port a paid call goes through: money is reserved before the call is made and settled
 * after it. Amounts are integer micro-dollars. Both calls are idempotent by `callId`, so a
 * caller that was killed repeats them with the same id and pays once.
 */

/** A call about to be made, priced at the most it can cost. */
export interface SpendRequest {
  readonly callId: string;
  readonly head: string;
  readonly repository: string;
  readonly sender: string;
  readonly patchId: string;
  readonly model: string;
  /** The most the call can cost: integer, above 0. An unknown price is never passed as 0. */
  readonly worstCaseMicroUsd: number;
}

/** Reserved: the call may be made. Refused: it must not be, and `resetAt` says when to ask again. */
export type SpendDecision =
  | { readonly kind: "reserved" }
  | {
      readonly kind: "refused";
      /** The cap that is in the way, by name. */
      readonly cap: string;
      readonly reason: string;
      /** Milliseconds since the epoch; 0 when no clock frees the money, only an operator does. */
      readonly resetAt: number;
    };

export interface SpendGuard {
  /** Never rejects: whatever fails is a refusal, so an unreachable ledger spends nothing (P7). */
  reserve(request: SpendRequest): Promise<SpendDecision>;
  /**
   * @param actualMicroUsd what the provider reported, integer from 0; `undefined` when it reported
   *   nothing, which charges the whole reservation: a call that timed out may still be billed.
   */
  settle(callId: string, actualMicroUsd: number | undefined): Promise<void>;
}
