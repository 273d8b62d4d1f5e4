/**
 * The live feed, read with fetch and not with EventSource, which can neither carry the token nor tell a
 * refusal from an outage. It comes back with `Last-Event-ID`, so nothing is missed and nothing is told twice.
 */
import type { LedgerEntry } from "@council/contracts";
import { ask, CursorRefused, TokenNeeded } from "./api.ts";

const retryMs = [500, 1000, 2000, 5000];
/** The server says something every 15 seconds; after this much silence the link is dead. */
const silenceMs = 40_000;

/**
 * Follows the feed from a cursor for as long as the page is open. Rejects with TokenNeeded or
 * CursorRefused; everything else is tried again.
 */
export async function followFeed(options: {
  readonly cursor: string;
  readonly onEntry: (entry: LedgerEntry) => void;
  readonly onState: (state: "live" | "lost") => void;
}): Promise<never> {
  let position = options.cursor;
  for (let attempt = 0; ; attempt += 1) {
    const leaving = new AbortController();
    let watchdog = setTimeout(() => leaving.abort(), silenceMs);
    try {
      const headers = { "last-event-id": position };
      const response = await ask("/v1/events", { headers, signal: leaving.signal });
      options.onState("live");
      for await (const event of eventsOf(response)) {
        clearTimeout(watchdog);
        watchdog = setTimeout(() => leaving.abort(), silenceMs);
        attempt = 0;
        position = event.id ?? position;
        if (event.data !== undefined) options.onEntry(JSON.parse(event.data) as LedgerEntry);
      }
    } catch (error) {
      if (error instanceof TokenNeeded || error instanceof CursorRefused) throw error;
    } finally {
      clearTimeout(watchdog);
    }
    options.onState("lost");
    const waitMs = retryMs[Math.min(attempt, retryMs.length - 1)];
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}

interface FeedEvent {
  readonly id?: string;
  readonly data?: string;
}

/** The blocks of a text/event-stream; comments come as blocks without data. */
async function* eventsOf(response: Response): AsyncGenerator<FeedEvent> {
  if (!response.body) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) yield fieldsOf(block);
  }
}

function fieldsOf(block: string): FeedEvent {
  const fields: Record<string, string> = {};
  for (const line of block.split("\n")) {
    const at = line.indexOf(": ");
    if (at > 0) fields[line.slice(0, at)] = line.slice(at + 2);
  }
  const { id, data } = fields;
  return { ...(id === undefined ? {} : { id }), ...(data === undefined ? {} : { data }) };
}
