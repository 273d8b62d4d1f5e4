import type {
  Claim,
  CommitReply,
  DeadLetter,
  Ingest,
  IngestReply,
  InboxDepth,
  LedgerItem,
  ListedSubject,
  Outcome,
  State,
} from "./bus.ts";
import { BusError } from "./bus-error.ts";
import { checkIngest, checkOutcome, checkPartition } from "./check-input.ts";
import { decodeCursor, startCursor } from "./cursor.ts";
import { partitionOf } from "./keys.ts";
import { memoryInbox } from "./memory-inbox.ts";
import { MemoryPartition } from "./memory-partition.ts";
import type { Message } from "./message.ts";
import { SEND_KEY_TTL_MS } from "./store.ts";
import type { InboxPort, Store } from "./store.ts";

export interface MemoryStoreOptions {
  readonly partitions?: number;
  /** An inbox longer than this refuses more; 0 = no limit. */
  readonly backpressureLimit?: number;
  /** Milliseconds since the epoch; the real clock when absent. */
  readonly now?: () => number;
}

/** The in-memory twin of the Redis store; what is atomic lives in MemoryPartition. */
export class MemoryStore implements Store {
  readonly partitions: number;
  readonly #limit: number;
  readonly #partitions: MemoryPartition[];
  readonly #waiters = new Set<() => void>();
  #closed = false;

  constructor(options: MemoryStoreOptions = {}) {
    const now = options.now ?? Date.now;
    this.partitions = options.partitions ?? 16;
    this.#limit = options.backpressureLimit ?? 0;
    this.#partitions = Array.from({ length: this.partitions }, () => new MemoryPartition(now));
  }

  partition(partition: number): MemoryPartition {
    checkPartition(partition, this.partitions);
    if (this.#closed) throw new BusError("closed", "the bus is closed");
    return this.#partitions[partition] as MemoryPartition;
  }

  partitionOf(text: string): number {
    return partitionOf(text, this.partitions);
  }

  isTransient(): boolean {
    return false;
  }

  async readState(partition: number, subject: string): Promise<State | undefined> {
    return this.partition(partition).state(subject);
  }

  async readStates(partition: number, subjects: readonly string[]): Promise<(State | undefined)[]> {
    return subjects.map((subject) => this.partition(partition).state(subject));
  }

  async readBlob(partition: number, digest: string): Promise<Buffer | undefined> {
    const bytes = this.partition(partition).blobs.get(digest);
    return bytes && Buffer.from(bytes);
  }

  async readKey(partition: number, key: string): Promise<string | undefined> {
    return this.partition(partition).key(key)?.id;
  }

  async ingest(partition: number, ingest: Ingest): Promise<IngestReply> {
    checkIngest(ingest);
    const reply = this.partition(partition).ingest(ingest, this.#limit);
    this.wake();
    return reply;
  }

  async send(
    partition: number,
    message: Message,
    inbox: string,
    key: string,
  ): Promise<{ kind: "accepted" | "duplicate" }> {
    const ingest = {
      id: message.id,
      keys: [{ key }],
      messages: [{ inbox, message }],
      ttlMs: SEND_KEY_TTL_MS,
    };
    const reply = this.partition(partition).ingest(ingest, 0);
    this.wake();
    return { kind: reply.kind === "accepted" ? "accepted" : "duplicate" };
  }

  async commit(claim: Claim, outcome: Outcome): Promise<CommitReply> {
    checkOutcome(outcome);
    const reply = this.partition(claim.partition).commit(claim, outcome, this.#limit);
    this.wake();
    return reply;
  }

  async readLedger(
    partition: number,
    range: { readonly after?: string; readonly count: number },
  ): Promise<LedgerItem[]> {
    const items = this.partition(partition).ledger.after(range.after ?? "0-0", range.count);
    return items.map(([id, entry]) => ({ partition, id, entry }));
  }

  async *tailLedger(options: {
    readonly cursor?: string;
    readonly signal: AbortSignal;
  }): AsyncIterable<LedgerItem> {
    const { cursor, signal } = options;
    const start =
      cursor === undefined ? startCursor(this.partitions) : decodeCursor(cursor, this.partitions);
    if (start === undefined) throw new BusError("bad-input", "not a cursor of this bus");
    const last = [...start];
    while (!signal.aborted && !this.#closed) {
      const items: LedgerItem[] = [];
      for (const [partition, after] of last.entries()) {
        items.push(...(await this.readLedger(partition, { after, count: 1000 })));
      }
      if (items.length === 0) await this.changed(60_000, signal);
      for (const item of items) {
        if (signal.aborted) return;
        last[item.partition] = item.id;
        yield item;
      }
    }
  }

  async trimLedger(
    partition: number,
    trim: { readonly minId: string; readonly watermark: string },
  ): Promise<number> {
    return this.partition(partition).trimLedger(trim.minId, trim.watermark);
  }

  async listSubjects(
    partition: number | "all",
    page: { readonly limit: number; readonly before?: number },
  ): Promise<ListedSubject[]> {
    const partitions = partition === "all" ? this.#partitions.keys() : [partition];
    return [...partitions]
      .flatMap((each) =>
        [...this.partition(each).index].map(([subject, score]) => ({
          partition: each,
          subject,
          score,
        })),
      )
      .filter(({ score }) => page.before === undefined || score < page.before)
      .toSorted((a, b) => b.score - a.score || (a.subject < b.subject ? 1 : -1))
      .slice(0, page.limit);
  }

  async deadLetters(inbox?: string, limit = 1000): Promise<DeadLetter[]> {
    return this.#partitions.flatMap(({ deadLetters }) =>
      [...deadLetters]
        .filter(([name]) => inbox === undefined || name === inbox)
        .flatMap(([, letters]) => letters.slice(0, limit)),
    );
  }

  async redrive(inbox: string, id: string): Promise<{ kind: "redriven" | "absent" }> {
    const redriven = this.#partitions.some((partition) => partition.redrive(inbox, id));
    this.wake();
    return { kind: redriven ? "redriven" : "absent" };
  }

  async depth(): Promise<InboxDepth[]> {
    return this.#partitions.flatMap(({ inboxes }, partition) =>
      [...inboxes].map(([inbox, stream]) => ({
        inbox,
        partition,
        length: stream.length,
        pending: stream.pending,
        lag: stream.lag,
        oldestPendingAgeMs: stream.oldestAgeMs,
      })),
    );
  }

  async openInbox(inbox: string, consumer: string): Promise<InboxPort> {
    return memoryInbox(this, inbox, consumer);
  }

  /** Makes every pending entry of an inbox due to be taken over. */
  abandon(inbox: string): number {
    return this.#partitions.reduce(
      (sum, { inboxes }) => sum + (inboxes.get(inbox)?.abandon() ?? 0),
      0,
    );
  }

  isQuiet(): boolean {
    return this.#partitions.every(({ inboxes }) =>
      [...inboxes.values()].every((stream) => stream.length === 0),
    );
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.wake();
  }

  wake(): void {
    for (const done of this.#waiters) done();
  }

  /** Settles on the next change, when `signal` fires, and after `timeoutMs` at the latest. */
  async changed(timeoutMs: number, signal?: AbortSignal): Promise<void> {
    const waiters = this.#waiters;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        waiters.delete(done);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      waiters.add(done);
      signal?.addEventListener("abort", done);
    });
  }
}
