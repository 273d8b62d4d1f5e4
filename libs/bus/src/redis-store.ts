import type { Redis } from "ioredis";
import type {
  Claim,
  CommitReply,
  DeadLetter,
  InboxDepth,
  Ingest,
  IngestReply,
  LedgerItem,
  ListedSubject,
  Outcome,
  State,
} from "./bus.ts";
import { BusError } from "./bus-error.ts";
import { checkIngest, checkOutcome, checkPartition } from "./check-input.ts";
import { asBuffer } from "./commit-batch.ts";
import { commitQueue } from "./commit-queue.ts";
import type { Commit } from "./commit-queue.ts";
import { closeConnection, connect, isTransient, settled } from "./connect.ts";
import { isEntryId } from "./cursor.ts";
import { readDeadLetters } from "./dead-letters.ts";
import { readDepth } from "./depth.ts";
import { makeKeys, partitionOf } from "./keys.ts";
import type { Keys } from "./keys.ts";
import { tailLedger } from "./ledger-tail.ts";
import type { Message } from "./message.ts";
import { RedisInbox } from "./redis-inbox.ts";
import { rewriteAfterRestart } from "./rewrite-after-restart.ts";
import { decodeIngest, didTag, loadScripts } from "./scripts.ts";
import type { Argument, RunScript } from "./scripts.ts";
import { SEND_KEY_TTL_MS } from "./store.ts";
import type { InboxPort, Store } from "./store.ts";

export interface RedisStoreOptions {
  readonly url: string;
  readonly name: string;
  readonly prefix: string;
  readonly partitions: number;
  readonly backpressureLimit: number;
  readonly onError?: (error: Error) => void;
}

/** Measured: with fewer the server waits for the disk too often, with more the batches get too small. */
const COMMIT_CONNECTIONS = 3;

/** The atomic half of the bus on Redis. Owns its connections. */
export class RedisStore implements Store {
  readonly partitions: number;
  readonly #options: RedisStoreOptions;
  readonly #redis: Redis;
  /** All connections that commit; the first is `#redis`. */
  readonly #writers: readonly Redis[];
  readonly #readers = new Set<Redis>();
  readonly #keys: Keys;
  readonly #run: RunScript;
  readonly #commit: Commit;
  readonly #knownInboxes = new Set<string>();

