/**
 * Rollback: from sending the sample that breaches (HTTP POST) to the revert being on the branch of the
 * guarded repository. 20 patches, one after another, each watched at its canary stage; the sample says
 * that the canary's test coverage is lower. No peer; target p95 < 2 s. Then the revert alone, on
 * repositories of 1,000 and 50,000 files.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { git, submitPatch, withStack } from "./bench-stack.ts";
import type { BenchStack } from "./bench-stack.ts";
import { digits, percentile } from "./report.ts";
import type { GroupResult } from "./report.ts";
import { measureSizes, sizesTable } from "./revert-sizes.ts";

const runs = 20;
const targetMs = 2000;
const branch = "council/canary";
const pollMs = 2;
const stuckMs = 60_000;

interface Run {
  /** From the submission to being watched. */
  readonly watchedMs: number;
  /** From sending the breach to its 202. */
  readonly answeredMs: number;
  /** From sending the breach to the revert on the branch. */
  readonly revertedMs: number;
}

export async function benchRollback(): Promise<GroupResult> {
  const measured = await withStack({}, async (bench) => {
    const all: Run[] = [];
    // The first one also clones the mirrors; it is not counted.
    for (let at = 0; at <= runs; at += 1) {
      const run = await rollBackOne(bench, at);
      if (at > 0) all.push(run);
      if (at % 5 === 0) console.log(`  ${at} of ${runs}: ${digits(run.revertedMs)} ms`);
    }
    return all;
  });
  const sizes = await measureSizes();
  const row = (name: string, which: keyof Run) => {
    const values = measured.map((run) => run[which]);
    return [name, ...[0.5, 0.95, 1].map((ratio) => digits(percentile(values, ratio)))];
  };
  return {
    tables: [
      {
        title: `rollback: ms, ${runs} runs`,
        columns: ["from → to", "p50", "p95", "max"],
        rows: [
          row("breach sent → revert on the branch", "revertedMs"),
          row("breach sent → answered 202", "answeredMs"),
          row("patch submitted → landed and watched", "watchedMs"),
        ],
        notes: [`Target: breach to revert p95 < ${targetMs} ms.`],
      },
      sizesTable(sizes),
    ],
    numbers: { breaches: measured, sizes },
  };
}

async function rollBackOne(bench: BenchStack, at: number): Promise<Run> {
  const submittedAt = performance.now();
  const patchId = await submitPatch(bench, at);
  await untilKind(bench, patchId, "watching");
  const watchedMs = performance.now() - submittedAt;
  const landing = await headOf(bench);
  const sentAt = performance.now();
  const sample = (arm: "baseline" | "canary", value: number) =>
    ({ patch: patchId, metric: "coverage", arm, value, unit: "ratio", at: Date.now() }) as const;
  const reverted = until(`${patchId} was not reverted`, pollMs, async () => {
    return (await headOf(bench)) !== landing ? performance.now() - sentAt : undefined;
  });
  // Awaited below, but it may fail before that.
  reverted.catch(() => {});
  const { status } = await bench.client.sendSamples([
    sample("baseline", 0.9),
    sample("canary", 0.8),
  ]);
  const answeredMs = performance.now() - sentAt;
  if (status !== 202) throw new Error(`the gateway answers ${status} to the samples`);
  const revertedMs = await reverted;
  const reverts = "--format=%(trailers:key=Council-Reverts,valueonly)";
  if ((await git(bench.bare, "log", "-1", reverts, branch)) !== landing)
    throw new Error(`the new head of ${branch} does not revert ${landing}`);
  await untilKind(bench, patchId, "reverted");
  return { watchedMs, answeredMs, revertedMs };
}

/** Read as a file: starting git for each look would be most of what is measured. */
async function headOf({ bare }: BenchStack): Promise<string> {
  return (await readFile(join(bare, "refs", "heads", branch), "utf8").catch(() => "")).trim();
}

async function untilKind({ client }: BenchStack, patchId: string, kind: string): Promise<void> {
  let seen: unknown;
  await until(`${patchId} did not become ${kind}`, 25, async () => {
    const { body } = await client.patch(patchId);
    seen = (body as { kind?: unknown }).kind;
    if (seen === "rejected" || seen === "failed" || seen === "held")
      throw new Error(`${patchId} is ${seen}: ${JSON.stringify(body).slice(0, 500)}`);
    return seen === kind ? true : undefined;
  });
}

async function until<Value>(
  complaint: string,
  everyMs: number,
  look: () => Promise<Value | undefined>,
): Promise<Value> {
  const deadline = performance.now() + stuckMs;
  for (;;) {
    const value = await look();
    if (value !== undefined) return value;
    if (performance.now() > deadline) throw new Error(complaint);
    await delay(everyMs);
  }
}
