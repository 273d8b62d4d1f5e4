import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { armDeadMan } from "./dead-man.ts";

const sleeper = () =>
  spawn(process.execPath, ["--eval", "setInterval(() => {}, 1000)"], { stdio: "ignore" });

test("a drill that passes its deadline is ended from outside", async () => {
  const dir = await mkdtemp(join(tmpdir(), "council-dead-man-"));
  const child = sleeper();
  const gone = once(child, "exit");
  const deadMan = armDeadMan({ pid: child.pid ?? 0, deadlineMs: 50, dir });
  expect(await gone).toEqual([null, "SIGTERM"]);
  await deadMan.standDown();
  await rm(dir, { recursive: true });
}, 30_000);

test("a drill that stands it down is left alone, and so is its folder", async () => {
  const dir = await mkdtemp(join(tmpdir(), "council-dead-man-"));
  const child = sleeper();
  const gone = once(child, "exit");
  await armDeadMan({ pid: child.pid ?? 0, deadlineMs: 60_000, dir }).standDown();
  expect(child.exitCode).toBeNull();
  expect(existsSync(dir)).toBe(true);
  child.kill("SIGKILL");
  await gone;
  await rm(dir, { recursive: true });
}, 30_000);
