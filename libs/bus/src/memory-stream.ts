// One stream with one consumer group, as Redis keeps it: entries, what was not delivered yet, and who holds
// what since when. Synchronous; every method is atomic because nothing in it awaits.
import type { Claim } from "./bus.ts";
import { compareEntryIds } from "./cursor.ts";

interface Pending {
  consumer: string;
  deliveryCount: number;
  deliveredAtMs: number;
}

export class MemoryStream {
  readonly entries = new Map<string, string>();
  readonly #fresh: string[] = [];
  readonly #pending = new Map<string, Pending>();
  readonly #now: () => number;
  #lastMs = 0;
  #lastSeq = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  append(payload: string): string {
    const nowMs = this.#now();
    if (nowMs > this.#lastMs) {
      this.#lastMs = nowMs;
      this.#lastSeq = 0;
    } else {
      this.#lastSeq += 1;
    }
    const id = `${this.#lastMs}-${this.#lastSeq}`;
    this.entries.set(id, payload);
    this.#fresh.push(id);
    return id;
  }

  after(id: string, count: number): [string, string][] {
    return [...this.entries].filter(([each]) => compareEntryIds(each, id) > 0).slice(0, count);
  }

  deliver(consumer: string, count: number): string[] {
    const ids = this.#fresh.splice(0, count);
    for (const id of ids) {
      this.#pending.set(id, { consumer, deliveryCount: 1, deliveredAtMs: this.#now() });
    }
    return ids;
  }

  isHeldBy(claim: Claim): boolean {
    const pending = this.#pending.get(claim.entryId);
    return pending?.consumer === claim.consumer && pending.deliveryCount === claim.deliveryCount;
  }

  takeOver(consumer: string, minIdleMs: number): { id: string; deliveryCount: number } | undefined {
    const ids = [...this.#pending.keys()].toSorted(compareEntryIds);
    for (const id of ids) {
      const pending = this.#pending.get(id);
      if (pending === undefined || this.#now() - pending.deliveredAtMs < minIdleMs) continue;
      pending.consumer = consumer;
      pending.deliveryCount += 1;
      pending.deliveredAtMs = this.#now();
      return { id, deliveryCount: pending.deliveryCount };
    }
    return undefined;
  }

  /** Restarts the idle clock; `counted` is added to the delivery count; `due` makes it claimable at once. */
  touch(entryId: string, counted: number, due: boolean): void {
    const pending = this.#pending.get(entryId);
    if (pending === undefined) return;
    pending.deliveryCount += counted;
    pending.deliveredAtMs = due ? Number.NEGATIVE_INFINITY : this.#now();
  }

  remove(entryId: string): void {
    this.#pending.delete(entryId);
    this.entries.delete(entryId);
  }

  /** Takes everything held from its holders; it is claimable at once. */
  abandon(): number {
    for (const pending of this.#pending.values()) {
      pending.consumer = "";
      pending.deliveredAtMs = Number.NEGATIVE_INFINITY;
    }
    return this.#pending.size;
  }

  get length(): number {
    return this.entries.size;
  }

  get pending(): number {
    return this.#pending.size;
  }

  get lag(): number {
    return this.#fresh.length;
  }

  get oldestAgeMs(): number {
    const [first] = this.entries.keys();
    return first === undefined ? 0 : Math.max(0, this.#now() - Number(first.split("-")[0]));
  }
}
