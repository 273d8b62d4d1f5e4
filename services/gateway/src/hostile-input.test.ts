/** Whatever arrives, the answer is a problem document below 500, and nothing is taken in. */
import { type AddressInfo, connect } from "node:net";
import { inboxes, routes } from "@council/contracts";
import { describe, expect, test } from "vitest";
import { problemTypes } from "./problems.ts";
import { samplePatch, testGateway } from "./test-gateway.ts";

const good = JSON.stringify(samplePatch);
const deep = (open: string, close: string) => `${open.repeat(100_000)}1${close.repeat(100_000)}`;

const bodies: readonly (readonly [string, string])[] = [
  ["nothing", ""],
  ["no JSON", "{"],
  ["two documents", `${good}${good}`],
  ["NaN", '{"repository":NaN}'],
  ["null", "null"],
  ["a number", "1"],
  ["a list", `[${good}]`],
  ["a text", '"x"'],
  ["deep lists", deep("[", "]")],
  ["deep objects", deep('{"a":', "}")],
  ["__proto__", `{"__proto__":{"isAdmin":true},${good.slice(1)}`],
  ["escaped __proto__", `{"\\u005f_proto__":{"x":1},${good.slice(1)}`],
  ["nested __proto__", good.replace("{", '{"sheet":{"paths":["a"],"__proto__":{}},')],
  ["constructor.prototype", `{"constructor":{"prototype":{"x":1}},${good.slice(1)}`],
  ["half a surrogate pair", good.replace("count", "\\ud800")],
  ["an unknown field", `{"policy":{"approvalsNeeded":0},${good.slice(1)}`],
  ["an id of its own", `{"id":"p00-aaaaaaaa",${good.slice(1)}`],
  ["another sender", `{"sender":"root",${good.slice(1)}`],
  ["a base that is a name", good.replace("a".repeat(40), "main")],
  ["a base with a line end", good.replace("a".repeat(40), `${"a".repeat(40)}\\n`)],
  ["an option as branch", `{"targetBranch":"--force",${good.slice(1)}`],
  ["a branch that climbs", `{"targetBranch":"a/../b",${good.slice(1)}`],
  ["a title too long", good.replace("count to two", "x".repeat(201))],
  ["an empty diff", good.replace(/"diff":"[^"]*"/, '"diff":""')],
  ["an endless list of keys", `{${Array.from({ length: 5000 }, (_, at) => `"k${at}":1`).join()}}`],
];

describe("hostile bodies", () => {
  test.each(bodies)("POST /v1/patches with %s", async (_name, body) => {
    await using gateway = await testGateway();
    for (const url of [routes.patches, routes.meta]) {
      const reply = await gateway.deliver(url, body);
      const document = reply.json<{
        type: string;
        status: number;
        title: string;
        remedy: string;
      }>();
      expect([400, 422, 413]).toContain(reply.statusCode);
      expect(reply.headers["content-type"]).toBe("application/problem+json");
      const code = document.type.replace("urn:council:problem:", "") as keyof typeof problemTypes;
      expect(problemTypes[code]).toEqual({ status: document.status, title: document.title });
      expect(document.remedy).not.toBe("");
      expect(reply.body.length).toBeLessThan(30_000);
    }
    expect(await gateway.messages(inboxes.patchController)).toEqual([]);
    expect(Object.hasOwn(Object.prototype, "isAdmin")).toBe(false);
  });

  test("bytes that are not UTF-8 are never taken for the text they resemble", async () => {
    await using gateway = await testGateway();
    const { Webhook } = await import("standardwebhooks");
    const [id, at] = ["x", new Date()];
    const replaced = good.replace("count", "\uFFFD");
    const raw = Buffer.from(good.replace("count", "\u00FF"), "latin1");
    const reply = await gateway.app.inject({
      method: "POST",
      url: routes.patches,
      payload: raw,
      headers: {
        "content-type": "application/json",
        "council-sender": "demo",
        "webhook-id": id,
        "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
        "webhook-signature": new Webhook(gateway.secrets.demo).sign(id, at, replaced),
      },
    });
    expect([reply.statusCode, reply.json<{ type: string }>().type]).toEqual([
      400,
      "urn:council:problem:body-malformed",
    ]);
  });

  test.each([
    [routes.patches, 1_200_000, "application/json"],
    [routes.samples, 2_000_000, "application/x-ndjson"],
    [routes.meta, 64_000, "application/json"],
    [routes.github, 25_000_000, "application/json"],
    [routes.pause, 64_000, "application/json"],
  ])("POST %s takes %i bytes and no more", async (url, limit, contentType) => {
    await using gateway = await testGateway();
    const statusFor = async (sizeBytes: number) => {
      const payload = Buffer.alloc(sizeBytes, " ");
      const headers = { "content-type": contentType };
      return await gateway.app.inject({ method: "POST", url, payload, headers });
    };
    expect((await statusFor(limit)).statusCode).toBe(401);
    const refused = await statusFor(limit + 1);
    expect(refused.statusCode).toBe(413);
    expect(refused.json()).toMatchObject({ type: "urn:council:problem:body-too-large" });
  });

  test.each([
    undefined,
    "text/plain",
    "multipart/form-data",
    "application/x-www-form-urlencoded",
    "x",
  ])("the content type %s is refused", async (contentType) => {
    await using gateway = await testGateway();
    for (const url of [routes.patches, routes.samples, routes.meta, routes.github]) {
      const reply = await gateway.deliver(url, good, { headers: { "content-type": contentType } });
      expect([url, reply.statusCode]).toEqual([url, 415]);
      expect(reply.json()).toMatchObject({ field: "content-type" });
    }
  });
});

describe("hostile requests", () => {
  test.each([
    ["GET", "/nowhere", 404],
    ["DELETE", "/v1/patches", 404],
    ["OPTIONS", "/v1/patches", 404],
    ["GET", "/%zz", 400],
    ["GET", `/v1/patches/${"x".repeat(400)}`, 400],
  ] as const)("%s %s is answered %i by a problem document", async (method, url, status) => {
    await using gateway = await testGateway();
    const reply = await gateway.app.inject({ method, url });
    expect([reply.statusCode, reply.headers["content-type"]]).toEqual([
      status,
      "application/problem+json",
    ]);
    expect(reply.json()).toMatchObject({ status });
  });

  test("bytes that are no HTTP are answered by a problem document, too", async () => {
    await using gateway = await testGateway();
    await gateway.app.listen({ host: "127.0.0.1", port: 0 });
    const { port } = gateway.app.server.address() as AddressInfo;
    for (const bytes of [
      "\x16\x03\x01\r\n\r\n",
      `GET / HTTP/1.1\r\nx: ${"a".repeat(20_000)}\r\n\r\n`,
    ]) {
      const socket = connect(port, "127.0.0.1");
      socket.write(bytes);
      let text = "";
      for await (const chunk of socket) text += String(chunk);
      expect(text).toMatch(/^HTTP\/1\.1 400 /);
      expect(text).toContain("application/problem+json");
      expect(text).toContain("urn:council:problem:bad-request");
    }
  });
});
