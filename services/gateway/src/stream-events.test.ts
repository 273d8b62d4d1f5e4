import { type AddressInfo, connect } from "node:net";
import { decodeCursor, memoryBus } from "@council/bus";
import type { LedgerEntry } from "@council/contracts";
import { describe, expect, test } from "vitest";
import { endOfLedger } from "./ledger-end.ts";
import {
  recordAll,
  testGateway,
  type TestGateway,
  type TestGatewayOptions,
} from "./test-gateway.ts";
import { testPatch } from "./test-patch.ts";

interface Event {
  readonly id: string;
  readonly type: string | undefined;
  readonly entry: LedgerEntry | undefined;
}

interface Client {
  readonly status: number;
  /** The next so many events; the opening event, which carries only an id, is left out. */
  readonly take: (count: number) => Promise<Event[]>;
  /** Everything until the server ends the stream. */
  readonly rest: () => Promise<Event[]>;
  readonly openingId: string;
  readonly leave: () => void;
}

async function listening(options: TestGatewayOptions = {}): Promise<TestGateway & { url: string }> {
  const gateway = await testGateway({ readAccess: "open", ...options });
  const url = await gateway.app.listen({ host: "127.0.0.1", port: 0 });
  return { ...gateway, url };
}

async function follow(
  url: string,
  query = "",
  headers: Record<string, string> = {},
): Promise<Client> {
  const leaving = new AbortController();
  const response = await fetch(`${url}/v1/events${query}`, { headers, signal: leaving.signal });
  const blocks = readBlocks(response.body!.pipeThrough(new TextDecoderStream()));
  const opening = await blocks.next();
  const take = async (count: number) => {
    const events: Event[] = [];
    while (events.length < count) {
      const next = await blocks.next();
      if (next.done) break;
      const fields = fieldsOf(next.value);
      if (fields["id"] === undefined) continue;
      const data = fields["data"];
      events.push({
        id: fields["id"],
        type: fields["event"],
        entry: data === undefined ? undefined : (JSON.parse(data) as LedgerEntry),
      });
    }
    return events;
  };
  return {
    status: response.status,
    take,
    rest: () => take(Number.POSITIVE_INFINITY),
    openingId: fieldsOf(opening.value ?? "")["id"] ?? "",
    leave: () => leaving.abort(),
  };
}

async function* readBlocks(chunks: AsyncIterable<string>): AsyncGenerator<string, undefined> {
  let rest = "";
  for await (const chunk of chunks) {
    const blocks = (rest + chunk).split("\n\n");
    rest = blocks.pop() ?? "";
    yield* blocks;
  }
  return undefined;
}

function fieldsOf(block: string): Record<string, string> {
  const pairs = block.split("\n").map((line) => line.split(/: (.*)/s) as [string, string]);
  return Object.fromEntries(pairs);
}

async function append(gateway: TestGateway, count: number, from = 0): Promise<void> {
  const patches = Array.from({ length: count }, (_, at) => {
    const patchId = `p0${(from + at) % 4}-patch${String(from + at).padStart(6, "0")}`;
    const events = [{ type: "PatchSubmitted", patch: testPatch(patchId, 1) } as const];
    return { patchId, partition: (from + at) % 4, events };
  });
  await recordAll(gateway.bus, patches);
}

const idsOf = (events: readonly Event[]) => events.map(({ entry }) => entry!.patchId).toSorted();
const numbered = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => from + at)
    .map((at) => `p0${at % 4}-patch${String(at).padStart(6, "0")}`)
    .toSorted();

