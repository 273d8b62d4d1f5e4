import { type LedgerEntry, routes } from "@council/contracts";
import type { Stack } from "@council/demo/stack";

export interface FeedClient {
  /** Digests of the entries told so far, in order, by patch. */
  readonly told: (patchId: string) => readonly string[];
  readonly close: () => Promise<void>;
}

const retryMs = 100;

/**
 * Follows the live feed over HTTP from now on, as the console does: cut off, it comes back with the id
 * of the last event it was given. Resolves when the feed is open.
 */
export async function openFeedClient({ url, secrets }: Stack): Promise<FeedClient> {
  const told = new Map<string, string[]>();
  const closing = new AbortController();
  const opened = Promise.withResolvers<void>();
  let lastEventId: string | undefined;
  const take = (block: string) => {
    const id = /^id: ?(.*)$/m.exec(block)?.[1];
    if (id !== undefined) lastEventId = id;
    const data = /^data: ?(.*)$/m.exec(block)?.[1];
    if (data === undefined) return;
    const { patchId, digest } = JSON.parse(data) as LedgerEntry;
    told.set(patchId, [...(told.get(patchId) ?? []), digest]);
  };
  const readOnce = async () => {
    const response = await fetch(new URL(routes.events, url), {
      signal: closing.signal,
      headers: {
        authorization: `Bearer ${secrets.operatorToken}`,
        ...(lastEventId === undefined ? {} : { "last-event-id": lastEventId }),
      },
    });
    if (response.status !== 200 || !response.body) throw new Error(`status ${response.status}`);
    let rest = "";
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      const blocks = (rest + chunk).split("\n\n");
      rest = blocks.pop() ?? "";
      for (const block of blocks) take(block);
      // The gateway begins with the position, so from here on nothing can be missed.
      if (lastEventId !== undefined) opened.resolve();
    }
  };
  const read = async () => {
    while (!closing.signal.aborted) {
      await readOnce().catch(() => undefined); // the gateway is away, or we are
      if (!closing.signal.aborted) await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  };
  const reading = read();
  await opened.promise;
  return {
    told: (patchId) => told.get(patchId) ?? [],
    close: async () => {
      closing.abort();
      await reading;
    },
  };
}
