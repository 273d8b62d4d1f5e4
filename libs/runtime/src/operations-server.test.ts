import { afterEach, describe, expect, test } from "vitest";
import { createLog } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import type { Check, Operations } from "./operations-server.ts";
import { serveOperations } from "./operations-server.ts";

const log = createLog({ service: "test", level: "fatal" });
const metrics = createMetrics("test", { hasProcessMetrics: false });
metrics.counter({ name: "council_probe_total", help: "x" }).add(1);

const open: Operations[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((operations) => operations.close()));
});

async function serve(checks: Record<string, Check> = {}) {
  const operations = await serveOperations({ port: 0, metrics, checks, log, checkDeadlineMs: 200 });
  open.push(operations);
  const ask = (path: string, init?: RequestInit) =>
    fetch(`http://127.0.0.1:${operations.port}${path}`, init);
  return { ...operations, ask };
}

const ok: Check = () => Promise.resolve({ kind: "ok" });

describe("operations endpoint", () => {
  test("is live even when a check fails", async () => {
    const { ask } = await serve({
      redis: () => Promise.resolve({ kind: "failing", reason: "down" }),
    });
    const response = await ask("/healthz");
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ kind: "live" });
  });

  test("is ready when every check is ok", async () => {
    const { ask } = await serve({ redis: ok, git: ok });
    const response = await ask("/readyz?verbose");
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      kind: "ready",
      checks: { redis: { kind: "ok" }, git: { kind: "ok" } },
    });
  });

  test("names the failing checks with 503: one says so, one throws, one never answers", async () => {
    const token = `ghp_${"a1B2".repeat(9)}`;
    const { ask } = await serve({
      redis: () =>
        Promise.resolve({ kind: "failing", reason: "maxmemory-policy is not noeviction" }),
      git: () => Promise.reject(new Error(`cannot reach https://x:${token}@git`)),
      model: () => Promise.withResolvers<never>().promise,
      disk: ok,
    });
    const response = await ask("/readyz");
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({
      kind: "failing",
      checks: {
        redis: { kind: "failing", reason: "maxmemory-policy is not noeviction" },
        git: { kind: "failing", reason: expect.not.stringContaining(token) as string },
        model: { kind: "failing", reason: "no answer within 200 ms" },
        disk: { kind: "ok" },
      },
    });
  });

  test("a check that throws before it returns a promise is failing, too", async () => {
    const { ask } = await serve({
      redis: () => {
        throw new Error("no client");
      },
    });
    expect((await ask("/readyz")).status).toBe(503);
  });

  test("concurrent probes share one run of the checks", async () => {
    const gate = Promise.withResolvers<{ kind: "ok" }>();
    let runs = 0;
    const arrived = Promise.withResolvers<undefined>();
    const { ask } = await serve({
      redis: () => {
        runs += 1;
        arrived.resolve(undefined);
        return gate.promise;
      },
    });
    const probes = Array.from({ length: 10 }, () => ask("/readyz"));
    await arrived.promise;
    // A live answer on a later connection shows that the probes before it have been taken in.
    await ask("/healthz");
    gate.resolve({ kind: "ok" });
    const statuses = await Promise.all(probes.map(async (probe) => (await probe).status));
    expect(statuses).toEqual(Array.from({ length: 10 }, () => 200));
    expect(runs).toBeLessThan(10);
    await ask("/readyz");
    expect(runs).toBeGreaterThan(1);
  });

  test("exposes the metrics", async () => {
    const response = await (await serve()).ask("/metrics");
    expect(response.headers.get("content-type")).toBe(metrics.contentType);
    expect(await response.text()).toContain('council_probe_total{service="test"} 1');
  });

  test("anything else is a problem document", async () => {
    const { ask } = await serve();
    const lost = await ask("/admin");
    expect([lost.status, lost.headers.get("content-type")]).toEqual([
      404,
      "application/problem+json",
    ]);
    expect(await lost.json()).toMatchObject({ status: 404, title: "Not found" });
    const written = await ask("/metrics", { method: "POST", body: "x" });
    expect([written.status, written.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });

  test("a taken port is a RuntimeError, and closing twice is fine", async () => {
    const first = await serve();
    await expect(
      serveOperations({ port: first.port, metrics, checks: {}, log }),
    ).rejects.toMatchObject({ name: "RuntimeError", code: "listen-failed" });
    await first.close();
    await first.close();
    await expect(first.ask("/healthz")).rejects.toThrow("fetch failed");
  });
});
