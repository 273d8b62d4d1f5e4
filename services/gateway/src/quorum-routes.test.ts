import { describe, expect, test } from "vitest";
import type { PatchDetail } from "@council/contracts";
import { metaRecord, type MetaRecord } from "./meta-record.ts";
import { recordEvents, samplePatch, testGateway } from "./test-gateway.ts";
import { revertedHistory, testCandidate, testPatch } from "./test-patch.ts";

const id = "p01-patch0001";
async function decided(title = "t") {
  const gateway = await testGateway();
  const patch = testPatch(id, Date.now(), { title, externalId: "o/r#7" });
  await recordEvents(gateway.bus, id, 1, revertedHistory(patch));
  return gateway;
}

describe("the record of a quorum", () => {
  test("says whether it has passed, by whose votes, and carries the audit hash", async () => {
    await using gateway = await decided();
    const reply = await gateway.operate("GET", `/v1/patches/${id}/meta.json`);
    expect(reply.headers["x-audit-hash"]).toBe(testCandidate.digest);
    expect(reply.json<MetaRecord>()).toMatchObject({
      pr_id: "o/r#7",
      patch: id,
      state: "reverted",
      quorum_passed: true,
      quorum_reason: "2 heads approve",
      audit_hash: testCandidate.digest,
      votes: [
        { head: "rules", verdict: "approve", meta_hash: "f".repeat(64) },
        { head: "proof", verdict: "approve" },
        { head: "contract", verdict: "reject" },
      ],
      explanation_agreement: 1,
      explanation_agreement_method: expect.stringContaining("Jaccard") as string,
      qa_300_dual_render: {
        ast_similarity: 0.99,
        semantic_distance: 0.01,
        threshold: 0.03,
        quorum_decision: "pass",
        route_to: "none",
        files_compared: ["src/a.js"],
        timestamp: expect.stringMatching(/Z$/) as string,
      },
    });
  });

  const recorded = (comparison: object) => ({
    timeline: revertedHistory(testPatch(id, 0)).map((event) => ({ at: 1, event })),
    dossier: { comparison: { kind: "compared", candidate: testCandidate, ...comparison } },
  });
  test.each<[string, object, object]>([
    [
      "is one alone",
      { variance: { kind: "unknown", reason: "there is only one render" }, critical: [] },
      { ast_similarity: null, semantic_distance: null },
    ],
    [
      "differ in an operator",
      { variance: { kind: "measured", low: 0, high: 0.01 }, critical: ["operator at src/a.js:1"] },
      { semantic_distance: 0.01 },
    ],
    [
      "may be further apart than is allowed",
      { variance: { kind: "measured", low: 0.02, high: 0.04 }, critical: [] },
      { semantic_distance: 0.04, ast_similarity: 0.96 },
    ],
  ])("P3: has not passed where the render %s", (_, comparison, figures) => {
    const { qa_300_dual_render: dual } = metaRecord(recorded(comparison) as unknown as PatchDetail);
    expect(dual).toMatchObject({ ...figures, quorum_decision: "fail", route_to: "gemini-audit" });
  });

  test("is YAML as well, one line per field, each value as JSON writes it", async () => {
    await using gateway = await decided();
    const json = await gateway.operate("GET", `/v1/patches/${id}/meta.json`);
    const yaml = await gateway.operate("GET", `/v1/patches/${id}/meta.yaml`);
    expect(yaml.headers["content-type"]).toMatch(/^application\/yaml/);
    expect(yaml.headers["x-audit-hash"]).toBe(testCandidate.digest);
    const lines = yaml.body.trimEnd().split("\n");
    const pairs = lines.map((line): [string, unknown] => {
      const at = line.indexOf(": ");
      return [line.slice(0, at), JSON.parse(line.slice(at + 2))];
    });
    expect(Object.fromEntries(pairs)).toEqual(json.json());
    expect(lines).toContain("quorum_passed: true");
  });

  test("P3: what is not decided has not passed", async () => {
    await using gateway = await testGateway();
    const fresh = (await gateway.submit(samplePatch)).json<{ id: string }>().id;
    const reply = await gateway.operate("GET", `/v1/patches/${fresh}/meta.json`);
    expect(reply.json()).toMatchObject({
      quorum_passed: false,
      quorum_reason: "no verdict yet",
      quorum_timestamp: null,
      qa_300_dual_render: null,
    });
    expect(reply.headers).not.toHaveProperty("x-audit-hash");
  });
});

describe("PATCH /quorum", () => {
  test("P2: answers with the quorum as it is; a claim is compared and never taken", async () => {
    await using gateway = await decided();
    const path = `/quorum/${encodeURIComponent("o/r#7")}`;
    const patched = async (body?: object) => gateway.operate("PATCH", `/quorum/${id}`, body);
    const asked = await patched();
    expect([asked.statusCode, asked.json<MetaRecord>().quorum_passed]).toEqual([200, true]);
    expect(asked.headers["x-audit-hash"]).toBe(testCandidate.digest);
    expect((await patched({ quorum_passed: true, reason: "by hash" })).statusCode).toBe(200);
    const differing = await patched({ quorum_passed: false });
    expect([differing.statusCode, differing.json<{ type: string }>().type]).toEqual([
      409,
      "urn:council:problem:quorum-differs",
    ]);
    expect((await gateway.operate("GET", `/v1/patches/${id}`)).json()).toMatchObject({
      dossier: { verdict: { kind: "approved" } },
    });
    const open = await gateway.app.inject({ method: "PATCH", url: path });
    expect(open.statusCode).toBe(401);
  });
});

describe("GET /v1/heads", () => {
  test("tells how alike the heads voted, and nothing it does not know", async () => {
    await using gateway = await decided();
    const told = (await gateway.operate("GET", "/v1/heads")).json<{ pairs: object[] }>();
    expect(told).toMatchObject({ rounds: 1, method: expect.stringContaining("Kish") as string });
    expect(told.pairs).toContainEqual({ heads: ["proof", "rules"], rounds: 1, agreementRatio: 1 });
    expect(told).not.toHaveProperty("effectiveVotes");
  });
});
