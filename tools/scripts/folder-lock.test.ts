import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { withFolderLock } from "./folder-lock.mjs";

let dir = "";
let path = "";

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "council-lock-"));
  path = join(dir, "work.lock");
});

afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Leaves a lock behind as a process that is gone would. */
function abandon(owner: { pid: number; host: string }, silentForMs: number): void {
  mkdirSync(path);
  const file = join(path, "owner.json");
  writeFileSync(file, JSON.stringify({ token: `left-by-${owner.pid}`, ...owner }));
  const at = new Date(Date.now() - silentForMs);
  utimesSync(file, at, at);
}

async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ["--version"], { stdio: "ignore" });
  await once(child, "exit");
  return child.pid ?? 0;
}

test("never two at work at once, and all get their turn", async () => {
  let atWork = 0;
  let most = 0;
  let waited = 0;
  const work = async () => {
    most = Math.max(most, (atWork += 1));
    await new Promise((resolve) => setImmediate(resolve));
    atWork -= 1;
    return most;
  };
  const options = { pollMs: 1, onWait: () => void (waited += 1) };
  const turns = await Promise.all(
    Array.from({ length: 12 }, () => withFolderLock(path, work, options)),
  );
  expect(turns).toEqual(Array.from({ length: 12 }, () => 1));
  expect(waited).toBe(11);
  expect(readdirSync(dir)).toEqual([]);
});

test("a failure of the work is passed on and frees the lock", async () => {
  const fail = () => Promise.reject(new Error("the work failed"));
  await expect(withFolderLock(path, fail)).rejects.toThrow("the work failed");
  expect(await withFolderLock(path, async () => "free")).toBe("free");
});

test("the lock of a dead process is broken, once, however many wait", async () => {
  abandon({ pid: await deadPid(), host: hostname() }, 0);
  let atWork = 0;
  const work = async () => {
    expect((atWork += 1)).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    atWork -= 1;
  };
  await Promise.all(Array.from({ length: 8 }, () => withFolderLock(path, work, { pollMs: 1 })));
  expect(existsSync(path)).toBe(false);
});

test("the lock of another machine is broken only after a minute of silence", async () => {
  abandon({ pid: 1, host: "another-machine" }, 0);
  let hasWaited = false;
  const result = withFolderLock(path, async () => hasWaited, {
    pollMs: 5,
    onWait: () => {
      hasWaited = true;
      const at = new Date(Date.now() - 61_000);
      utimesSync(join(path, "owner.json"), at, at);
    },
  });
  expect(await result).toBe(true);
});
