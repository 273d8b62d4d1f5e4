import {
  accountsOver,
  type Balance,
  balancesOf,
  emptyBalance,
  type SpendEntry,
  type SpendLedger,
  type SpendRequest,
  type SpendStop,
  usedOf,
} from "@council/domain";
import { makeSpendLedger, type SpendLedgerOptions } from "./make-spend-ledger.ts";
import type { Booking, Settlement, SpendBooks } from "./spend-books.ts";

interface Call {
  readonly request: SpendRequest;
  readonly accounts: readonly string[];
  readonly expiresAt: number;
  readonly state: "held" | "settled" | "expired";
}

/** The in-memory twin of the spend ledger; it lives as long as the process. */
export function memorySpendLedger(options: SpendLedgerOptions): SpendLedger {
  return makeSpendLedger(new MemorySpendBooks(), options);
}

// One turn of the event loop is the transaction: no method waits between reading and writing.
class MemorySpendBooks implements SpendBooks {
  readonly #balances = new Map<string, Balance>();
  readonly #calls = new Map<string, Call>();
  readonly #ledger: SpendEntry[] = [];
  #stop: SpendStop | undefined;

  async book({
    request,
    accounts,
    at,
    expiresAt,
  }: Parameters<SpendBooks["book"]>[0]): Promise<Booking> {
    const { callId, worstCaseMicroUsd: amount } = request;
    const known = this.#calls.get(callId);
    if (known) {
      if (JSON.stringify(known.request) !== JSON.stringify(request)) return { kind: "conflict" };
      return { kind: known.state === "held" ? "again" : "closed" };
    }
    if (this.#stop) return { kind: "stopped", stop: this.#stop };
    const before = accounts.map(({ key }) => this.#balance(key));
    const over = accountsOver(accounts, before, amount);
    if (over.length > 0) {
      const used = (index: number) => usedOf(before[index] ?? emptyBalance);
      return { kind: "over", over: over.map((index) => ({ index, usedMicroUsd: used(index) })) };
    }
    const keys = accounts.map(({ key }) => key);
    this.#move(keys, amount, 0);
    this.#calls.set(callId, { request, accounts: keys, expiresAt, state: "held" });
    this.#ledger.push({ type: "reserved", at, request, accounts: keys });
    return { kind: "reserved", used: before.map((each) => usedOf(each) + amount) };
  }

  async settle(callId: string, actual: number | undefined, at: number): Promise<Settlement> {
    const call = this.#calls.get(callId);
    if (!call) return { kind: "unknown" };
    if (call.state === "settled") return { kind: "again" };
    const held = call.request.worstCaseMicroUsd;
    const isHeld = call.state === "held";
    const charged = isHeld ? (actual ?? held) : Math.max(actual ?? held, held);
    this.#move(call.accounts, isHeld ? -held : 0, isHeld ? charged : charged - held);
    this.#calls.set(callId, { ...call, state: "settled" });
    this.#ledger.push({ type: "settled", at, callId, chargedMicroUsd: charged });
    return { kind: "settled", heldMicroUsd: held, chargedMicroUsd: charged };
  }

  async expireDue(at: number): Promise<number> {
    const isDue = ({ state, expiresAt }: Call) => state === "held" && expiresAt <= at;
    const due = [...this.#calls].filter(([, call]) => isDue(call));
    for (const [callId, call] of due) {
      const amount = call.request.worstCaseMicroUsd;
      this.#move(call.accounts, -amount, amount);
      this.#calls.set(callId, { ...call, state: "expired" });
      this.#ledger.push({ type: "expired", at, callId, chargedMicroUsd: amount });
    }
    return due.length;
  }

  async turn(type: "stopped" | "resumed", { actor, reason, at }: SpendStop): Promise<void> {
    this.#stop = type === "stopped" ? { actor, reason, at } : undefined;
    this.#ledger.push({ type, at, actor, reason });
  }

  async read(keys: readonly string[]): Promise<{ stop?: SpendStop; balances: Balance[] }> {
    const balances = keys.map((key) => this.#balance(key));
    return { ...(this.#stop ? { stop: this.#stop } : {}), balances };
  }

  async entries(since: number): Promise<readonly SpendEntry[]> {
    return this.#ledger.filter(({ at }) => at >= since);
  }

  async rebuild(): Promise<readonly string[]> {
    const right = balancesOf(this.#ledger);
    const wrong = [...right].filter(
      ([key, balance]) => JSON.stringify(balance) !== JSON.stringify(this.#balance(key)),
    );
    for (const [key, balance] of wrong) this.#balances.set(key, balance);
    return wrong.map(([key]) => key);
  }

  async close(): Promise<void> {}

  #balance(key: string): Balance {
    return this.#balances.get(key) ?? emptyBalance;
  }

  #move(keys: readonly string[], heldBy: number, spentBy: number): void {
    for (const key of keys) {
      const { heldMicroUsd, spentMicroUsd } = this.#balance(key);
      this.#balances.set(key, {
        heldMicroUsd: heldMicroUsd + heldBy,
        spentMicroUsd: spentMicroUsd + spentBy,
      });
    }
  }
}