describe("GET /v1/events", () => {
  test("begins with what comes next, or from the start", async () => {
    await using gateway = await listening();
    await append(gateway, 3);
    const live = await follow(gateway.url);
    const whole = await follow(gateway.url, "?from=start");
    expect(live.status).toBe(200);
    await append(gateway, 2, 3);
    expect(idsOf(await live.take(2))).toEqual(numbered(3, 5));
    const [first, ...others] = await whole.take(5);
    expect(idsOf([first!, ...others])).toEqual(numbered(0, 5));
    expect(first).toMatchObject({ type: "PatchSubmitted", entry: { v: 1, sequence: 1 } });
    live.leave();
    whole.leave();
  });

  test("resumed anywhere it misses nothing and brings nothing twice, while more is written", async () => {
    await using gateway = await listening();
    await append(gateway, 450);
    const whole = await follow(gateway.url, "?from=start");
    const events = await whole.take(450);
    expect(idsOf(events)).toEqual(numbered(0, 450));
    const cuts = [0, 1, 7, 199, 200, 201, 333, 449];
    const clients = await Promise.all(
      cuts.map(async (cut, index) => {
        const cursor = events[cut]!.id;
        const resumed =
          index % 2 === 0
            ? await follow(gateway.url, "", { "last-event-id": cursor })
            : await follow(gateway.url, `?cursor=${cursor}`);
        return { cut, resumed };
      }),
    );
    await append(gateway, 50, 450);
    const all = [...events, ...(await whole.take(50))];
    for (const { cut, resumed } of clients) {
      const rest = await resumed.take(499 - cut);
      expect(idsOf(rest)).toEqual(idsOf(all.slice(cut + 1)));
      resumed.leave();
    }
    await append(gateway, 1, 500);
    expect(idsOf(await whole.take(1))).toEqual(numbered(500, 501));
    whole.leave();
  });

  test("a client cut off before its first event resumes from the opening id", async () => {
    await using gateway = await listening();
    await append(gateway, 2);
    const first = await follow(gateway.url);
    first.leave();
    await append(gateway, 2, 2);
    const again = await follow(gateway.url, "", { "last-event-id": first.openingId });
    expect(idsOf(await again.take(2))).toEqual(numbered(2, 4));
    again.leave();
  });

  test("many clients are served by one tail, and are counted", async () => {
    await using gateway = await listening();
    const clients = await Promise.all(Array.from({ length: 40 }, () => follow(gateway.url)));
    await append(gateway, 20);
    for (const client of clients) expect(idsOf(await client.take(20))).toEqual(numbered(0, 20));
    const count = async () =>
      /council_sse_clients\S* (\d+)/.exec((await gateway.app.inject("/metrics")).body)?.[1];
    expect(await count()).toBe("40");
    for (const client of clients) client.leave();
    await expect.poll(count).toBe("0");
  });

  test("a client that does not read is dropped, and the others go on", async () => {
    await using gateway = await listening({ streaming: { mostBuffered: 20_000, drainMs: 150 } });
    const live = await follow(gateway.url);
    const { port } = gateway.app.server.address() as AddressInfo;
    const slow = connect(port, "127.0.0.1");
    slow.pause();
    slow.write("GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const clients = async () =>
      /council_sse_clients\S* (\d+)/.exec((await gateway.app.inject("/metrics")).body)?.[1];
    await expect.poll(clients).toBe("2");
    let written = 0;
    while ((await clients()) !== "1") {
      await append(gateway, 200, written);
      written += 200;
      await live.take(200);
      expect(written).toBeLessThan(20_000);
    }
    slow.destroy();
    await append(gateway, 1, written);
    expect(idsOf(await live.take(1))).toEqual(numbered(written, written + 1));
    live.leave();
  });

  test("a quiet feed is kept open by comments", async () => {
    await using gateway = await listening({ streaming: { heartbeatMs: 20 } });
    const response = await fetch(`${gateway.url}/v1/events`);
    let text = "";
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (text.split(": still here\n\n").length > 3) break;
    }
    expect(text).toMatch(/^retry: 1000\nid: \S*\n\n: still here\n\n/);
  });

  test("stopping ends the feeds and finishes what is under way", async () => {
    const gateway = await listening();
    const client = await follow(gateway.url);
    const whole = client.rest();
    await append(gateway, 3);
    const reply = fetch(`${gateway.url}/healthz`);
    expect((await reply).status).toBe(200);
    await expect.poll(async () => (await endOfLedger(gateway.bus)).join()).not.toBe("");
    await gateway[Symbol.asyncDispose]();
    expect(idsOf(await whole).length).toBeLessThanOrEqual(3);
    await expect(fetch(`${gateway.url}/healthz`)).rejects.toThrow("fetch failed");
  });

  test("neither a client that does not read nor an unused connection holds up the end", async () => {
    const gateway = await listening({ streaming: { mostBuffered: 1000 } });
    const { port } = gateway.app.server.address() as AddressInfo;
    const [silent, unused] = [connect(port, "127.0.0.1"), connect(port, "127.0.0.1")];
    for (const socket of [silent, unused]) socket.on("error", () => undefined);
    silent.pause();
    silent.write("GET /v1/events?from=start HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await append(gateway, 3000);
    const startedAt = performance.now();
    await gateway[Symbol.asyncDispose]();
    expect(performance.now() - startedAt).toBeLessThan(3000);
    for (const socket of [silent, unused]) socket.destroy();
  });

  test.each([
    ["?cursor=x", "cursor"],
    ["?cursor=1-1", "cursor"],
    ["?cursor=a.b.c.d", "cursor"],
    [`?cursor=${"1".repeat(5000)}`, "cursor"],
    ["?from=yesterday", "from"],
    ["?from=now&from=start", "from"],
  ])("refuses %s", async (query, field) => {
    await using gateway = await testGateway();
    const reply = await gateway.operate("GET", `/v1/events${query}`);
    expect([reply.statusCode, reply.json<{ field: string }>().field]).toEqual([422, field]);
  });
});

describe("endOfLedger", () => {
  test.each([0, 1, 2, 1500])("is the position after the newest of %i entries", async (count) => {
    let now = 1_700_000_000_000;
    const bus = memoryBus({ partitions: 4, now: () => now });
    const gateway = { bus } as unknown as TestGateway;
    for (let from = 0; from < count; from += 500) {
      await append(gateway, Math.min(500, count - from), from);
      now += 12_345;
    }
    const end = await endOfLedger(bus);
    for (const partition of [0, 1, 2, 3]) {
      const all = await bus.readLedger(partition, { count: 10_000 });
      expect(end[partition]).toBe(all.at(-1)?.id ?? "0-0");
    }
    expect(decodeCursor(end.join("."), 4)).toBeDefined();
    await bus.close();
  });
});
