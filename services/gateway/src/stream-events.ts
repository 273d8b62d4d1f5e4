/** `GET /v1/events`: the ledger as server-sent events. */
import type { ServerResponse } from "node:http";
import { type Cursor, decodeCursor, encodeCursor, type LedgerItem } from "@council/bus";
import { type GovernanceEntry, type LedgerEntry, partitionOfPatch } from "@council/contracts";
import type { FeedSink, LedgerFeed } from "./ledger-feed.ts";
import { GatewayError } from "./problems.ts";

export interface Streaming {
  readonly feed: LedgerFeed;
  readonly partitions: number;
  readonly onClients: (change: 1 | -1) => void;
  readonly onError: (error: unknown) => void;
  /** Default 15 000. */
  readonly heartbeatMs?: number;
  /** With more than this unsent, in bytes, the client is waited for; default 256 KiB. */
  readonly mostBuffered?: number;
  /** A client that takes longer to read what is unsent is dropped; default 30 000. */
  readonly drainMs?: number;
}

/** What a client gets, when the gateway stops, to read what is unsent; milliseconds. */
const closeGraceMs = 500;

export interface EventsQuery {
  readonly lastEventId?: string | undefined;
  readonly cursor?: string | undefined;
  readonly from?: string | undefined;
}

/** The open streams of a gateway. */
export class EventStreams {
  readonly #streaming: Streaming;
  readonly #open = new Set<() => void>();
  #isClosed = false;

  constructor(streaming: Streaming) {
    this.#streaming = streaming;
  }

  /** Where a client begins: its last event, a cursor, the start, or now. Throws GatewayError `query-invalid`. */
  startOf({ lastEventId, cursor, from }: EventsQuery): Cursor {
    const { feed, partitions } = this.#streaming;
    const text = lastEventId ?? cursor;
    if (text !== undefined && text !== "") {
      const decoded = decodeCursor(text, partitions);
      if (decoded) return decoded;
      throw new GatewayError("query-invalid", {
        field: lastEventId === undefined ? "cursor" : "last-event-id",
        detail: "is not a position of this feed",
        remedy: "use the id of an event of this feed, or leave it out",
      });
    }
    if (from === undefined || from === "now") return feed.position;
    if (from === "start") return feed.start;
    throw new GatewayError("query-invalid", {
      field: "from",
      detail: "is neither now nor start",
      remedy: "use from=now or from=start",
    });
  }

  /** Serves one client from `start` until it leaves, is too slow, or the gateway stops. */
  serve(response: ServerResponse, start: Cursor): void {
    const { onClients, onError, heartbeatMs = 15_000 } = this.#streaming;
    const leaving = new AbortController();
    const end = () => {
      response.end();
      setTimeout(() => response.destroy(), closeGraceMs).unref();
      leave();
    };
    const leave = () => {
      if (leaving.signal.aborted) return;
      leaving.abort();
      clearInterval(heartbeat);
      this.#open.delete(end);
      onClients(-1);
    };
    const heartbeat = setInterval(() => response.write(": still here\n\n"), heartbeatMs);
    response.on("close", leave);
    response.on("error", leave);
    this.#open.add(end);
    onClients(1);
    // The id comes first, so that a client that is cut off before its first event loses nothing either.
    response.write(`retry: 1000\nid: ${encodeCursor(start)}\n\n`);
    if (this.#isClosed) return end();
    const sink = this.#sinkOf(response, leaving.signal);
    this.#streaming.feed.follow(start, sink).catch((error: unknown) => {
      onError(error);
      response.destroy();
    });
  }

  /** Ends every stream, so that clients come back to another gateway. */
  close(): void {
    this.#isClosed = true;
    for (const end of this.#open) end();
  }

  #sinkOf(response: ServerResponse, signal: AbortSignal): FeedSink {
    const { mostBuffered = 262_144, drainMs = 30_000 } = this.#streaming;
    return {
      signal,
      send: (item, cursor) => {
        if (signal.aborted) return true;
        response.write(eventText(item, cursor));
        return response.writableLength <= mostBuffered;
      },
      drained: () => drained(response, signal, drainMs),
    };
  }
}

function eventText({ entry }: LedgerItem, cursor: string): string {
  const { event, patchId } = JSON.parse(entry) as LedgerEntry | GovernanceEntry;
  // The feed is of patches; what people said for all only moves it on.
  if (partitionOfPatch(patchId) === undefined) return `id: ${cursor}\n\n`;
  // JSON on one line: a line end inside a text is escaped there, so no field can be forged.
  return `id: ${cursor}\nevent: ${event.type}\ndata: ${entry}\n\n`;
}

async function drained(
  response: ServerResponse,
  signal: AbortSignal,
  drainMs: number,
): Promise<boolean> {
  if (!response.writableNeedDrain) return !signal.aborted;
  const done = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => done.resolve(false), drainMs);
  response.once("drain", () => done.resolve(true));
  signal.addEventListener("abort", () => done.resolve(false), { once: true });
  const isDrained = await done.promise;
  clearTimeout(timer);
  if (!isDrained) response.destroy();
  return isDrained;
}
