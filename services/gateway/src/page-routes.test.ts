import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { watchSubject } from "@council/contracts";
import { recordEvents, samplePatch, testGateway } from "./test-gateway.ts";
import { testPatch } from "./test-patch.ts";

const digestOf = (text: string) => createHash("sha256").update(text).digest("hex");

describe("GET /v1/patches/:id/diff", () => {
  test("gives the text as text, whatever it holds", async () => {
    await using gateway = await testGateway();
    const diff = `${samplePatch.diff}+<script>\n`;
    const { id } = (await gateway.submit({ ...samplePatch, diff })).json<{ id: string }>();
    const patch = testPatch(id, 1, { diff: digestOf(diff) });
    await recordEvents(gateway.bus, id, Number(id.slice(1, 3)), [
      { type: "PatchSubmitted", patch },
    ]);
    const reply = await gateway.operate("GET", `/v1/patches/${id}/diff`);
    expect([reply.statusCode, reply.body]).toEqual([200, diff]);
    expect(reply.headers["content-type"]).toBe("text/plain; charset=utf-8");
    expect(reply.headers["x-content-type-options"]).toBe("nosniff");
    const anonymous = await gateway.app.inject(`/v1/patches/${id}/diff`);
    expect(anonymous.statusCode).toBe(401);
  });

  test("says what there is no diff of, and which names there are", async () => {
    await using gateway = await testGateway();
    const id = "p01-patch0001";
    await recordEvents(gateway.bus, id, 1, [{ type: "PatchSubmitted", patch: testPatch(id, 1) }]);
    const faultOf = async (query: string) => {
      const reply = await gateway.operate("GET", `/v1/patches/${id}/diff${query}`);
      return [reply.statusCode, reply.json<{ type: string }>().type];
    };
    expect(await faultOf("")).toEqual([404, "urn:council:problem:diff-unknown"]);
    expect(await faultOf("?of=b")).toEqual([404, "urn:council:problem:diff-unknown"]);
    expect(await faultOf("?of=c")).toEqual([422, "urn:council:problem:query-invalid"]);
    expect(await faultOf("?of=a&of=b")).toEqual([422, "urn:council:problem:query-invalid"]);
    const unknown = await gateway.operate("GET", "/v1/patches/p01-patch0009/diff");
    expect(unknown.statusCode).toBe(404);
  });
});

test("the evidence of a watch is what the streaming auditor keeps, and empty before there is any", async () => {
  await using gateway = await testGateway();
  const id = "p01-patch0001";
  await recordEvents(gateway.bus, id, 1, [{ type: "PatchSubmitted", patch: testPatch(id, 1) }]);
  const read = async () => (await gateway.operate("GET", `/v1/patches/${id}/evidence`)).json();
  expect(await read()).toEqual({ stages: [] });
  const rules = [{ ruleId: "latency-p95", unit: "ms", points: [[1, 2, 41.5, 40, 50]] }];
  const value = JSON.stringify({ trace: [{ stage: "canary", rules }] });
  const message = {
    v: 1 as const,
    id: "m",
    type: "t",
    subject: id,
    correlationId: id,
    at: 1,
    body: {},
  };
  await gateway.bus.send(1, message, "watch-test", "k");
  const done = Promise.withResolvers<void>();
  const consumer = gateway.bus.consume({
    inbox: "watch-test",
    handler: async () => ({ state: { subject: watchSubject(id), expectedVersion: 0, value } }),
    onOutcome: () => done.resolve(),
  });
  await done.promise;
  await consumer.stop();
  expect(await read()).toEqual({ stages: [{ stage: "canary", rules }] });
});

test("settings need the operator token, and show every repository's policy", async () => {
  await using gateway = await testGateway({ readAccess: "open" });
  expect((await gateway.app.inject("/v1/settings")).statusCode).toBe(401);
  const reply = await gateway.operate("GET", "/v1/settings");
  expect(reply.json()).toMatchObject({
    repositories: [
      { id: "sample", targetBranch: "main", ownFields: [], policy: { approvalsNeeded: 2 } },
      { id: "other/one" },
    ],
  });
});
