// The contract of the bus. Two implementations keep it, the one on Redis and the one in memory, and both
// pass the suite in conformance.ts. Whatever is written here in prose is what that suite checks.
import type { Message } from "./message.ts";

/** Proof of holding one entry of an inbox. Void as soon as another consumer, or a later delivery, holds it. */
export interface Claim {
  readonly inbox: string;
  readonly partition: number;
  readonly entryId: string;
  readonly consumer: string;
  /** 1 on the first delivery. Part of the fence: an earlier delivery to the same consumer is void too. */
  readonly deliveryCount: number;
}

export interface Delivery extends Claim {
  readonly message: Message;
}

export interface StateChange {
  readonly subject: string;
  /** The version the handler read; 0 = there was none. The commit makes it one greater. */
  readonly expectedVersion: number;
  readonly value: string;
  /** Given: the subject is listed under this score (for example the time it was created). */
  readonly indexScore?: number;
  /** Given: the state vanishes that long after this commit. Absent: its lifetime stays as it was (at first: for ever). */
  readonly ttlMs?: number;
}

export interface Addressed {
  readonly inbox: string;
  readonly message: Message;
}

export interface Blob {
  /** SHA-256 of the bytes, 64 lower-case hex digits. */
  readonly digest: string;
  readonly bytes: Uint8Array;
}

/** All a handler wants done. It happens as a whole or not at all, and at most once per input. */
export interface Outcome {
  readonly state?: StateChange;
  readonly ledger?: readonly string[];
  readonly messages?: readonly Addressed[];
  readonly blobs?: readonly Blob[];
}

export type CommitReply =
  | { readonly kind: "applied"; readonly ledgerIds: readonly string[] }
  /** The input is not the caller's any more: taken over, or already committed (perhaps by this very outcome). */
  | { readonly kind: "fenced" }
  | { readonly kind: "stale"; readonly version: number }
  | { readonly kind: "backpressure"; readonly inbox: string };

export interface Ingest {
  /** What the keys will point at, for example the patch id. */
  readonly id: string;
  /** Idempotency keys. `digest` is that of the body: the same key with another body is a conflict. */
  readonly keys: readonly { readonly key: string; readonly digest?: string }[];
  /** More names for the same id. They never make a submission a duplicate. */
  readonly aliases?: readonly string[];
  readonly messages: readonly Addressed[];
  readonly blobs?: readonly Blob[];
  /** How long keys and aliases live. Absent or 0: for ever. It must outlive the work. */
  readonly ttlMs?: number;
}

export type IngestReply =
  | { readonly kind: "accepted"; readonly id: string }
  | { readonly kind: "duplicate"; readonly id: string }
  | { readonly kind: "conflict"; readonly id: string }
  | { readonly kind: "backpressure"; readonly inbox: string };

export interface State {
  readonly version: number;
  readonly value: string;
}

export interface LedgerItem {
  readonly partition: number;
  readonly id: string;
  readonly entry: string;
}

export interface ListedSubject {
  readonly partition: number;
  readonly subject: string;
  readonly score: number;
}

export interface DeadLetter {
  /** Opaque; hand it to `redrive`. */
  readonly id: string;
  readonly inbox: string;
  readonly partition: number;
  /** The entry as it arrived: not always a sound message. */
  readonly payload: string;
  readonly error: string;
  readonly deliveryCount: number;
  readonly originId: string;
  readonly atMs: number;
}

export interface InboxDepth {
  readonly inbox: string;
  readonly partition: number;
  /** Entries not finished, delivered or not. */
  readonly length: number;
  /** Delivered and not finished. */
  readonly pending: number;
  /** Not delivered yet; undefined when the server cannot tell, which is worth an alert. */
  readonly lag: number | undefined;
  /** Age of the oldest unfinished entry, delivered or not; 0 when there is none. */
  readonly oldestPendingAgeMs: number;
}

export type Handler = (delivery: Delivery, signal: AbortSignal) => Promise<Outcome>;

