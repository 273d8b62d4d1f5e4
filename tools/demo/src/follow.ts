import type { LedgerEntry } from "@council/contracts";
import { routes } from "@council/contracts/names";

export interface FollowOptions {
  readonly url: string;
  /** Bearer token; not needed where reading is open. */
  readonly token?: string;
  readonly signal: AbortSignal;
  readonly onEntry: (entry: LedgerEntry) => void;
  /** Told each time the feed is open: from then on nothing is missed. */
  readonly onOpen?: () => void;
  /** Told each time the feed was lost; it is taken up again. */
  readonly onLost?: (reason: string) => void;
  /** Where to begin; default: with what comes next. */
  readonly lastEventId?: string;
}

const retryMs = 250;

/**
 * Reads the live feed until aborted, taking it up after each loss where it ended (`Last-Event-ID`), so
 * that no entry is missed. Resolves when aborted; rejects only if `onEntry` throws.
 */
export async function followEvents(options: FollowOptions): Promise<void> {
  const { signal } = options;
  let lastEventId = options.lastEventId;
  while (!signal.aborted) {
    let reason = "the feed ended";
    try {
      for await (const event of openFeed(options, lastEventId)) {
        lastEventId = event.id ?? lastEventId;
        const entry = readEntry(event.data);
        if (entry !== undefined) options.onEntry(entry);
      }
    } catch (error) {
      if (!(error instanceof FeedError) && !isNetworkError(error)) throw error;
      reason = error instanceof Error ? error.message : String(error);
    }
    if (signal.aborted) return;
    options.onLost?.(reason);
    await pause(retryMs, signal);
  }
}

class FeedError extends Error {}

async function* openFeed(
  { url, token, signal, onOpen }: FollowOptions,
  lastEventId: string | undefined,
): AsyncGenerator<FeedEvent> {
  const response = await fetch(new URL(routes.events, url), {
    signal,
    headers: {
      accept: "text/event-stream",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(lastEventId === undefined ? {} : { "last-event-id": lastEventId }),
    },
  });
  if (response.status !== 200 || response.body === null) {
    await response.body?.cancel();
    throw new FeedError(`the feed answers ${response.status}`);
  }
  onOpen?.();
  yield* readFeed(response.body.pipeThrough(new TextDecoderStream()));
}

export interface FeedEvent {
  readonly id: string | undefined;
  readonly data: string;
}

/** The events of a text/event-stream; comments and events without data are left out. */
export async function* readFeed(chunks: AsyncIterable<string>): AsyncGenerator<FeedEvent> {
  let rest = "";
  for await (const chunk of chunks) {
    rest += chunk;
    const blocks = rest.replaceAll("\r\n", "\n").split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const event = readBlock(block);
      if (event !== undefined) yield event;
    }
  }
}

function readBlock(block: string): FeedEvent | undefined {
  const fields = block.split("\n").flatMap((line) => {
    const match = /^(id|data): ?(.*)$/.exec(line);
    return match ? [[match[1], match[2] ?? ""] as const] : [];
  });
  const data = fields.filter(([name]) => name === "data").map(([, value]) => value);
  if (data.length === 0) return undefined;
  return { id: fields.findLast(([name]) => name === "id")?.[1], data: data.join("\n") };
}

function readEntry(data: string): LedgerEntry | undefined {
  try {
    const value: unknown = JSON.parse(data);
    const isEntry =
      typeof value === "object" && value !== null && "patchId" in value && "event" in value;
    return isEntry ? (value as LedgerEntry) : undefined;
  } catch {
    return undefined;
  }
}

/** `fetch` says TypeError when the other side is away or hangs up, DOMException when aborted. */
function isNetworkError(error: unknown): boolean {
  return (
    error instanceof DOMException || (error instanceof TypeError && hasCauseOrTerminated(error))
  );
}

function hasCauseOrTerminated(error: TypeError): boolean {
  return error.cause !== undefined || error.message === "terminated";
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
