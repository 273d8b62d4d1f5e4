import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LedgerEntry, whyCardSchema } from "@council/contracts";
import { describe, expect, test } from "vitest";
import { recordEvents, samplePatch, testGateway, type TestGateway } from "./test-gateway.ts";
import { revertedHistory, testCandidate, testPatch } from "./test-patch.ts";

interface Page {
  patches: { id: string; kind: string; why?: string }[];
  before?: number;
  cursor: string;
}

async function pages(gateway: TestGateway, query: string): Promise<string[][]> {
  const found: string[][] = [];
  let before: number | undefined;
  do {
    const more: string = before === undefined ? "" : `&before=${before}`;
    const reply = await gateway.operate("GET", `/v1/patches?${query}${more}`);
    const page = reply.json<Page>();
    found.push(page.patches.map(({ id }) => id));
    before = page.before;
  } while (before !== undefined);
  return found;
}

describe("GET /v1/patches", () => {
  test("newest first, every patch once, also where many have one time", async () => {
    await using gateway = await testGateway();
    const times = [1, 2, 2, 2, 3, 4, 5, 5, 6, 7];
    const ids = times.map((_, at) => `p0${at % 4}-patch000${at}`);
    for (const [at, id] of ids.entries())
      await recordEvents(gateway.bus, id, at % 4, [
        { type: "PatchSubmitted", patch: testPatch(id, times[at]!) },
      ]);
    for (const limit of [1, 2, 3, 4, 7, 10, 200]) {
      const listed = (await pages(gateway, `limit=${limit}`)).flat();
      const listedTimes = listed.map((id) => times[ids.indexOf(id)]!);
      expect(listedTimes).toEqual(times.toSorted((a, b) => b - a).slice(0, listed.length));
      expect(listed.toSorted()).toEqual(ids.toSorted());
    }
  });

  test("can be asked for one kind of state", async () => {
    await using gateway = await testGateway();
    for (let at = 0; at < 9; at += 1) {
      const id = `p01-patch000${at}`;
      const patch = testPatch(id, at);
      const events = at % 3 === 0 ? revertedHistory(patch) : revertedHistory(patch).slice(0, 1);
      await recordEvents(gateway.bus, id, 1, events);
    }
    const listed = await pages(gateway, "state=reverted&limit=2");
    expect(listed.flat()).toEqual(["p01-patch0006", "p01-patch0003", "p01-patch0000"]);
    const reply = await gateway.operate("GET", "/v1/patches?state=reverted&limit=1");
    expect(reply.json<Page>().patches[0]).toMatchObject({
      kind: "reverted",
      why: "canary: p95 latency 41 ms is over the limit of 25 ms",
    });
  });

  test.each([
    ["limit=0", "limit"],
    ["limit=201", "limit"],
    ["limit=-1", "limit"],
    ["limit=1e2", "limit"],
    ["limit=1&limit=2", "limit"],
    ["before=x", "before"],
    ["before=99999999999999999999", "before"],
    ["state=constructor", "state"],
  ])("refuses ?%s", async (query, field) => {
    await using gateway = await testGateway();
    const reply = await gateway.operate("GET", `/v1/patches?${query}`);
    expect([reply.statusCode, reply.json<{ field: string }>().field]).toEqual([422, field]);
  });
});

