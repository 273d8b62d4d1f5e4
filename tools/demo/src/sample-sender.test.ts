import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { sampleLineSchema } from "@council/contracts";
import { Webhook } from "standardwebhooks";
import { afterEach, expect, test, vi } from "vitest";
import { gatewayClient } from "./gateway-client.ts";
import type { SampleLine } from "./sample-sender.ts";
import { startSampleSender } from "./sample-sender.ts";

const webhookSecret = `whsec_${Buffer.from("a".repeat(32)).toString("base64")}`;
const line = (value: number): SampleLine => ({
  patch: "p00-a",
  metric: "latency",
  arm: "canary",
  value,
  unit: "ms",
  at: 1_700_000_000_000,
});

interface Received {
  readonly id: string;
  readonly values: number[];
}

/** A gateway that checks signatures and answers with the given statuses, then with 202. */
async function fakeGateway(statuses: number[]) {
  const received: Received[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await text(request);
    const headers = request.headers as Record<string, string>;
    try {
      new Webhook(webhookSecret).verify(body, headers, {
        jsonParse: false,
      });
    } catch {
      return response.writeHead(401).end();
    }
    const lines = body
      .trimEnd()
      .split("\n")
      .map((each) => sampleLineSchema.parse(JSON.parse(each)));
    received.push({ id: headers["webhook-id"]!, values: lines.map(({ value }) => value) });
    return response.writeHead(statuses.shift() ?? 202).end("{}");
  };
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  servers.push(() => server.close());
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
const servers: (() => void)[] = [];
afterEach(() => servers.splice(0).forEach((close) => close()));

const access = (url: string, secret = webhookSecret) => ({
  url,
  sender: "demo",
  webhookSecret: secret,
  operatorToken: "unused",
});

test("signs batches the gateway can read", async () => {
  const { url, received } = await fakeGateway([]);
  const sender = startSampleSender(gatewayClient(access(url)), 10);
  sender.add(line(1), line(2));
  await vi.waitFor(() => expect(received.map(({ values }) => values)).toEqual([[1, 2]]));
  await sender.stop();
  expect(sender.sent()).toEqual({ accepted: 2, refused: 0 });
});

test("repeats a batch that was not taken, under the same id and before any other (P8)", async () => {
  const { url, received } = await fakeGateway([503, 500]);
  const sender = startSampleSender(gatewayClient(access(url)), 10);
  sender.add(line(1));
  await vi.waitFor(() => expect(received.length).toBeGreaterThan(0));
  sender.add(line(2));
  await vi.waitFor(() => expect(received).toHaveLength(4));
  await sender.stop();
  expect(received.map(({ values }) => values)).toEqual([[1], [1], [1], [2]]);
  expect(new Set(received.map(({ id }) => id)).size).toBe(2);
  expect(sender.sent()).toEqual({ accepted: 2, refused: 0 });
});

test("goes on while the gateway is away, and drops what it refuses for good", async () => {
  const other = `whsec_${Buffer.from("b".repeat(32)).toString("base64")}`;
  const { url, received } = await fakeGateway([]);
  const sender = startSampleSender(gatewayClient(access(url, other)), 10);
  sender.add(line(1));
  await vi.waitFor(() => expect(sender.sent()).toEqual({ accepted: 0, refused: 1 }));
  await sender.stop();
  expect(received).toEqual([]);
});

test("sends what is left when it stops", async () => {
  const { url, received } = await fakeGateway([]);
  const sender = startSampleSender(gatewayClient(access(url)), 60_000);
  sender.add(line(3));
  await sender.stop();
  expect(received.map(({ values }) => values)).toEqual([[3]]);
});
