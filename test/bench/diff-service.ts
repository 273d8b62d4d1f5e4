/** A file of about 1,000 lines with a few edits: in the library, and through a diff engine of its own process. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compareRenders, diffFiles, reportChange } from "@council/ast-diff";
import { openDurableBus } from "@council/bus";
import type { Bus } from "@council/bus";
import { inboxes } from "@council/contracts";
import { sha256Hex } from "@council/evidence";
import { diffBytes, fetchBranches } from "@council/git";
import { testRemote } from "@council/git/testing";
import { ensureRedisProgram } from "@council/scripts/private-tools.ts";
import { startBenchRedis } from "./bench-redis.ts";
import { corpusText } from "./diff-corpora.ts";
import { cpuMs } from "./diff-engine.ts";
import { digits, median, percentile } from "./report.ts";
import type { Table } from "./report.ts";

const runs = 24;
const warmUp = 12;
const path = "lib/response.js";
const engine = fileURLToPath(new URL("../../services/diff-engine/src/main.ts", import.meta.url));

/** The file, and two renders that agree in one change and differ in another. */
function textsOf(): { base: string; a: string; b: string } {
  const base = corpusText("express-a/lib/response.js");
  const a = base.replaceAll("this.get(", "this.header(");
  return { base, a, b: a.replace("this.statusCode = code", "$& || 200") };
}

export async function benchService(): Promise<Table> {
  const { base, a, b } = textsOf();
  const files = [{ path, base, a, b }];
  const rows = [
    await library("diffFiles of two texts, with operations", () =>
      diffFiles({ files: [{ path, a, b }], hasSimilarity: false }),
    ),
    await library("compareRenders of three", () => compareRenders({ files })),
    await library("reportChange of two", () =>
      reportChange({ files: [{ path, base, candidate: a }] }),
    ),
    await throughEngine(),
  ];
  return {
    title: `A file of ${digits(base.split("\n").length)} lines, warm (ms)`,
    columns: ["step", "median", "p95", "goal"],
    rows,
    notes: [
      "Library: processor time, Babel's check included. Engine: wall time on real Redis and git, from the message's",
      "storing to the comparison's arrival: both diffs applied, change, renders and two diffs, and the report written.",
    ],
  };
}

async function library(name: string, act: () => Promise<unknown>): Promise<string[]> {
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const start = cpuMs();
    await act();
    times.push(cpuMs() - start);
  }
  return row(name, times, 50);
}

function row(name: string, times: readonly number[], goal: number): string[] {
  const warm = times.slice(warmUp);
  return [name, digits(median(warm)), digits(percentile(warm, 0.95)), `< ${goal}`];
}

async function throughEngine(): Promise<string[]> {
  const found = await ensureRedisProgram({ say: () => {} });
  if (found.kind !== "binary") return ["through the engine", "-", "-", "no Redis program here"];
  process.env["COUNCIL_REDIS_SERVER"] = found.path;
  await using resources = new AsyncDisposableStack();
  const dir = mkdtempSync(join(tmpdir(), "council-bench-diff-"));
  resources.defer(() => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }));
  const redis = await startBenchRedis();
  resources.defer(() => redis.stop());
  const { url, base, diffs } = await makeRenders(resources);
  const repositories = join(dir, "repositories.yaml");
  writeFileSync(repositories, JSON.stringify({ repositories: [{ id: "shop", remote: url }] }));
  const child = spawn(process.execPath, [engine], {
    cwd: dir,
    env: {
      PATH: process.env["PATH"],
      REDIS_URL: redis.url,
      COUNCIL_REPOSITORIES: repositories,
      COUNCIL_DATA_DIR: dir,
      COUNCIL_OPS_PORT: "0",
    },
    stdio: ["ignore", "ignore", "inherit"],
  });
  resources.defer(async () => {
    const ended = once(child, "exit");
    child.kill();
    await ended;
  });
  const opened = await openDurableBus({
    redisUrl: redis.url,
    // As the services have them by default.
    keyPrefix: "c",
    partitions: 16,
    name: "bench",
    onError: (error) => console.error(`redis link: ${error.message}`),
  });
  if (opened.kind === "refused") throw new Error(opened.reason);
  resources.defer(() => opened.bus.close());
  return row(
    "through diff-engine: message in, comparison out",
    await measureEngine(opened.bus, base, diffs),
    200,
  );
}

async function makeRenders(resources: AsyncDisposableStack) {
  const texts = textsOf();
  const remote = await testRemote({ [path]: texts.base });
  resources.defer(() => remote.remove());
  const mirror = await remote.mirror();
  const base = (await remote.head()) ?? "";
  const diffs: Buffer[] = [];
  for (const side of ["a", "b"] as const) {
    await remote.setBranch(side, base);
    const work = await remote.commit({ branch: side, files: { [path]: texts[side] } });
    await fetchBranches(mirror);
    diffs.push(await diffBytes(mirror, base, work));
  }
  return { url: remote.url, base, diffs };
}

/** One comparison after the other, as the patch controller asks for them. */
async function measureEngine(bus: Bus, base: string, diffs: readonly Buffer[]): Promise<number[]> {
  let answered = Promise.withResolvers<unknown>();
  bus.consume({
    inbox: inboxes.patchController,
    concurrency: 1,
    handler: ({ message }) => {
      answered.resolve(message.body);
      return Promise.resolve({});
    },
  });
  const blobs = diffs.map((bytes) => ({ digest: sha256Hex(bytes), bytes }));
  const [a, b] = blobs.map(({ digest }) => digest);
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const id = `p-${run}`;
    const patch = {
      id,
      repository: "shop",
      targetBranch: "main",
      title: "t",
      author: "bench",
    };
    const message = {
      v: 1 as const,
      id: `${id}.compare`,
      type: "compare",
      subject: id,
      correlationId: id,
      at: Date.now(),
      body: { patch, effect: { type: "compare", base, a, b } },
    };
    answered = Promise.withResolvers();
    const start = performance.now();
    await bus.ingest(bus.partitionOf(id), {
      id,
      keys: [{ key: id }],
      messages: [{ inbox: inboxes.diffEngine, message }],
      blobs,
    });
    const answer = JSON.stringify(await answered.promise);
    times.push(performance.now() - start);
    if (!answer.includes('"measured"')) throw new Error(answer);
  }
  return times;
}