describe("GET /v1/patches/:id and /audit/:pr", () => {
  test("answers state, whole timeline and audit hash, by id and by external id", async () => {
    await using gateway = await testGateway();
    const externalId = "o/r#7";
    const { id } = (await gateway.submit({ ...samplePatch, externalId })).json<{ id: string }>();
    const partition = gateway.bus.partitionOf("sample");
    const history = revertedHistory(testPatch(id, Date.now(), { externalId }));
    const other = `p0${partition}-otherotherother`;
    for (const event of history) {
      await recordEvents(gateway.bus, id, partition, [event]);
      await recordEvents(gateway.bus, other, partition, [
        { type: "PatchSubmitted", patch: testPatch(other, 1) },
      ]);
    }
    for (const url of [
      `/v1/patches/${id}`,
      `/audit/${id}`,
      `/audit/${encodeURIComponent(externalId)}`,
    ]) {
      const reply = await gateway.operate("GET", url);
      expect(reply.statusCode).toBe(200);
      expect(reply.headers["x-audit-hash"]).toBe(testCandidate.digest);
      const detail = reply.json<{ timeline: LedgerEntry[]; dossier: { votes: unknown[] } }>();
      expect(detail).toMatchObject({ id, kind: "reverted", isTruncated: false });
      expect(detail.timeline.map(({ event }) => event)).toEqual(history);
      expect(detail.dossier.votes).toHaveLength(3);
    }
  });

  test("a submission long before its ledger entries were written is found all the same", async () => {
    await using gateway = await testGateway();
    const id = "p01-abcdefgh";
    const history = revertedHistory(testPatch(id, Date.now() + 86_400_000));
    await recordEvents(gateway.bus, id, 1, history);
    const detail = (await gateway.operate("GET", `/v1/patches/${id}`)).json<{
      timeline: unknown[];
    }>();
    expect(detail.timeline).toHaveLength(history.length);
  });

  test.each(["p01-abcdefgh", "p99-abcdefgh", "x", "__proto__", "%2e%2e%2fetc", "a%00b"])(
    "does not know %s",
    async (id) => {
      await using gateway = await testGateway();
      for (const path of ["/v1/patches/", "/audit/"]) {
        const reply = await gateway.operate("GET", `${path}${id}`);
        expect(reply.statusCode).toBe(404);
        expect(reply.json()).toMatchObject({ type: "urn:council:problem:patch-unknown" });
      }
    },
  );
});

describe("who may read", () => {
  const reads = ["/v1/patches", "/v1/patches/p01-abcdefgh", "/audit/7", "/v1/events"];

  test.each(reads)("%s needs the token", async (url) => {
    await using gateway = await testGateway();
    for (const authorization of [undefined, "Bearer x", `Basic ${gateway.operatorToken}`]) {
      const headers = authorization === undefined ? {} : { authorization };
      const reply = await gateway.app.inject({ url, headers });
      expect(reply.statusCode).toBe(401);
      expect(reply.headers["www-authenticate"]).toBe('Bearer realm="council"');
      expect(reply.json()).toMatchObject({ type: "urn:council:problem:token-required" });
    }
  });

  test("open reading is open to this machine's own names only", async () => {
    await using gateway = await testGateway({ readAccess: "open" });
    const statusFor = async (host: string) =>
      (await gateway.app.inject({ url: "/v1/patches", headers: { host } })).statusCode;
    for (const host of ["localhost:8080", "127.0.0.1:8080", "[::1]:8080", "LOCALHOST"])
      expect([host, await statusFor(host)]).toEqual([host, 200]);
    for (const host of ["evil.test", "localhost.evil.test", "127.0.0.1.evil.test", "10.0.0.1"])
      expect([host, await statusFor(host)]).toEqual([host, 401]);
    const action = await gateway.app.inject({ method: "POST", url: "/v1/pause", payload: "{}" });
    expect(action.statusCode).toBe(401);
  });
});

describe("GET /v1/patches/:id/why", () => {
  test("P5: the card of a revert comes from the ledger, in its published shape", async () => {
    await using gateway = await testGateway();
    const [reverted, young] = ["p01-patch0001", "p02-patch0002"];
    await recordEvents(gateway.bus, reverted, 1, revertedHistory(testPatch(reverted, 5)));
    await recordEvents(gateway.bus, young, 2, revertedHistory(testPatch(young, 6)).slice(0, 1));
    const reply = await gateway.operate("GET", `/v1/patches/${reverted}/why`);
    expect(reply.statusCode).toBe(200);
    expect(whyCardSchema.parse(reply.json())).toMatchObject({
      v: 1,
      patchId: reverted,
      kind: "reverted",
      cause: "breach",
      sentence: expect.stringContaining("p95 latency 41 ms") as string,
    });
    const none = await gateway.operate("GET", `/v1/patches/${young}/why`);
    expect([none.statusCode, none.json<{ type: string }>().type]).toEqual([
      404,
      "urn:council:problem:revert-unknown",
    ]);
    expect((await gateway.app.inject(`/v1/patches/${reverted}/why`)).statusCode).toBe(401);
  });
});