export type ConsumerEvent =
  | { readonly kind: "applied"; readonly delivery: Delivery; readonly durationMs: number }
  | { readonly kind: "fenced"; readonly delivery: Delivery }
  | { readonly kind: "stale"; readonly delivery: Delivery; readonly version: number }
  | { readonly kind: "backpressure"; readonly delivery: Delivery; readonly inbox: string }
  | {
      readonly kind: "failed";
      readonly delivery: Delivery;
      readonly error: Error;
      readonly backoffMs: number;
    }
  | { readonly kind: "dead-lettered"; readonly claim: Claim; readonly error: string }
  /** Entries vanished before they were finished, or (no partition) a whole group did. Never normal: raise an alarm. */
  | {
      readonly kind: "data-loss";
      readonly partition: number | undefined;
      readonly entryIds: readonly string[];
    }
  /** The server could not be used; the consumer waits and goes on. */
  | { readonly kind: "unavailable"; readonly error: Error };

export interface ConsumeOptions {
  readonly inbox: string;
  /** Unique per process incarnation; made up when absent. */
  readonly consumer?: string;
  /**
   * Computes the outcome; it may run several times for one input, so it changes nothing itself. It must
   * end by its own timeout: while it runs its entry is held. `signal` fires when the entry is lost.
   */
  readonly handler: Handler;
  /** How many entries are held at once at most, about. Default 100. */
  readonly batch?: number;
  /** How many handlers run at once. Default 16. */
  readonly concurrency?: number;
  /** How long one read waits for work. Default 1000, at most 2000. */
  readonly blockMs?: number;
  /** After how long without a sign of life an entry is taken over. Default 5000, at least 100. */
  readonly claimIdleMs?: number;
  /** On which delivery a failure is final. Default 5. */
  readonly maxDeliveries?: number;
  /** Wait before the next try, given the number of the failed delivery. Default 100 ms doubling to 30 s. */
  readonly backoffMs?: (deliveryCount: number) => number;
  /** Told of everything that happens, for metrics and logs. Must not throw. */
  readonly onOutcome?: (event: ConsumerEvent) => void;
}

export interface Consumer {
  readonly name: string;
  /**
   * Lets running handlers finish and commit, hands the rest back, leaves. While the server is away it waits;
   * closing the bus cuts that short, and what was held is taken over later.
   */
  stop(): Promise<void>;
}

export interface Bus {
  readonly partitions: number;
  /** The partition of a text: stable across processes, machines and releases. */
  partitionOf(text: string): number;
  readState(partition: number, subject: string): Promise<State | undefined>;
  readStates(partition: number, subjects: readonly string[]): Promise<(State | undefined)[]>;
  readBlob(partition: number, digest: string): Promise<Buffer | undefined>;
  /** The id an idempotency key or alias points at. */
  readKey(partition: number, key: string): Promise<string | undefined>;
  /** Takes in a submission once (P8: `accepted` is answered only after it is stored). */
  ingest(partition: number, ingest: Ingest): Promise<IngestReply>;
  /** Appends one message unless `key` was used before. Never refused for backpressure: timers must get through. */
  send(
    partition: number,
    message: Message,
    inbox: string,
    key: string,
  ): Promise<{ readonly kind: "accepted" | "duplicate" }>;
  /** The atomic commit of one outcome. Safe to repeat after a lost answer: the second time is `fenced`. */
  commit(claim: Claim, outcome: Outcome): Promise<CommitReply>;
  consume(options: ConsumeOptions): Consumer;
  /** Oldest first, strictly after `after`. */
  readLedger(
    partition: number,
    range: { readonly after?: string; readonly count: number },
  ): Promise<LedgerItem[]>;
  /** Every ledger entry after `cursor` (absent: from the beginning), then new ones as they come, until `signal`. */
  tailLedger(options: {
    readonly cursor?: string;
    readonly signal: AbortSignal;
  }): AsyncIterable<LedgerItem>;
  /** Removes entries older than `minId`, never any at or after `watermark`. Answers how many went. */
  trimLedger(
    partition: number,
    trim: { readonly minId: string; readonly watermark: string },
  ): Promise<number>;
  /** Newest first. `before` excludes that score and above. Expired states may still be listed. */
  listSubjects(
    partition: number | "all",
    page: { readonly limit: number; readonly before?: number },
  ): Promise<ListedSubject[]>;
  /** Oldest first, at most `limit` (1000) per partition and inbox. */
  deadLetters(inbox?: string, limit?: number): Promise<DeadLetter[]>;
  /** Moves a dead letter back to its inbox with a fresh delivery count; twice is the same as once. */
  redrive(inbox: string, id: string): Promise<{ readonly kind: "redriven" | "absent" }>;
  depth(): Promise<InboxDepth[]>;
  close(): Promise<void>;
}
