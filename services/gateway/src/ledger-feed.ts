/**
 * The live feed. One tail of the ledger per gateway; every client that has caught up is served from it.
 *
 * A client first reads what it missed, page by page, and is handed over to the tail in the same tick in
 * which its position has reached the tail's. Each client keeps its own position and takes only what is
 * after it, so the hand-over leaves no gap and brings nothing twice. Within a partition the order is
 * that of the ledger. A client that reads too slowly for the tail goes back to reading what it missed, at
 * its own pace and with a bounded buffer; one that does not read at all is dropped.
 */
import {
  advanceCursor,
  type Bus,
  type Cursor,
  encodeCursor,
  type LedgerItem,
  startCursor,
} from "@council/bus";
import { endOfLedger } from "./ledger-end.ts";

const pageEntries = 200;
const restartMs = 500;

export interface FeedSink {
  /** Sends one event; false when so much is unsent that the client has to be waited for. */
  readonly send: (item: LedgerItem, cursor: string) => boolean;
  /** Settles when the client has taken what was sent; false when it is gone or does not read. */
  readonly drained: () => Promise<boolean>;
  readonly signal: AbortSignal;
}

interface Follower {
  readonly sink: FeedSink;
  position: Cursor;
  /** Ends the time in which it is served from the tail. */
  onFull: () => void;
}

export class LedgerFeed {
  readonly #bus: Bus;
  readonly #followers = new Set<Follower>();
  readonly #stopping = new AbortController();
  readonly #onError: (error: unknown) => void;
  #position: Cursor;
  #running: Promise<void> = Promise.resolve();

  private constructor(bus: Bus, position: Cursor, onError: (error: unknown) => void) {
    this.#bus = bus;
    this.#position = position;
    this.#onError = onError;
  }

  /** Opens the feed at the end of the ledger; it follows from there until `close`. */
  static async open(bus: Bus, onError: (error: unknown) => void): Promise<LedgerFeed> {
    const feed = new LedgerFeed(bus, await endOfLedger(bus), onError);
    feed.#running = feed.#run();
    return feed;
  }

  /** The position of the tail: whoever follows from here misses nothing that comes later. */
  get position(): Cursor {
    return this.#position;
  }

  get start(): Cursor {
    return startCursor(this.#bus.partitions);
  }

  /** Sends everything after `from`, then whatever comes, until the sink's signal or its slowness ends it. */
  async follow(from: Cursor, sink: FeedSink): Promise<void> {
    const follower: Follower = { sink, position: from, onFull: () => undefined };
    while (!sink.signal.aborted) {
      const isCurrent = await this.#catchUp(follower);
      if (!isCurrent || sink.signal.aborted) return;
      // No await since the positions were compared: nothing can have passed in between.
      await this.#serveLive(follower);
      if (!(await sink.drained())) return;
    }
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** Sends what the follower missed; false when it is gone. */
  async #catchUp(follower: Follower): Promise<boolean> {
    const { sink } = follower;
    while (!this.#hasCaughtUp(follower)) {
      for (const item of await this.#missed(follower)) {
        if (sink.signal.aborted) return false;
        if (!give(follower, item) && !(await sink.drained())) return false;
      }
    }
    return true;
  }

  /** Serves the follower from the tail until it is gone or has too much unsent. */
  async #serveLive(follower: Follower): Promise<void> {
    const { signal } = follower.sink;
    const { promise, resolve } = Promise.withResolvers<void>();
    const over = () => resolve();
    follower.onFull = over;
    signal.addEventListener("abort", over, { once: true });
    this.#followers.add(follower);
    await promise;
    this.#followers.delete(follower);
    signal.removeEventListener("abort", over);
  }

  #hasCaughtUp({ position }: Follower): boolean {
    return this.#position.every((id, partition) => !isAfter(id, position[partition] ?? ""));
  }

  /** The next entries a follower missed, oldest first across partitions. */
  async #missed(follower: Follower): Promise<LedgerItem[]> {
    const [tail, { position }] = [this.#position, follower];
    const behind = [...position.keys()].filter((partition) =>
      isAfter(tail[partition] ?? "", position[partition] ?? ""),
    );
    const pages = await Promise.all(
      behind.map((partition) =>
        this.#bus.readLedger(partition, {
          after: position[partition] ?? "",
          count: pageEntries,
        }),
      ),
    );
    // Nothing left there: it was trimmed away, and the follower goes on where the tail was.
    for (const [at, partition] of behind.entries()) {
      const id = tail[partition];
      if (pages[at]?.length === 0 && id !== undefined)
        follower.position = advanceCursor(follower.position, { partition, id });
    }
    // Beyond the end of a full page there may be older entries than in the other partitions.
    const ends = pages.filter((page) => page.length === pageEntries).map((page) => page.at(-1)?.id);
    const isSafe = (id: string) => ends.every((end) => end === undefined || !isAfter(id, end));
    const items = pages.flat().filter(({ id }) => isSafe(id));
    return items.toSorted((a, b) => compareIds(a.id, b.id));
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        const cursor = encodeCursor(this.#position);
        for await (const item of this.#bus.tailLedger({ cursor, signal })) {
          this.#position = advanceCursor(this.#position, item);
          for (const follower of this.#followers) {
            if (give(follower, item)) continue;
            this.#followers.delete(follower);
            follower.onFull();
          }
        }
      } catch (error) {
        this.#onError(error);
      }
      if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, restartMs));
    }
  }
}

function give(follower: Follower, item: LedgerItem): boolean {
  if (!isAfter(item.id, follower.position[item.partition] ?? "")) return true;
  follower.position = advanceCursor(follower.position, item);
  return follower.sink.send(item, encodeCursor(follower.position));
}

/** Orders entry ids (milliseconds, dash, number) as the server does. */
function compareIds(left: string, right: string): number {
  const [leftMs = 0, leftNumber = 0] = left.split("-").map(Number);
  const [rightMs = 0, rightNumber = 0] = right.split("-").map(Number);
  return leftMs - rightMs || leftNumber - rightNumber;
}

function isAfter(id: string, other: string): boolean {
  return compareIds(id, other) > 0;
}
