import { createHash } from "node:crypto";
import type { PatchEvent } from "@council/domain";
import { describe, expect, test } from "vitest";
import { watchSubject } from "@council/contracts";
import { recordEvents, samplePatch, storeState, testGateway } from "./test-gateway.ts";
import { revertedHistory, testPatch } from "./test-patch.ts";

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
  await storeState(gateway.bus, 1, watchSubject(id), { trace: [{ stage: "canary", rules }] });
  expect(await read()).toEqual({ stages: [{ stage: "canary", rules }] });
});

test("the comparison is the blob its patch's state names, and 404 before there is one", async () => {
  await using gateway = await testGateway();
  const blob = JSON.stringify({ schema: "council.comparison/1" });
  // The blob is stored beside a submission, as the diff engine stores its own.
  const { id } = (await gateway.submit({ ...samplePatch, diff: blob })).json<{ id: string }>();
  const partition = Number(id.slice(1, 3));
  const read = () => gateway.operate("GET", `/v1/patches/${id}/comparison`);
  const history = revertedHistory(testPatch(id, 1)).slice(0, 3);
  await recordEvents(gateway.bus, id, partition, history.slice(0, 2));
  const early = await read();
  expect([early.statusCode, early.json<{ type: string }>().type]).toEqual([
    404,
    "urn:council:problem:comparison-unknown",
  ]);
  const events = history
    .slice(2)
    .map((event): PatchEvent =>
      event.type === "ComparisonRecorded" && event.comparison.kind === "compared"
        ? { ...event, comparison: { ...event.comparison, report: digestOf(blob) } }
        : event,
    );
  await recordEvents(gateway.bus, id, partition, events);
  const reply = await read();
  expect([reply.statusCode, reply.body]).toEqual([200, blob]);
  expect(reply.headers["content-type"]).toBe("application/json; charset=utf-8");
  expect((await gateway.app.inject(`/v1/patches/${id}/comparison`)).statusCode).toBe(401);
});

test("the calls paid for a patch are told with what each cost, and no other patch's", async () => {
  await using gateway = await testGateway();
  const id = "p01-patch0001";
  await recordEvents(gateway.bus, id, 1, [
    { type: "PatchSubmitted", patch: testPatch(id, Date.now()) },
  ]);
  const request = {
    head: "gemini",
    repository: "sample",
    sender: "demo",
    model: "model-1",
    worstCaseMicroUsd: 50_000,
  };
  await gateway.spending.reserve({ ...request, callId: "a", patchId: id });
  await gateway.spending.settle("a", 40_000);
  await gateway.spending.reserve({ ...request, callId: "b", patchId: "p01-patch0002" });
  await gateway.spending.reserve({ ...request, callId: "c", head: "openai", patchId: id });
  const call = { at: expect.any(Number) as number, model: "model-1" };
  expect((await gateway.operate("GET", `/v1/patches/${id}/spend`)).json()).toEqual({
    calls: [
      { ...call, head: "gemini", state: "settled", chargedMicroUsd: 40_000 },
      { ...call, head: "openai", state: "held", chargedMicroUsd: 50_000 },
    ],
  });
  expect((await gateway.app.inject(`/v1/patches/${id}/spend`)).statusCode).toBe(401);
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
