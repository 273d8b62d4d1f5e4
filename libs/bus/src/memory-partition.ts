// One partition of the in-memory twin. Each method runs to its end without awaiting, so it is as atomic as a
// script; the order of the guards is that of src/lua/*.lua and has to stay so.
import type {
  Addressed,
  Blob,
  Claim,
  CommitReply,
  DeadLetter,
  Ingest,
  IngestReply,
  Outcome,
  State,
  StateChange,
} from "./bus.ts";
import { compareEntryIds } from "./cursor.ts";
import { MemoryStream } from "./memory-stream.ts";
import { MAX_ERROR_LENGTH } from "./store.ts";

interface Expiring<T> {
  readonly value: T;
  readonly expiresAtMs: number;
}

interface KeyRecord {
  readonly id: string;
  readonly digest: string;
}

export class MemoryPartition {
  readonly blobs = new Map<string, Buffer>();
  readonly index = new Map<string, number>();
  readonly inboxes = new Map<string, MemoryStream>();
  readonly deadLetters = new Map<string, DeadLetter[]>();
  readonly ledger: MemoryStream;
  readonly #states = new Map<string, Expiring<State>>();
  readonly #keys = new Map<string, Expiring<KeyRecord>>();
  readonly #now: () => number;
  #letters = 0;

  constructor(now: () => number) {
    this.#now = now;
    this.ledger = new MemoryStream(now);
  }

  state(subject: string): State | undefined {
    return this.#live(this.#states, subject);
  }

  key(key: string): KeyRecord | undefined {
    return this.#live(this.#keys, key);
  }

  inbox(name: string): MemoryStream {
    let stream = this.inboxes.get(name);
    if (stream === undefined) {
      stream = new MemoryStream(this.#now);
      this.inboxes.set(name, stream);
    }
    return stream;
  }

  ingest(ingest: Ingest, limit: number): IngestReply {
    const known = this.#known(ingest);
    if (known?.kind === "conflict") return known;
    if (known === undefined && limit > 0) {
      const full = ingest.messages.find(({ inbox }) => this.#length(inbox) > limit);
      if (full) return { kind: "backpressure", inbox: full.inbox };
    }
    const id = known?.id ?? ingest.id;
    const expiresAtMs = ingest.ttlMs ? this.#now() + ingest.ttlMs : Number.POSITIVE_INFINITY;
    const aliases = (ingest.aliases ?? []).map((key) => ({ key, digest: "" }));
    for (const { key, digest } of [...ingest.keys, ...aliases]) {
      if (this.key(key)) continue;
      this.#keys.set(key, { value: { id, digest: digest ?? "" }, expiresAtMs });
    }
    if (known) return known;
    this.#append(ingest.blobs, ingest.messages);
    return { kind: "accepted", id };
  }

  #known({ keys }: Ingest): { kind: "duplicate" | "conflict"; id: string } | undefined {
    let known: string | undefined;
    for (const { key, digest } of keys) {
      const stored = this.key(key);
      if (stored === undefined) continue;
      const differs = digest !== undefined && stored.digest !== "" && digest !== stored.digest;
      if (differs) return { kind: "conflict", id: stored.id };
      known ??= stored.id;
    }
    return known === undefined ? undefined : { kind: "duplicate", id: known };
  }

  commit(claim: Claim, outcome: Outcome, limit: number): CommitReply {
    const input = this.inbox(claim.inbox);
    if (!input.isHeldBy(claim)) return { kind: "fenced" };
    const { state } = outcome;
    if (state !== undefined) {
      const version = this.state(state.subject)?.version ?? 0;
      if (version !== state.expectedVersion) return { kind: "stale", version };
    }
    for (const { inbox } of limit > 0 ? (outcome.messages ?? []) : []) {
      const length = this.#length(inbox);
      if (length > limit && length > input.length) return { kind: "backpressure", inbox };
    }
    if (state !== undefined) this.#writeState(state);
    const ledgerIds = (outcome.ledger ?? []).map((entry) => this.ledger.append(entry));
    this.#append(outcome.blobs, outcome.messages);
    input.remove(claim.entryId);
    return { kind: "applied", ledgerIds };
  }

  trimLedger(minId: string, watermark: string): number {
    const { entries } = this.ledger;
    const bound = compareEntryIds(minId, watermark) < 0 ? minId : watermark;
    const gone = [...entries.keys()].filter((id) => compareEntryIds(id, bound) < 0);
    for (const id of gone) entries.delete(id);
    return gone.length;
  }

  bury(claim: Claim, error: string): void {
    const stream = this.inbox(claim.inbox);
    const letters = this.deadLetters.get(claim.inbox) ?? [];
    this.#letters += 1;
    letters.push({
      id: `${claim.partition}:${this.#now()}-${this.#letters}`,
      inbox: claim.inbox,
      partition: claim.partition,
      payload: stream.entries.get(claim.entryId) ?? "",
      error: error.slice(0, MAX_ERROR_LENGTH),
      deliveryCount: claim.deliveryCount,
      originId: claim.entryId,
      atMs: this.#now(),
    });
    this.deadLetters.set(claim.inbox, letters);
    stream.remove(claim.entryId);
  }

  redrive(inbox: string, id: string): boolean {
    const letters = this.deadLetters.get(inbox) ?? [];
    const letter = letters.find((each) => each.id === id);
    if (letter === undefined) return false;
    letters.splice(letters.indexOf(letter), 1);
    this.inbox(inbox).append(letter.payload);
    return true;
  }

  #length(inbox: string): number {
    return this.inboxes.get(inbox)?.length ?? 0;
  }

  #writeState({ subject, value, expectedVersion, ttlMs, indexScore }: StateChange): void {
    const before = this.#states.get(subject)?.expiresAtMs ?? Number.POSITIVE_INFINITY;
    const expiresAtMs = ttlMs === undefined ? before : this.#now() + ttlMs;
    this.#states.set(subject, { value: { version: expectedVersion + 1, value }, expiresAtMs });
    if (indexScore !== undefined) this.index.set(subject, indexScore);
  }

  #append(blobs: readonly Blob[] = [], messages: readonly Addressed[] = []): void {
    for (const { digest, bytes } of blobs) {
      if (!this.blobs.has(digest)) this.blobs.set(digest, Buffer.from(bytes));
    }
    for (const { inbox, message } of messages) this.inbox(inbox).append(JSON.stringify(message));
  }

  #live<T>(map: Map<string, Expiring<T>>, key: string): T | undefined {
    const found = map.get(key);
    if (found === undefined || found.expiresAtMs > this.#now()) return found?.value;
    map.delete(key);
    return undefined;
  }
}
