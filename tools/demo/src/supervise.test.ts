import { mkdtemp, readFile, rm } from "node:fs/promises";
import { getPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ProcessEvent, Supervised } from "./supervise.ts";
import { supervise } from "./supervise.ts";

let dir: string;
let running: Supervised | undefined;
const events: ProcessEvent[] = [];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "council-supervise-test-"));
  events.length = 0;
});
afterEach(async () => {
  await running?.stop(100);
  await rm(dir, { recursive: true, force: true });
});

function run(code: string, finalExitCodes: readonly number[] = [], niceness = 0): Supervised {
  const plan = {
    name: "child",
    args: ["--eval", code],
    env: { GREETING: "hello" },
    cwd: dir,
    logFile: join(dir, "child.log"),
    finalExitCodes,
    niceness,
  };
  running = supervise(plan, (event) => events.push(event));
  return running;
}
const until = (check: () => unknown) => vi.waitFor(check, { timeout: 10_000, interval: 10 });
const kinds = () => events.map(({ kind }) => kind);
const log = () => readFile(join(dir, "child.log"), "utf8");

test("a killed process is started again, with only the environment it was given", async () => {
  const child = run("console.log(JSON.stringify(process.env)); setInterval(() => {}, 1000)");
  await until(async () => expect((await log()).split("\n")).toHaveLength(2));
  expect(JSON.parse(await log())).toEqual({ GREETING: "hello" });
  const first = child.pid();
  expect(child.kill("SIGKILL")).toBe(true);
  await until(() => expect(kinds()).toEqual(["started", "ended", "started"]));
  expect(events[1]).toEqual({ kind: "ended", name: "child", how: "SIGKILL", restartInMs: 100 });
  expect(child.pid()).not.toBe(first);
  expect(child.restarts()).toBe(1);
});

test("stands back when asked to", async () => {
  const child = run("console.log('up'); setInterval(() => {}, 1000)", [], 7);
  await until(async () => expect(await log()).toContain("up"));
  expect(getPriority(child.pid())).toBe(7);
});

test("waits longer each time for a process that dies at once", async () => {
  run("process.exit(1)");
  await until(() => expect(events.filter(({ kind }) => kind === "ended")).toHaveLength(3));
  const waits = events.flatMap((event) => (event.kind === "ended" ? [event.restartInMs] : []));
  expect(waits).toEqual([100, 200, 400]);
});

test("an exit code that says it would be in vain is final", async () => {
  const child = run("process.exit(78)", [78]);
  await until(() => expect(child.failure()).toBe("exit code 78"));
  expect(child.pid()).toBeUndefined();
  expect(child.kill("SIGTERM")).toBe(false);
  await child.stop();
  expect(kinds()).toEqual(["started", "ended"]);
});

test("stop ends even a process that ignores it, and nothing is started again", async () => {
  const child = run(
    "process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 1000)",
  );
  await until(async () => expect(await log()).toContain("up"));
  await child.stop(100);
  expect(child.pid()).toBeUndefined();
  expect(events.at(-1)).toEqual({ kind: "ended", name: "child", how: "SIGKILL" });
});
