import { inboxes, routes, sampleBatchSchema } from "@council/contracts";
import { describe, expect, test } from "vitest";
import { samplePatch, testGateway } from "./test-gateway.ts";

const patch = "p01-abcdefgh";
const line = (more: object = {}) =>
  JSON.stringify({
    patch,
    metric: "latency",
    arm: "canary",
    value: 12,
    unit: "ms",
    at: 1,
    ...more,
  });
const ndjson = { contentType: "application/x-ndjson" };

describe("POST /v1/samples", () => {
  test("takes every line in, one message per patch", async () => {
    await using gateway = await testGateway();
    const body = [
      line(),
      line({ patch: "p03-zzzzzzzz" }),
      line({ at: "2026-01-01T00:00:00Z" }),
      "",
    ];
    const reply = await gateway.deliver(routes.samples, body.join("\n"), ndjson);
    expect([reply.statusCode, reply.json()]).toEqual([202, { accepted: 3 }]);
    const messages = await gateway.messages(inboxes.streamingAuditor);
    const counts = messages.map(({ subject, type, body: batch }) => [
      subject,
      type,
      sampleBatchSchema.parse(batch).samples.length,
    ]);
    expect(counts.toSorted((a, b) => String(a[0]).localeCompare(String(b[0])))).toEqual([
      [patch, "samples", 2],
      ["p03-zzzzzzzz", "samples", 1],
    ]);
    const first = messages.find(({ subject }) => subject === patch)!.body as { samples: unknown[] };
    expect(first.samples[1]).toEqual({
      metric: "latency",
      arm: "canary",
      value: 12,
      unit: "ms",
      at: Date.parse("2026-01-01T00:00:00Z"),
    });
  });

  test("P1: the same delivery counts once, and with another body it is a conflict", async () => {
    await using gateway = await testGateway();
    const send = (body: string) => gateway.deliver(routes.samples, body, { ...ndjson, id: "d" });
    const replies = await Promise.all([send(line()), send(line()), send(line())]);
    expect(replies.map(({ statusCode }) => statusCode)).toEqual([202, 202, 202]);
    expect((await send(line({ value: 13 }))).statusCode).toBe(409);
    expect(await gateway.messages(inboxes.streamingAuditor)).toHaveLength(1);
  });

  test.each([
    ["no JSON", "{", "line 2", "is not JSON"],
    ["NaN", line().replace("12", "NaN"), "line 2", "is not JSON"],
    ["an infinite value", line().replace("12", "1e999"), "line 2.value", ""],
    ["a foreign unit", line({ unit: "s" }), "line 2.unit", "measured in ms"],
    ["an unknown metric", line({ metric: "toString" }), "line 2.metric", ""],
    ["a text as value", line({ value: "12" }), "line 2.value", ""],
    ["an unknown field", line({ weight: 1 }), "line 2.weight", "is not a field"],
    ["no patch id", line({ patch: "7" }), "line 2.patch", "is not a patch id"],
    ["a partition that is not there", line({ patch: "p99-abcdefgh" }), "line 2.patch", ""],
    ["a time that is none", line({ at: "yesterday" }), "line 2.at", ""],
    ["an empty line", "", "line 2", "is not JSON"],
    ["a prototype", `{"__proto__":{},${line().slice(1)}`, "line 2", "reaches a prototype"],
  ])(
    "takes nothing when one line has %s, and names line and field",
    async (_, bad, field, detail) => {
      await using gateway = await testGateway();
      const reply = await gateway.deliver(routes.samples, `${line()}\n${bad}\n${line()}\n`, ndjson);
      expect(reply.statusCode).toBe(422);
      expect(reply.json()).toMatchObject({
        type: "urn:council:problem:body-invalid",
        field,
        detail: expect.stringContaining(detail) as string,
      });
      expect(await gateway.messages(inboxes.streamingAuditor)).toEqual([]);
    },
  );

  test("takes 5,000 lines and not one more", async () => {
    await using gateway = await testGateway();
    const lines = (count: number) => Array.from({ length: count }, () => line()).join("\n");
    expect((await gateway.deliver(routes.samples, lines(5000), ndjson)).json()).toEqual({
      accepted: 5000,
    });
    expect((await gateway.deliver(routes.samples, lines(5001), ndjson)).statusCode).toBe(422);
  });

  test("a full inbox answers 429, and the rest of the delivery can be sent again", async () => {
    await using gateway = await testGateway({ backpressureLimit: 1 });
    const send = () => gateway.deliver(routes.samples, line(), ndjson);
    const statuses = [];
    for (let at = 0; at < 3; at += 1) statuses.push((await send()).statusCode);
    expect(statuses).toEqual([202, 202, 429]);
  });
});

describe("POST /webhook/meta", () => {
  const meta = { unit_coverage: 91.5, latency_regression: 0.4, cost_delta: -0.002 };

  test("finds the patch by id, external id or pull request number, newest revision first", async () => {
    await using gateway = await testGateway({
      repositories: [{ id: "sample", remote: "/nowhere", github: "o/r" }],
    });
    const submit = async (externalId: string, title: string) =>
      (await gateway.submit({ ...samplePatch, externalId, title })).json<{ id: string }>().id;
    await submit("o/r#7", "one");
    const second = await submit("o/r#7", "two");
    for (const pr_id of [second, "o/r#7", 7, "7"]) {
      const body = { pr_id, meta, timestamp: 1_700_000_000, source: "ci" };
      const reply = await gateway.deliver(routes.meta, JSON.stringify(body));
      expect([reply.statusCode, reply.json()]).toEqual([202, { status: "accepted" }]);
    }
    const messages = await gateway.messages(inboxes.streamingAuditor);
    expect(new Set(messages.map(({ subject }) => subject))).toEqual(new Set([second]));
    expect(messages[0]!.body).toEqual({
      samples: [
        ["unit_coverage", 91.5, "percent"],
        ["latency_regression", 0.4, "percent"],
        ["cost_delta", -0.002, "usd"],
      ].map(([metric, value, unit]) => ({
        metric,
        value,
        unit,
        arm: "canary",
        at: 1_700_000_000_000,
      })),
    });
  });

  test("an external id in two repositories is refused as ambiguous", async () => {
    await using gateway = await testGateway();
    for (const repository of ["sample", "other/one"])
      await gateway.submit({ ...samplePatch, repository, externalId: "7" });
    const reply = await gateway.deliver(routes.meta, JSON.stringify({ pr_id: 7, meta }));
    expect([reply.statusCode, reply.json<{ type: string }>().type]).toEqual([
      422,
      "urn:council:problem:patch-ambiguous",
    ]);
  });

  test.each([
    [{ pr_id: "p01-abcdefgh", meta }, 404, "pr_id"],
    [{ pr_id: "nobody", meta }, 404, "pr_id"],
    [{ pr_id: "p99-abcdefgh", meta }, 404, "pr_id"],
    [{ pr_id: 7, meta: {} }, 422, "meta"],
    [{ pr_id: 7, meta: { unit_coverage: "91" } }, 422, "meta.unit_coverage"],
    [{ pr_id: 7, meta, timestamp: "noon" }, 422, "timestamp"],
    [{ pr_id: 7.5, meta }, 422, "pr_id"],
    [{ meta }, 422, "pr_id"],
  ])("refuses %j", async (body, status, field) => {
    await using gateway = await testGateway();
    const reply = await gateway.deliver(routes.meta, JSON.stringify(body));
    expect([reply.statusCode, reply.json<{ field: string }>().field]).toEqual([status, field]);
    expect(await gateway.messages(inboxes.streamingAuditor)).toEqual([]);
  });
});