  constructor(options: RedisStoreOptions) {
    this.#options = options;
    this.partitions = options.partitions;
    this.#keys = makeKeys(options.prefix, options.partitions);
    this.#redis = connect(options);
    this.#redis.on("ready", () => void rewriteAfterRestart(this.#redis, this.#keys.rewritten()));
    this.#run = loadScripts(this.#redis);
    const others = Array.from({ length: COMMIT_CONNECTIONS - 1 }, () => connect(options));
    this.#writers = [this.#redis, ...others];
    const runs = [this.#run, ...others.map(loadScripts)];
    const { backpressureLimit } = options;
    this.#commit = commitQueue({ runs, keys: this.#keys, backpressureLimit });
  }

  partitionOf(text: string): number {
    return partitionOf(text, this.partitions);
  }

  isTransient(error: unknown): boolean {
    return isTransient(error);
  }

  async readState(partition: number, subject: string): Promise<State | undefined> {
    this.#check(partition);
    const key = this.#keys.state(partition, subject);
    const [version, value] = await settled(this.#redis.hmget(key, "version", "value"));
    if (version === undefined || version === null) return undefined;
    return { version: Number(version), value: value ?? "" };
  }

  readStates(partition: number, subjects: readonly string[]): Promise<(State | undefined)[]> {
    return Promise.all(subjects.map((subject) => this.readState(partition, subject)));
  }

  async readBlob(partition: number, digest: string): Promise<Buffer | undefined> {
    this.#check(partition);
    const bytes = await settled(this.#redis.getBuffer(this.#keys.blob(partition, digest)));
    return bytes ?? undefined;
  }

  async readKey(partition: number, key: string): Promise<string | undefined> {
    this.#check(partition);
    const stored = await settled(this.#redis.get(this.#keys.idempotency(partition, key)));
    return stored === null ? undefined : stored.slice(stored.indexOf("|") + 1);
  }

  ingest(partition: number, ingest: Ingest): Promise<IngestReply> {
    return this.#ingest(partition, ingest, this.#options.backpressureLimit);
  }

  async send(
    partition: number,
    message: Message,
    inbox: string,
    key: string,
  ): Promise<{ kind: "accepted" | "duplicate" }> {
    const messages = [{ inbox, message }];
    const ingest = { id: message.id, keys: [{ key }], messages, ttlMs: SEND_KEY_TTL_MS };
    const reply = await this.#ingest(partition, ingest, 0);
    return { kind: reply.kind === "accepted" ? "accepted" : "duplicate" };
  }

  async #ingest(partition: number, ingest: Ingest, limit: number): Promise<IngestReply> {
    this.#check(partition);
    checkIngest(ingest);
    const { id, keys, aliases = [], blobs = [], messages, ttlMs = 0 } = ingest;
    const at = this.#keys;
    await this.#announce(messages);
    const first = [
      ...keys.map(({ key }) => at.idempotency(partition, key)),
      ...aliases.map((key) => at.idempotency(partition, key)),
      ...blobs.map(({ digest }) => at.blob(partition, digest)),
    ];
    const inboxes = messages.map(({ inbox }) => at.inbox(partition, inbox));
    const args: Argument[] = [
      id,
      limit,
      ttlMs,
      keys.length,
      aliases.length,
      blobs.length,
      messages.length,
      ...keys.map(({ digest }) => digest ?? ""),
      ...blobs.map(({ bytes }) => asBuffer(bytes)),
      ...messages.map(({ message }) => JSON.stringify(message)),
    ];
    const reply = await this.#run("ingest", [...first, ...inboxes], args);
    return decodeIngest(reply, (position) => messages[position - first.length - 1]?.inbox ?? "");
  }

  async commit(claim: Claim, outcome: Outcome): Promise<CommitReply> {
    this.#check(claim.partition);
    checkOutcome(outcome);
    const unknown = this.#announce(outcome.messages ?? []);
    if (unknown) await unknown;
    return this.#commit(claim, outcome);
  }

  /** Notes inbox names for `depth`, once per process and name; undefined when all are noted. */
  #announce(messages: readonly { readonly inbox: string }[]): Promise<void> | undefined {
    const fresh = messages
      .map(({ inbox }) => inbox)
      .filter((each) => !this.#knownInboxes.has(each));
    if (fresh.length === 0) return undefined;
    return settled(this.#redis.sadd(this.#keys.inboxes(), ...fresh)).then(() => {
      for (const inbox of fresh) this.#knownInboxes.add(inbox);
    });
  }

  async readLedger(
    partition: number,
    range: { readonly after?: string; readonly count: number },
  ): Promise<LedgerItem[]> {
    this.#check(partition);
    const from = range.after === undefined ? "-" : `(${checkedId(range.after)}`;
    const key = this.#keys.ledger(partition);
    const entries = await settled(this.#redis.xrange(key, from, "+", "COUNT", range.count));
    return entries.map(([id, fields]) => ({ partition, id, entry: fields[1] ?? "" }));
  }

  tailLedger(options: {
    readonly cursor?: string;
    readonly signal: AbortSignal;
  }): AsyncIterable<LedgerItem> {
    return tailLedger({
      ...options,
      keys: this.#keys,
      open: () => this.#openReader("tail"),
      close: (reader) => this.#closeReader(reader),
    });
  }

  async trimLedger(
    partition: number,
    trim: { readonly minId: string; readonly watermark: string },
  ): Promise<number> {
    this.#check(partition);
    const ids = [checkedId(trim.minId), checkedId(trim.watermark)];
    return Number(await this.#run("trim-ledger", [this.#keys.ledger(partition)], ids));
  }

  async listSubjects(
    partition: number | "all",
    page: { readonly limit: number; readonly before?: number },
  ): Promise<ListedSubject[]> {
    const partitions =
      partition === "all" ? Array.from({ length: this.partitions }, (_, at) => at) : [partition];
    const lists = await Promise.all(partitions.map((at) => this.#listed(at, page)));
    return lists
      .flat()
      .toSorted((a, b) => b.score - a.score || (a.subject < b.subject ? 1 : -1))
      .slice(0, page.limit);
  }

  async #listed(
    partition: number,
    page: { readonly limit: number; readonly before?: number },
  ): Promise<ListedSubject[]> {
    this.#check(partition);
    const from = page.before === undefined ? "+inf" : `(${page.before}`;
    const flat = await settled(
      this.#redis.zrevrangebyscore(
        this.#keys.index(partition),
        from,
        "-inf",
        "WITHSCORES",
        "LIMIT",
        0,
        page.limit,
      ),
    );
    return Array.from({ length: flat.length / 2 }, (_, at) => ({
      partition,
      subject: flat[2 * at] ?? "",
      score: Number(flat[2 * at + 1]),
    }));
  }

  async deadLetters(inbox?: string, limit = 1000): Promise<DeadLetter[]> {
    const names = inbox === undefined ? await this.#inboxNames() : [inbox];
    return readDeadLetters(this.#redis, this.#keys, names, limit);
  }

  async redrive(inbox: string, id: string): Promise<{ kind: "redriven" | "absent" }> {
    const [partition = "", entryId = ""] = id.split(":");
    const at = /^\d{1,4}$/.test(partition) ? Number(partition) : -1;
    if (at < 0 || at >= this.partitions || !isEntryId(entryId)) return { kind: "absent" };
    const keys = [this.#keys.deadLetters(at, inbox), this.#keys.inbox(at, inbox)];
    const reply = await this.#run("redrive", keys, [entryId]);
    return { kind: didTag(reply, "redriven") ? "redriven" : "absent" };
  }

  async depth(): Promise<InboxDepth[]> {
    return readDepth(this.#redis, this.#keys, await this.#inboxNames());
  }

  async #inboxNames(): Promise<string[]> {
    return (await settled(this.#redis.smembers(this.#keys.inboxes()))).toSorted();
  }

  async openInbox(inbox: string, consumer: string): Promise<InboxPort> {
    const reader = this.#openReader(consumer);
    const port = new RedisInbox({
      redis: this.#redis,
      run: this.#run,
      keys: this.#keys,
      reader,
      inbox,
      consumer,
      onLeave: () => this.#closeReader(reader),
    });
    try {
      await port.createGroups();
    } catch (error) {
      this.#closeReader(reader);
      throw error;
    }
    return port;
  }

  /** Lets commands on their way be answered, for a second at most, then closes every connection. */
  async close(): Promise<void> {
    for (const reader of this.#readers) this.#closeReader(reader);
    await Promise.all(this.#writers.map(closeGently));
  }

  #openReader(purpose: string): Redis {
    const name = `${this.#options.name}:${purpose}`.replaceAll(/[^\w:.-]/g, "_");
    const reader = connect({ ...this.#options, name, blocking: true });
    this.#readers.add(reader);
    return reader;
  }

  #closeReader(reader: Redis): void {
    if (this.#readers.delete(reader)) closeConnection(reader);
  }

  #check(partition: number): void {
    checkPartition(partition, this.partitions);
  }
}

async function closeGently(redis: Redis): Promise<void> {
  const timer = setTimeout(() => closeConnection(redis), 1000);
  await redis.quit().catch(() => undefined);
  clearTimeout(timer);
  closeConnection(redis);
}

function checkedId(id: string): string {
  if (!isEntryId(id)) throw new BusError("bad-input", "not an entry id");
  return id;
}
