import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { Webhook } from "standardwebhooks";
import { expect, test } from "vitest";
import { httpDriver } from "./http-driver.ts";
import { trafficOf } from "./steer-traffic.ts";

const secret = `whsec_${randomBytes(32).toString("base64")}`;
const order = {
  effectId: "p1.4.canary",
  patchId: "p1",
  repository: "shop",
  stage: "canary",
  weightPercent: 25,
  sequence: 6,
};

/** A traffic service that checks signatures and answers as told. */
async function service(status: number, body?: string) {
  const taken: unknown[] = [];
  const serve = async (request: IncomingMessage) => {
    const said = await text(request);
    new Webhook(secret).verify(said, request.headers as Record<string, string>);
    taken.push(JSON.parse(said));
  };
  const server = createServer((request, response) => {
    void serve(request).then(
      () => body !== undefined && response.writeHead(status).end(body),
      () => response.writeHead(401).end(),
    );
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.close().closeAllConnections();
  };
  const driver = (key = secret) =>
    httpDriver({ kind: "http", url: `http://127.0.0.1:${port}`, timeoutMs: 500 }, key);
  return { taken, driver, [Symbol.asyncDispose]: close };
}

test("the order is signed, and done when the weight in force comes back", async () => {
  await using done = await service(200, '{"weightPercent":25}');
  expect(await done.driver()(order)).toEqual({ kind: "steered" });
  expect(done.taken).toEqual([order]);
  const other = `whsec_${randomBytes(32).toString("base64")}`;
  expect(await done.driver(other)(order)).toMatchObject({
    reason: "the traffic service answers 401",
  });
});

test.each([
  [409, "{}", { kind: "overtaken" }],
  [
    200,
    '{"weightPercent":5}',
    { kind: "failed", reason: "the traffic service answers with a weight of 5" },
  ],
  [200, "ok", { kind: "failed", reason: "the traffic service answers with no weight" }],
  [
    200,
    " ".repeat(20_000),
    { kind: "failed", reason: "the traffic service answers with no weight" },
  ],
  [202, "{}", { kind: "failed", reason: "the traffic service answers 202" }],
  [500, "{}", { kind: "failed", reason: "the traffic service answers 500" }],
  [200, undefined, { kind: "failed", reason: "the traffic service does not answer in 500 ms" }],
])("P4: an answer of %s with %j is %j", async (status, body, expected) => {
  await using answering = await service(status, body);
  expect(await answering.driver()(order)).toEqual(expected);
});

test("a service that is away is a failure", async () => {
  const steer = httpDriver({ kind: "http", url: "http://127.0.0.1:1", timeoutMs: 500 }, secret);
  expect(await steer(order)).toMatchObject({ reason: "the traffic service cannot be reached" });
});

test("orders that could not be signed are refused at the start, and a wrong key is not shown", () => {
  const traffic = { kind: "http", url: "http://t", timeoutMs: 500 } as const;
  const repositories = new Map([["shop", { targetBranch: "main", traffic }]]);
  expect(() => trafficOf(repositories, undefined)).toThrow(/COUNCIL_TRAFFIC_SECRET/);
  expect(trafficOf(repositories, secret)("shop", "main")).toBeTypeOf("function");
  expect(trafficOf(repositories, secret)("shop", "release")).toBeUndefined();
  expect(trafficOf(repositories, secret)("other", "main")).toBeUndefined();
});
