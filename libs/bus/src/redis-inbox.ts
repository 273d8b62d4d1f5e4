import type { Redis } from "ioredis";
import type { Claim } from "./bus.ts";
import { BusError } from "./bus-error.ts";
import { settled } from "./connect.ts";
import { GROUP } from "./keys.ts";
import type { Keys } from "./keys.ts";
import { decodeHold, decodeRetry, decodeTakeOver, didTag } from "./scripts.ts";
import type { RunScript } from "./scripts.ts";
import { MAX_ERROR_LENGTH } from "./store.ts";
import type { Entry, InboxPort } from "./store.ts";

/** Idle time given to entries handed back: longer than anybody waits before taking over. */
const DUE_AT_ONCE_MS = 86_400_000;
/** A consumer not heard of for so long, holding nothing, belongs to a process that is gone. */
const GONE_AFTER_MS = 3_600_000;

export interface RedisInboxOptions {
  readonly redis: Redis;
  /** Used for blocking reads only, by this inbox only. */
  readonly reader: Redis;
  readonly run: RunScript;
  readonly keys: Keys;
  readonly inbox: string;
  readonly consumer: string;
  readonly onLeave: () => void;
}

type StreamReply = [key: string, entries: [id: string, fields: string[] | null][]][];

/** One consumer's side of one inbox on Redis. The groups must exist: see `createGroups`. */
export class RedisInbox implements InboxPort {
  readonly #options: RedisInboxOptions;
  readonly #streams: string[];
  readonly #partitionOfKey: Map<string, number>;
  #readerId: Promise<number | undefined>;
  #interrupted = false;

  constructor(options: RedisInboxOptions) {
    this.#options = options;
    const { keys, inbox, reader } = options;
    this.#streams = Array.from({ length: keys.partitions }, (_, at) => keys.inbox(at, inbox));
    this.#partitionOfKey = new Map(this.#streams.map((key, at) => [key, at]));
    this.#readerId = clientId(reader);
    reader.on("ready", () => {
      this.#readerId = clientId(reader);
    });
  }

