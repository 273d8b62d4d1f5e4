import { once } from "node:events";
import type { RequestListener } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { LedgerEntry } from "@council/contracts";
import { afterEach, expect, test, vi } from "vitest";
import type { FeedEvent } from "./follow.ts";
import { followEvents, readFeed } from "./follow.ts";

const closing: (() => void)[] = [];
afterEach(() => closing.splice(0).forEach((close) => close()));

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const entry = (sequence: number) => JSON.stringify({ patchId: "p00-a", sequence, event: {} });

async function* chunksOf(...chunks: string[]) {
  yield* chunks;
}

async function all(chunks: AsyncIterable<string>) {
  const events: FeedEvent[] = [];
  for await (const event of readFeed(chunks)) events.push(event);
  return events;
}

test("reads events however the bytes are cut", async () => {
  const text =
    "retry: 100\n\n: hello\n\nid: 1\nevent: Landed\ndata: a\ndata: b\n\nid:2\r\ndata:c\r\n\r\nid: 3";
  const whole = await all(chunksOf(text));
  const cut = await all(chunksOf(...text.split("")));
  expect(whole).toEqual([
    { id: "1", data: "a\nb" },
    { id: "2", data: "c" },
  ]);
  expect(cut).toEqual(whole);
});

test("takes a lost feed up where it ended, and survives nonsense in it", async () => {
  const asked: (string | undefined)[] = [];
  const url = await serve((request, response) => {
    asked.push(request.headers["last-event-id"] as string | undefined);
    expect(request.headers.authorization).toBe("Bearer secret");
    if (asked.length === 2) return response.writeHead(503).end();
    response.writeHead(200, { "content-type": "text/event-stream" });
    if (asked.length === 1) {
      response.write(`id: 7\ndata: ${entry(1)}\n\nid: 8\ndata: no json\n\n`);
      return response.end();
    }
    return response.write(`id: 9\ndata: ${entry(2)}\n\n`);
  });
  const entries: LedgerEntry[] = [];
  const lost: string[] = [];
  const onOpen = vi.fn<() => void>();
  const stopping = new AbortController();
  const following = followEvents({
    url,
    token: "secret",
    signal: stopping.signal,
    onOpen,
    onLost: (reason) => lost.push(reason),
    onEntry: (each) => entries.push(each),
  });
  await vi.waitFor(() => expect(entries).toHaveLength(2), { timeout: 5000 });
  stopping.abort();
  await following;
  expect(entries.map(({ sequence }) => sequence)).toEqual([1, 2]);
  expect(asked).toEqual([undefined, "8", "8"]);
  expect(lost).toEqual(["the feed ended", "the feed answers 503"]);
  expect(onOpen).toHaveBeenCalledTimes(2);
});

test("an error of whoever reads the entries is not taken for a lost feed", async () => {
  const url = await serve((_, response) => {
    response.writeHead(200);
    response.write(`data: ${entry(1)}\n\n`);
  });
  const following = followEvents({
    url,
    signal: new AbortController().signal,
    onEntry: () => {
      throw new RangeError("a bug");
    },
  });
  await expect(following).rejects.toThrow("a bug");
});
