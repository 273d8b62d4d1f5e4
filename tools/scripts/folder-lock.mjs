/**
 * A lock made of one folder, for work that must happen once per checkout however many commands start.
 *
 * - Taking it is one `rename` of a prepared folder, so it never exists without its owner's name in it.
 * - It is stale when its owner is dead (same machine) or has stopped beating (any machine).
 * - A stale lock is moved to a name made of its owner's token. That name is taken only once, so of
 *   two waiters who both judged the same lock stale, the slower cannot move its successor's lock.
 */
import {
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const beatMs = 2_000;
const silentMs = 60_000;
const tombstoneMs = 3_600_000;
const taken = new Set(["ENOTEMPTY", "EEXIST", "EPERM"]);

/**
 * Runs `work` while holding the lock at `path`; other holders in any process wait their turn.
 * `onWait` is called once if another holder is there first. Rejects with what `work` rejects with,
 * or with the file system's error if the lock's folder cannot be made.
 */
export async function withFolderLock(path, work, { onWait = () => {}, pollMs = 150 } = {}) {
  const token = await acquire(path, onWait, pollMs);
  const release = () => removeOwn(path, token);
  const beat = setInterval(() => touch(join(path, "owner.json")), beatMs);
  beat.unref();
  process.once("exit", release);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    process.removeListener("exit", release);
    release();
  }
}

async function acquire(path, onWait, pollMs) {
  const token = randomUUID();
  const prepared = `${path}.new-${token}`;
  mkdirSync(prepared, { recursive: true });
  const owner = { token, pid: process.pid, host: hostname() };
  writeFileSync(join(prepared, "owner.json"), JSON.stringify(owner));
  let hasWaited = false;
  try {
    for (;;) {
      if (moved(prepared, path)) return token;
      if (!breakIfStale(path) && !hasWaited) {
        hasWaited = true;
        onWait();
      }
      await delay(pollMs);
      touch(join(prepared, "owner.json"));
      touch(prepared);
    }
  } finally {
    rmSync(prepared, { recursive: true, force: true });
  }
}

/** Whether the folder was moved; false when the target is taken by another non-empty folder. */
function moved(from, to) {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (taken.has(error.code)) return false;
    throw error;
  }
}

function breakIfStale(path) {
  const owner = ownerOf(path);
  if (owner === undefined || !isStale(owner)) return false;
  try {
    return moved(path, `${path}.stale-${owner.token}`);
  } catch (error) {
    if (error.code === "ENOENT") return true;
    throw error;
  }
}

function ownerOf(path) {
  try {
    const file = join(path, "owner.json");
    const owner = JSON.parse(readFileSync(file, "utf8"));
    return { ...owner, silentForMs: Date.now() - statSync(file).mtimeMs };
  } catch {
    return undefined;
  }
}

function isStale({ pid, host, silentForMs }) {
  return silentForMs > silentMs || (host === hostname() && !isAlive(pid));
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

function removeOwn(path, token) {
  if (ownerOf(path)?.token === token) rmSync(path, { recursive: true, force: true });
  const folder = dirname(path);
  for (const name of readdirSync(folder)) {
    const isLeftover = ["stale", "new"].some((kind) =>
      name.startsWith(`${basename(path)}.${kind}-`),
    );
    const file = join(folder, name);
    if (isLeftover && ageMs(file) > tombstoneMs) rmSync(file, { recursive: true, force: true });
  }
}

function ageMs(file) {
  return Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
}

function touch(file) {
  try {
    const now = new Date();
    utimesSync(file, now, now);
  } catch {
    // The lock was broken by someone who thought this process gone; finishing the work is still right.
  }
}