  async read(count: number, blockMs: number): Promise<Entry[]> {
    if (this.#interrupted) return [];
    const { reader, consumer } = this.#options;
    // COUNT is per stream, so that no busy partition starves the others.
    const each = Math.ceil(count / this.#streams.length);
    const ids = this.#streams.map(() => ">");
    let reply: StreamReply | null;
    try {
      reply = (await settled(
        reader.xreadgroup(
          "GROUP",
          GROUP,
          consumer,
          "COUNT",
          each,
          "BLOCK",
          blockMs,
          "STREAMS",
          ...this.#streams,
          ...ids,
        ),
      )) as StreamReply | null;
    } catch (error) {
      throw await this.#repaired(error);
    }
    return (reply ?? []).flatMap(([key, entries]) => {
      const partition = this.#partitionOfKey.get(key) ?? 0;
      return entries.map(([id, fields]) => this.#entry(partition, id, payloadOf(fields), 1));
    });
  }

  async interrupt(): Promise<void> {
    this.#interrupted = true;
    if (this.#options.reader.status !== "ready") return;
    const id = await this.#readerId;
    if (id !== undefined) await this.#options.redis.client("UNBLOCK", id);
  }

  async takeOver(
    partition: number,
    minIdleMs: number,
  ): Promise<{ entry: Entry | undefined; lostIds: readonly string[] }> {
    const { run, consumer } = this.#options;
    const key = this.#stream(partition);
    const { lostIds, taken } = decodeTakeOver(
      await run("take-over", [key], [GROUP, consumer, Math.ceil(minIdleMs)]),
    );
    const entry =
      taken && this.#entry(partition, taken.entryId, taken.payload, taken.deliveryCount);
    return { entry, lostIds };
  }

  async hold(claims: readonly Claim[]): Promise<boolean[]> {
    return this.#touch(claims, 0, 0);
  }

  async release(claims: readonly Claim[]): Promise<void> {
    await this.#touch(claims, DUE_AT_ONCE_MS, -1);
  }

  async #touch(claims: readonly Claim[], idleMs: number, change: number): Promise<boolean[]> {
    const held = claims.map(() => false);
    const byPartition = Map.groupBy(claims.keys(), (at) => claims[at]?.partition ?? 0);
    await Promise.all(
      [...byPartition].map(async ([partition, positions]) => {
        const pairs = positions.flatMap((at) => {
          const { entryId, deliveryCount } = claims[at] as Claim;
          return [entryId, deliveryCount];
        });
        const reply = await this.#options.run(
          "hold",
          [this.#stream(partition)],
          [GROUP, this.#options.consumer, idleMs, change, ...pairs],
        );
        for (const [index, good] of decodeHold(reply).entries()) {
          held[positions[index] as number] = good;
        }
      }),
    );
    return held;
  }

  async retry(claim: Claim): Promise<Claim | undefined> {
    const reply = await this.#options.run(
      "retry",
      [this.#stream(claim.partition)],
      [GROUP, claim.consumer, claim.entryId, claim.deliveryCount],
    );
    const deliveryCount = decodeRetry(reply);
    return deliveryCount === undefined ? undefined : { ...claim, deliveryCount };
  }

  async deadLetter(claim: Claim, error: string): Promise<boolean> {
    const { run, keys } = this.#options;
    const { partition, inbox, consumer, entryId, deliveryCount } = claim;
    const reply = await run(
      "dead-letter",
      [this.#stream(partition), keys.deadLetters(partition, inbox)],
      [GROUP, consumer, entryId, deliveryCount, error.slice(0, MAX_ERROR_LENGTH), Date.now()],
    );
    return didTag(reply, "buried");
  }

  async leave(): Promise<void> {
    this.#interrupted = true;
    const { run, consumer, onLeave } = this.#options;
    try {
      await Promise.all(this.#streams.map((key) => run("leave", [key], [GROUP, consumer])));
    } finally {
      onLeave();
    }
  }

  /** Makes the groups where they are missing and removes consumers of processes that are gone. */
  async createGroups(): Promise<void> {
    const { redis, run, keys, inbox } = this.#options;
    await settled(redis.sadd(keys.inboxes(), inbox));
    await Promise.all(
      this.#streams.map(async (key) => {
        await settled(redis.xgroup("CREATE", key, GROUP, "0", "MKSTREAM")).catch(unlessExists);
        for (const { name, pending, idleMs } of await consumersOf(redis, key)) {
          if (pending === 0 && idleMs > GONE_AFTER_MS) await run("leave", [key], [GROUP, name]);
        }
      }),
    );
  }

  /** A vanished group means the server lost data: it is made again, and the loss is reported. */
  async #repaired(error: unknown): Promise<unknown> {
    if (!(error instanceof Error) || !error.message.startsWith("NOGROUP")) return error;
    await this.createGroups();
    return new BusError("group-lost", "a consumer group had vanished", { cause: error });
  }

  #stream(partition: number): string {
    return this.#options.keys.inbox(partition, this.#options.inbox);
  }

  #entry(partition: number, entryId: string, payload: string, deliveryCount: number): Entry {
    const { inbox, consumer } = this.#options;
    return { inbox, partition, entryId, consumer, deliveryCount, payload };
  }
}

function payloadOf(fields: string[] | null): string {
  return fields?.[0] === "m" ? (fields[1] ?? "") : "";
}

async function clientId(reader: Redis): Promise<number | undefined> {
  return reader.client("ID").catch(() => undefined);
}

async function consumersOf(
  redis: Redis,
  key: string,
): Promise<{ name: string; pending: number; idleMs: number }[]> {
  const reply = (await settled(redis.xinfo("CONSUMERS", key, GROUP))) as (string | number)[][];
  return reply.map((fields) => {
    const value = (name: string): string | number | undefined => fields[fields.indexOf(name) + 1];
    return {
      name: String(value("name")),
      pending: Number(value("pending")),
      idleMs: Number(value("idle")),
    };
  });
}

function unlessExists(error: unknown): void {
  if (error instanceof Error && error.message.startsWith("BUSYGROUP")) return;
  throw error;
}
