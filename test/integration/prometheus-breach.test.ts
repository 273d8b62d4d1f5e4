/** A real Prometheus that scrapes a small exporter is all the evidence a streaming auditor gets here. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openBus } from "@council/bus";
import { type Assignment, inboxes, patchCommandSchema, sightSubject } from "@council/contracts";
import type { Observation, Rule } from "@council/domain";
import { ensurePrometheus, startPrivatePrometheus } from "@council/scripts/monitoring-tools.ts";
import { ensureRedisProgram, startPrivateRedis } from "@council/scripts/private-tools.ts";
import { expect, it } from "vitest";

const main = fileURLToPath(
  new URL("../../services/streaming-auditor/src/main.ts", import.meta.url),
);
const say = () => {};
const patchId = "p03-prometheus1";
const rule: Rule = {
  id: "latency",
  kind: "relative",
  metric: "latency",
  statistic: "mean",
  worse: "higher",
  tolerance: 0.25,
  minSamples: 4,
  windowSamples: 8,
  confirmations: 1,
  isRequired: true,
};

/** Two arms, each a summary of requests; the canary is as slow as it is told. */
async function startExporter() {
  const totals = { baseline: { seconds: 0, count: 0 }, canary: { seconds: 0, count: 0 } };
  const latency = { canary: 0.02 };
  const server = createServer((_, response) => {
    // Every scrape finds ten more requests per arm.
    for (const arm of ["baseline", "canary"] as const) {
      totals[arm].count += 10;
      totals[arm].seconds += 10 * (arm === "canary" ? latency.canary : 0.02);
    }
    const lines = Object.entries(totals).flatMap(([arm, { seconds, count }]) => [
      `shop_request_seconds_sum{arm="${arm}"} ${seconds}`,
      `shop_request_seconds_count{arm="${arm}"} ${count}`,
    ]);
    response.setHeader("content-type", "text/plain; version=0.0.4");
    response.end(`# TYPE shop_request_seconds summary\n${lines.join("\n")}\n`);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const stop = () => server.close().closeAllConnections();
  return { target: `127.0.0.1:${port}`, latency, stop };
}

const meanMs = (arm: string) =>
  `1000 * rate(shop_request_seconds_sum{arm="${arm}"}[2s]) / rate(shop_request_seconds_count{arm="${arm}"}[2s])`;

it("P3: what a real Prometheus shows becomes a breach, and nothing before it does", async () => {
  await using stack = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), "council-prometheus-"));
  stack.defer(() => rm(dir, { recursive: true, force: true }));
  const [redisProgram, program] = await Promise.all([
    ensureRedisProgram({ say }),
    ensurePrometheus({ say }),
  ]);
  if (redisProgram.kind !== "binary") throw new Error(redisProgram.reason);
  if (program.kind !== "binary") throw new Error(program.reason);
  const redis = await startPrivateRedis({ server: redisProgram, dir: join(dir, "redis") });
  stack.defer(() => redis.stop());
  const exporter = await startExporter();
  stack.defer(() => exporter.stop());
  const prometheus = stack.use(
    await startPrivatePrometheus({
      server: program.path,
      dir: join(dir, "prometheus"),
      targets: { shop: exporter.target },
      scrapeIntervalMs: 250,
    }),
  );
  const repositories = join(dir, "repositories.json");
  const query = {
    metric: "latency",
    unit: "ms",
    canary: meanMs("canary"),
    baseline: meanMs("baseline"),
  };
  const source = { kind: "prometheus", url: prometheus.url, intervalMs: 250, queries: [query] };
  const file = { repositories: [{ id: "shop", remote: dir, sources: [source] }] };
  await writeFile(repositories, JSON.stringify(file));
  const auditor = spawn(process.execPath, [main], {
    env: { PATH: process.env["PATH"], REDIS_URL: redis.url, COUNCIL_REPOSITORIES: repositories },
    cwd: dir,
    stdio: ["ignore", "ignore", "inherit"],
  });
  stack.defer(async () => {
    auditor.kill("SIGTERM");
    await once(auditor, "exit");
  });
  const bus = openBus({ url: redis.url });
  stack.defer(() => bus.close());
  const told: Observation[] = [];
  const breached = Promise.withResolvers<Observation>();
  const controller = bus.consume({
    inbox: inboxes.patchController,
    handler: async ({ message }) => {
      const command = patchCommandSchema.parse(message.body);
      if (command.type !== "record-observation") throw new Error(command.type);
      told.push(command.observation);
      breached.resolve(command.observation);
      return {};
    },
  });
  stack.defer(() => controller.stop());
  const startedAt = Date.now();
  const effect = {
    type: "watch",
    stage: "canary",
    token: 1,
    rules: [rule],
    watchMinMs: 600_000,
  } as const;
  const patch = { id: patchId, repository: "shop", targetBranch: "main", title: "t", author: "a" };
  const body: Assignment<"watch"> = { patch, effect };
  const core = { v: 1 as const, id: "m1", type: "watch", subject: patchId, correlationId: patchId };
  await bus.send(3, { ...core, at: startedAt, body }, inboxes.streamingAuditor, "m1");
  // The healthy canary is seen first: the watch knows both arms and gives no verdict.
  const lastSeen = async () => {
    const read = await bus.readState(3, sightSubject(patchId));
    const sight = read && (JSON.parse(read.value) as { sources: { lastSeenAt: number }[] });
    return sight?.sources[0]?.lastSeenAt ?? 0;
  };
  await expect.poll(lastSeen, { timeout: 20_000 }).toBeGreaterThan(startedAt + 1000);
  expect(told).toEqual([]);
  exporter.latency.canary = 0.06;
  const slowAt = Date.now();
  const observation = await breached.promise;
  expect(observation).toMatchObject({ kind: "breach", ruleId: "latency" });
  const [reading] = observation.readings;
  expect(reading?.baseline).toBeCloseTo(20, 1);
  expect(reading?.canary).toBeGreaterThan(25);
  expect(Date.now() - slowAt).toBeLessThan(15_000);
});
