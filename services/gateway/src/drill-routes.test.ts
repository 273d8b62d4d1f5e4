import type { DrillReport } from "@council/contracts";
import { defaultRules } from "@council/domain";
import { digestOf, genesisDigest } from "@council/evidence";
import { describe, expect, test } from "vitest";
import { testGateway } from "./test-gateway.ts";

const dayMs = 86_400_000;
const report = (more: Partial<DrillReport> = {}): DrillReport => ({
  v: 1,
  startedAt: Date.now() - 1000,
  endedAt: Date.now(),
  seed: 1,
  rulesDigest: digestOf(defaultRules),
  faults: ["placebo"],
  isComprehensive: true,
  versions: {},
  target: { title: "t", base: "b", tree: "t" },
  preflight: [],
  runs: [],
  summary: { deviated: 0, harmless: { runs: 1, takenBack: 0, upperBoundRatio: 0.95 } },
  outcome: "passed",
  prev: genesisDigest,
  digest: "a".repeat(64),
  ...more,
});
const ownRules = {
  id: "own",
  remote: "/nowhere",
  policy: { rules: defaultRules.filter(({ id }) => id !== "cost-mean") },
};
const repositories = [{ id: "usual", remote: "/nowhere" }, ownRules];

async function told(reports: readonly DrillReport[]) {
  await using gateway = await testGateway({ repositories, drills: { kind: "intact", reports } });
  const reply = await gateway.operate("GET", "/v1/drills");
  const metrics = await gateway.operate("GET", "/metrics");
  const unproven = /^council_unproven_policies(?:\{.*\})? (\d)/m.exec(metrics.body)?.[1];
  const body = reply.json<{ repositories: { id: string; kind: string; reason?: string }[] }>();
  const [usual, own] = body.repositories;
  return { unproven, usual, own, body, metrics: metrics.body };
}

describe("a policy is unproven", () => {
  test("until a comprehensive drill of exactly its rules has passed", async () => {
    expect(await told([])).toMatchObject({ unproven: "2", usual: { kind: "unproven" } });
    expect(await told([report()])).toMatchObject({
      unproven: "1",
      usual: { id: "usual", kind: "proven" },
      own: { id: "own", kind: "unproven", reason: "no comprehensive drill of these rules" },
    });
    expect(await told([report({ isComprehensive: false })])).toMatchObject({ unproven: "2" });
  });

  test("again when the newest drill deviated, or is too long ago; one given up says nothing", async () => {
    const deviated = report({ outcome: "deviated" });
    expect(await told([report(), deviated])).toMatchObject({
      usual: { kind: "unproven", reason: "the newest drill of these rules deviated" },
    });
    expect(await told([report({ endedAt: Date.now() - 31 * dayMs })])).toMatchObject({
      usual: { kind: "unproven", reason: "the newest drill of these rules is too long ago" },
    });
    expect(await told([report(), report({ outcome: "aborted" })])).toMatchObject({
      usual: { kind: "proven" },
    });
  });

  test("while its reports cannot be trusted (P3)", async () => {
    const drills = { kind: "broken", file: "drill-1.json", reason: "it was changed" } as const;
    await using gateway = await testGateway({ repositories, drills });
    expect((await gateway.operate("GET", "/v1/drills")).json()).toMatchObject({
      chain: drills,
      reports: [],
      repositories: [{ kind: "unproven", reason: "drill-1.json: it was changed" }, {}],
    });
  });
});

test("the newest drill is shown as metrics, and zeros without one", async () => {
  const spread = { count: 3, p50: 1500, p95: 2500, max: 2500 };
  const { summary } = report();
  const newest = report({
    endedAt: 1_795_000_000_000,
    summary: { ...summary, revertMs: spread },
  });
  const { metrics } = await told([report(), newest]);
  expect(metrics).toMatch(/^council_drill_ended_timestamp_seconds\S* 1795000000$/m);
  expect(metrics).toMatch(/^council_drill_seconds\{phase="revert",share="p95".* 2.5$/m);
  expect((await told([])).metrics).toMatch(/^council_drill_runs\{outcome="expected".* 0$/m);
});

test("drills are read by those who may read, newest first", async () => {
  const { body } = await told([report({ seed: 1 }), report({ digest: "b".repeat(64) })]);
  expect(body).toMatchObject({
    chain: { kind: "intact", count: 2 },
    reports: [{ digest: "b".repeat(64) }, { digest: "a".repeat(64) }],
  });
  await using gateway = await testGateway();
  const reply = await gateway.app.inject({ method: "GET", url: "/v1/drills" });
  expect(reply.statusCode).toBe(401);
});

describe("POST /v1/drills", () => {
  test("P1: puts one drill in line for each key, for who may act, and no more than five", async () => {
    await using gateway = await testGateway({ repositories });
    const order = { actor: "ada", reason: "before the release", scope: "short" };
    const ask = (body: object, key?: string) =>
      gateway.operate(
        "POST",
        "/v1/drills",
        body,
        key === undefined ? {} : { "idempotency-key": key },
      );
    const first = await ask(order, "k1");
    expect(first.statusCode).toBe(202);
    expect((await ask(order, "k1")).json()).toEqual(first.json());
    const unknown = await ask({ ...order, scope: "everything" });
    expect(unknown.statusCode).toBe(422);
    for (let at = 2; at <= 5; at += 1) expect((await ask(order, `k${at}`)).statusCode).toBe(202);
    const full = await ask(order, "k6");
    expect(full.json()).toMatchObject({ type: "urn:council:problem:drills-full", status: 429 });
    const { line } = (await gateway.operate("GET", "/v1/drills")).json<{ line: object }>();
    expect(line).toMatchObject({ runners: 0, waiting: { length: 5 } });
  });
});
