import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { commandDriver } from "./command-driver.ts";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "council-traffic-"));
});
afterAll(() => rm(dir, { recursive: true }));

const order = {
  effectId: "p1.4.canary",
  patchId: "p1",
  repository: "shop",
  stage: "canary",
  weightPercent: 25,
  sequence: 6,
};
const run = (script: string, timeoutMs = 10_000) =>
  commandDriver({ kind: "command", argv: ["/bin/sh", "-c", script, "sh", dir], timeoutMs })(order);

/** The letter of a process in its `stat`; empty when there is no such process. */
function stateOf(pid: number): string {
  try {
    return /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))?.[1] ?? "";
  } catch {
    return "";
  }
}

test("the program gets the order, and nothing of this process", async () => {
  vi.stubEnv("COUNCIL_TRAFFIC_SECRET", "not for commands");
  expect(await run('env > "$1/env"')).toEqual({ kind: "steered" });
  vi.unstubAllEnvs();
  const lines = (await readFile(join(dir, "env"), "utf8")).split("\n");
  expect(lines.filter((line) => line.startsWith("COUNCIL_")).toSorted()).toEqual([
    "COUNCIL_EFFECT=p1.4.canary",
    "COUNCIL_PATCH=p1",
    "COUNCIL_REPOSITORY=shop",
    "COUNCIL_SEQUENCE=6",
    "COUNCIL_STAGE=canary",
    "COUNCIL_WEIGHT_PERCENT=25",
  ]);
});

test("no shell reads the arguments", async () => {
  const argv = ["/usr/bin/test", "$(touch x)", "=", "$(touch x)"];
  const steer = commandDriver({ kind: "command", argv, timeoutMs: 5000 });
  expect(await steer(order)).toEqual({ kind: "steered" });
});

test("P4: a program that fails, hangs or is not there is a failure with its reason", async () => {
  expect(await run("exit 3")).toEqual({
    kind: "failed",
    reason: "the traffic command ended with 3",
  });
  const hanging = await run('sleep 60 & echo $! > "$1/pid"; wait', 300);
  expect(hanging).toEqual({
    kind: "failed",
    reason: "the traffic command took longer than 300 ms",
  });
  const child = Number(await readFile(join(dir, "pid"), "utf8"));
  // Ended, whether or not somebody has asked for its exit code yet.
  await vi.waitFor(() => expect(stateOf(child)).toMatch(/^[ZX]?$/));
  const absent = commandDriver({ kind: "command", argv: ["/no/such/program"], timeoutMs: 1000 });
  expect(await absent(order)).toMatchObject({ kind: "failed" });
});
