/**
 * What a revert costs on repositories of different size: from the request to both branches of a patch
 * being reverted, pushed and read back. Repositories are generated; tests are not run.
 */
import { type Mirror, revertLanding } from "@council/git";
import { testRemote, type TestRemote } from "@council/git/testing";
import { digits, percentile } from "./report.ts";
import type { Table } from "./report.ts";

const sizes = [
  { files: 1_000, runs: 20, targetMs: 1_000 },
  { files: 50_000, runs: 20, targetMs: 3_000 },
] as const;
/** Commits of other people between a landing and its revert. */
const laterCommits = 5;
const branches = ["main", "council/canary"] as const;
const words = {
  identity: { name: "Bench", email: "bench@localhost" },
  at: new Date("2026-01-02T03:04:05Z"),
};

interface Size {
  readonly files: number;
  readonly targetMs: number;
  readonly revertedMs: readonly number[];
}

/** Measures every size; the numbers are milliseconds. */
export async function measureSizes(): Promise<Size[]> {
  const measured: Size[] = [];
  for (const { files, runs, targetMs } of sizes) {
    const revertedMs = await measureSize(files, runs);
    console.log(`  ${files} files: p95 ${digits(percentile(revertedMs, 0.95))} ms`);
    measured.push({ files, targetMs, revertedMs });
  }
  return measured;
}

export function sizesTable(measured: readonly Size[]): Table {
  return {
    title: `revert asked for → two branches pushed and read back: ms, ${sizes[0].runs} runs`,
    columns: ["files", "p50", "p95", "max", "goal for p95"],
    rows: measured.map(({ files, revertedMs, targetMs }) => [
      String(files),
      ...[0.5, 0.95, 1].map((ratio) => digits(percentile(revertedMs, ratio))),
      String(targetMs),
    ]),
    notes: [`${laterCommits} commits of others lie between the landing and its revert.`],
  };
}

async function measureSize(files: number, runs: number): Promise<number[]> {
  await using remote = await testRemote(generated(files));
  const mirror = await remote.mirror();
  await remote.setBranch(branches[1], (await remote.head()) ?? "");
  const all: number[] = [];
  // The first run also fills the mirror; it is not counted.
  for (let at = 0; at <= runs; at += 1) {
    const revertedMs = await revertOne(remote, mirror, at);
    if (at > 0) all.push(revertedMs);
  }
  return all;
}

async function revertOne(remote: TestRemote, mirror: Mirror, at: number): Promise<number> {
  const landed: { branch: string; commit: string }[] = [];
  for (const branch of branches) {
    const files = { [pathOf(at)]: `changed ${at}\n` };
    landed.push({ branch, commit: await remote.commit({ branch, files }) });
    for (let other = 0; other < laterCommits; other += 1)
      await remote.commit({ branch, files: { [`later/${at}-${other}.txt`]: "later\n" } });
  }
  const askedAt = performance.now();
  for (const { branch, commit } of landed) {
    const request = { ...words, message: "Revert", branch, commit, effectId: `${branch}-${at}` };
    const { kind } = await revertLanding(mirror, request);
    if (kind !== "reverted") throw new Error(`${commit} is not reverted: ${kind}`);
  }
  return performance.now() - askedAt;
}

function generated(files: number): Record<string, string> {
  const source = (at: number) => `export const value${at} = ${at};\n`.repeat(20);
  return Object.fromEntries(Array.from({ length: files }, (_, at) => [pathOf(at), source(at)]));
}

/** A few dozen files to a folder, as people have them. */
const pathOf = (at: number) => `src/area${at % 40}/part${at % 1000}/file${at}.js`;
