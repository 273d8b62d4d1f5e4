import { describe, expect, test } from "vitest";
import { recordEvents, samplePatch, testGateway } from "./test-gateway.ts";
import { revertedHistory, testCandidate, testPatch } from "./test-patch.ts";

const id = "p01-patch0001";

describe("GET /v1/patches/:id/bundle", () => {
  test("gives the whole history with every diff that was voted on", async () => {
    await using gateway = await testGateway();
    const history = revertedHistory(testPatch(id, Date.now()));
    await recordEvents(gateway.bus, id, 1, history);
    const bytes = Buffer.from("--- a\n+++ b\n");
    const { diff } = testCandidate;
    await gateway.bus.ingest(1, {
      id: "blob",
      keys: [{ key: "blob" }],
      messages: [],
      blobs: [{ digest: diff, bytes }],
    });
    const reply = await gateway.operate("GET", `/v1/patches/${id}/bundle`);
    const { entries, ...rest } = reply.json<{ entries: { event: unknown }[] }>();
    expect(entries.map(({ event }) => event)).toEqual(JSON.parse(JSON.stringify(history)));
    expect(rest).toEqual({
      v: 1,
      patchId: id,
      chainHead: "",
      diffs: { [diff]: bytes.toString("base64") },
    });
  });

  test("is refused while nothing is decided, and without the token", async () => {
    await using gateway = await testGateway();
    const { id: fresh } = (await gateway.submit(samplePatch)).json<{ id: string }>();
    const early = await gateway.operate("GET", `/v1/patches/${fresh}/bundle`);
    expect(early.statusCode).toBe(404);
    const open = await gateway.app.inject({ url: `/v1/patches/${fresh}/bundle` });
    expect(open.statusCode).toBe(401);
  });
});
