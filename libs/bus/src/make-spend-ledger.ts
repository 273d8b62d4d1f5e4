/**
 * The spend ledger from its atomic half. Fails closed (P7): whatever goes wrong while reserving is a
 * refusal, and a call given up on here that is booked later stays booked until it expires into spent.
 */
import {
  accountsOf,
  degradedReason,
  emptyBalance,
  refusal,
  refusalBy,
  requestFault,
  type SpendAlert,
  type SpendCaps,
  type SpendDecision,
  type SpendLedger,
  type SpendMode,
  type SpendRequest,
  statusAccounts,
  stopReason,
  warningsCrossed,
} from "@council/domain";
import { BusError } from "./bus-error.ts";
import type { Booking, SpendBooks } from "./spend-books.ts";

export interface SpendLedgerOptions {
  readonly caps: SpendCaps;
  /** Default `normal`. */
  readonly mode?: SpendMode;
  readonly clock?: () => number;
  /** After how long an unsettled reservation counts as spent; longer than any call takes. Default 15 min. */
  readonly holdMs?: number;
  /** How long an answer of Redis is waited for. Default 2 s. */
  readonly timeoutMs?: number;
  readonly onAlert?: (alert: SpendAlert) => void;
}

/** When to ask again after the ledger did not answer, milliseconds. */
const askAgainMs = 60_000;
/** How often a reservation looks for holds that are due, milliseconds. */
const expiryPauseMs = 30_000;

export function makeSpendLedger(books: SpendBooks, options: SpendLedgerOptions): SpendLedger {
  const { caps, mode = "normal", clock = Date.now, timeoutMs = 2000 } = options;
  const alert = options.onAlert ?? (() => undefined);
  const decide = decider(books, options);
  return {
    reserve: async (request) => {
      const decision = await decide(request).catch((error: unknown) => {
        const reason = `the spend ledger does not answer: ${wordsOf(error)}`;
        return refusal("ledger-unavailable", reason, clock() + askAgainMs);
      });
      if (decision.kind === "refused") alert(decision);
      return decision;
    },
    settle: async (callId, actualMicroUsd) => {
      // A figure that is no amount is no report: the whole reservation is charged.
      const isAmount = Number.isSafeInteger(actualMicroUsd) && Number(actualMicroUsd) >= 0;
      const actual = isAmount ? actualMicroUsd : undefined;
      try {
        const settled = await within(books.settle(callId, actual, clock()), timeoutMs);
        if (settled.kind === "unknown")
          alert({ kind: "unsettled", callId, reason: "nothing was reserved for this call" });
        if (settled.kind === "settled" && settled.chargedMicroUsd > settled.heldMicroUsd)
          alert({ ...settled, kind: "overrun", callId });
      } catch (error) {
        alert({ kind: "unsettled", callId, reason: wordsOf(error) });
      }
    },
    stop: (said) => books.turn("stopped", { ...said, at: clock() }),
    resume: (said) => books.turn("resumed", { ...said, at: clock() }),
    status: async (heads = [], payer) => {
      const accounts = statusAccounts(caps, heads, clock(), payer);
      const keys = accounts.map(({ key }) => key);
      const { stop, balances } = await within(books.read(keys), timeoutMs);
      const balanced = accounts.map((account, index) => {
        const { heldMicroUsd, spentMicroUsd } = balances[index] ?? emptyBalance;
        return { ...account, heldMicroUsd, spentMicroUsd };
      });
      return { mode, caps, ...(stop ? { stop } : {}), accounts: balanced };
    },
    entries: (since = 0) => books.entries(since),
    expireDue: () => books.expireDue(clock()),
    rebuild: () => books.rebuild(),
    close: () => books.close(),
  };
}

/** Decides on a reservation; rejects when the books do not answer. */
function decider(books: SpendBooks, options: SpendLedgerOptions) {
  const { caps, mode = "normal", clock = Date.now, holdMs = 900_000, timeoutMs = 2000 } = options;
  let expiredAt = Number.NEGATIVE_INFINITY;
  return async (request: SpendRequest): Promise<SpendDecision> => {
    if (mode === "degraded") return refusal("degraded-mode", degradedReason, 0);
    const fault = requestFault(request);
    if (fault) return fault;
    const at = clock();
    if (at - expiredAt >= expiryPauseMs) {
      expiredAt = at;
      await within(books.expireDue(at), timeoutMs);
    }
    const accounts = accountsOf(request, caps, at);
    const work = books.book({ request, accounts, at, expiresAt: at + holdMs });
    const booking = await within(work, timeoutMs);
    if (booking.kind === "reserved") {
      for (const [index, { cap, limitMicroUsd }] of accounts.entries()) {
        const after = booking.used[index] ?? 0;
        const before = after - request.worstCaseMicroUsd;
        for (const ratio of warningsCrossed(before, after, limitMicroUsd))
          options.onAlert?.({ kind: "warning", cap, ratio });
      }
    }
    return decisionOf(booking, accounts, request.worstCaseMicroUsd);
  };
}

function decisionOf(
  booking: Booking,
  accounts: ReturnType<typeof accountsOf>,
  amountMicroUsd: number,
): SpendDecision {
  switch (booking.kind) {
    case "reserved":
    case "again":
      return { kind: "reserved" };
    case "closed":
      return refusal("call", "this call is paid already; a new try needs a new call id", 0);
    case "conflict":
      return refusal("call", "this call id was used for another call", 0);
    case "stopped":
      return refusal("emergency-stop", stopReason(booking.stop), 0);
    case "over":
      return refusalBy(accounts, booking.over, amountMicroUsd);
  }
}

async function within<T>(work: Promise<T>, limitMs: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new BusError("unanswered", `no answer within ${limitMs} ms`)),
    limitMs,
  );
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined); // given up on: its failure is known already
  }
}

const wordsOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