describe("the page and the operations endpoints", () => {
  test("the page is served with headers that let nothing foreign in, and no CORS", async () => {
    const folder = await mkdtemp(join(tmpdir(), "council-page-"));
    await mkdir(join(folder, "assets"));
    await writeFile(join(folder, "index.html"), "<!doctype html>");
    await writeFile(join(folder, "assets", "index-1a2b.js"), "1");
    await using gateway = await testGateway({ pageFolder: folder });
    for (const [url, type, keep] of [
      ["/", "text/html", "no-cache"],
      ["/assets/index-1a2b.js", "javascript", "public, max-age=31536000, immutable"],
    ] as const) {
      const reply = await gateway.app.inject({ url, headers: { origin: "https://evil.test" } });
      expect([url, reply.statusCode, reply.headers["cache-control"]]).toEqual([url, 200, keep]);
      expect(reply.headers["content-type"]).toContain(type);
      expect(reply.headers["x-content-type-options"]).toBe("nosniff");
      expect(reply.headers["content-security-policy"]).toContain("frame-ancestors 'none'");
      expect(reply.headers["content-security-policy"]).toContain("script-src 'self'");
      expect(
        Object.keys(reply.headers).filter((name) => name.startsWith("access-control")),
      ).toEqual([]);
    }
    for (const url of ["/../package.json", "/%2e%2e/package.json", "/..%2fpackage.json", "/.env"])
      expect((await gateway.app.inject(url)).statusCode).toBe(404);
    await rm(folder, { recursive: true });
  });

  test("a page built anew is served by a gateway that runs", async () => {
    const folder = await mkdtemp(join(tmpdir(), "council-page-"));
    await using gateway = await testGateway({ pageFolder: folder });
    const get = async (url: string) => {
      const { statusCode, body } = await gateway.app.inject(url);
      return [statusCode, statusCode === 200 ? body : ""];
    };
    expect([await get("/"), await get("/assets/index-1.js")]).toEqual([
      [503, ""],
      [404, ""],
    ]);
    await mkdir(join(folder, "assets"));
    await writeFile(join(folder, "index.html"), "one");
    await writeFile(join(folder, "assets", "index-1.js"), "1");
    expect([await get("/"), await get("/assets/index-1.js")]).toEqual([
      [200, "one"],
      [200, "1"],
    ]);
    await rm(join(folder, "assets", "index-1.js"));
    await writeFile(join(folder, "index.html"), "two");
    await writeFile(join(folder, "assets", "index-2.js"), "22");
    expect([
      await get("/"),
      await get("/assets/index-1.js"),
      await get("/assets/index-2.js"),
    ]).toEqual([
      [200, "two"],
      [404, ""],
      [200, "22"],
    ]);
    await rm(folder, { recursive: true });
  });

  test("where the page is not built, one sentence says how to build it", async () => {
    await using gateway = await testGateway({ pageFolder: "/nowhere" });
    const reply = await gateway.app.inject("/");
    expect([reply.statusCode, reply.headers["content-type"]]).toEqual([503, "text/plain"]);
    expect(reply.body).toContain("npm run build");
    expect((await gateway.app.inject("/healthz")).statusCode).toBe(200);
  });

  test("metrics count requests by route, and show the inboxes as they are", async () => {
    await using gateway = await testGateway();
    await gateway.submit(samplePatch);
    await gateway.submit({});
    await gateway.app.inject("/some/hostile/path");
    const text = (await gateway.app.inject("/metrics")).body;
    const lines = text.split("\n").map((line) => line.replace(/,?service="gateway"/, ""));
    expect(lines).toContain('council_http_requests_total{route="/v1/patches",status="2xx"} 1');
    expect(lines).toContain('council_http_requests_total{route="/v1/patches",status="4xx"} 1');
    expect(lines).toContain('council_http_requests_total{route="other",status="4xx"} 1');
    expect(lines).toContain('council_inbox_length{inbox="patch-controller"} 1');
    expect(lines.some((line) => line.startsWith("council_inbox_oldest_seconds{"))).toBe(true);
    expect(text).not.toContain("hostile");
  });

  test("is live and ready", async () => {
    await using gateway = await testGateway();
    expect((await gateway.app.inject("/healthz")).json()).toEqual({ kind: "live" });
    expect((await gateway.app.inject("/readyz")).json()).toMatchObject({ kind: "ready" });
  });
});
