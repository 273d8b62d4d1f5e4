/**
 * A Redis of our own: one child process, its own data folder, loopback only.
 *
 * It runs in its own session, so a Ctrl-C meant for its owner does not stop it before the owner has
 * drained. A watchdog process holds the other end of a pipe and ends it when the owner is gone,
 * however the owner died.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { repairAppendOnly } from "@council/bus/repair-append-only";
import { lastLines } from "./run-process.ts";

/** The settings the services require of any Redis: nothing evicted, every write on disk. */
export const redisSettings: readonly string[] =
  "--appendonly yes --appendfsync always --maxmemory-policy noeviction --save"
    .split(" ")
    .concat("");

export interface PrivateRedis {
  readonly url: string;
  readonly pid: number;
  /** Ends the server: SIGTERM, after 5 s SIGKILL. The data stays. May be called again. */
  stop(): Promise<void>;
}

export interface PrivateRedisOptions {
  /** The program, as a path or as found by `ensureRedisServer`. */
  readonly server:
    | string
    | { readonly path: string; readonly env?: Readonly<Record<string, string>> };
  /** Holds the data and `redis.log`; made if missing. */
  readonly dir: string;
  /** Default: a free one. */
  readonly port?: number;
}

type Start =
  | { readonly kind: "up"; readonly redis: PrivateRedis }
  | { readonly kind: "died"; readonly log: string };

const startMs = 20_000;
const attempts = 3;

/**
 * Starts a private Redis and waits until it answers. Throws with the last lines of its log if it dies
 * early or does not answer within 20 s.
 */
export async function startPrivateRedis({
  server,
  dir,
  port,
}: PrivateRedisOptions): Promise<PrivateRedis> {
  const program = typeof server === "string" ? { path: server } : server;
  mkdirSync(dir, { recursive: true });
  // A server killed while it wrote a transaction would run the torn half on the restart after next.
  await repairAppendOnly(dir);
  for (let attempt = 1; ; attempt += 1) {
    const start = await startOnce(program, dir, port ?? (await freePort()));
    if (start.kind === "up") return start.redis;
    // A free port can be taken by another process before Redis binds it.
    const isRetried = port === undefined && attempt < attempts && /in use/i.test(start.log);
    if (!isRetried) throw new Error(`${program.path} did not start:\n${start.log}`);
  }
}

/** Waits until the server at `port` of loopback answers PING; with `pid`, until it is that process. */
export async function isRedisUp(port: number, pid?: number): Promise<boolean> {
  const reply = await ask(port, "PING\r\nINFO server\r\nQUIT\r\n");
  const isOurs = pid === undefined || reply.includes(`process_id:${pid}\r\n`);
  return reply.startsWith("+PONG") && isOurs;
}

async function startOnce(
  { path, env = {} }: { readonly path: string; readonly env?: Readonly<Record<string, string>> },
  dir: string,
  port: number,
): Promise<Start> {
  const logFile = join(dir, "redis.log");
  const log = openSync(logFile, "w");
  const network = ["--port", String(port), "--bind", "127.0.0.1", "--protected-mode", "yes"];
  const child = spawn(path, [...network, "--dir", dir, "--daemonize", "no", ...redisSettings], {
    env: { ...process.env, ...env, LC_ALL: "C" },
    stdio: ["ignore", log, log],
    detached: true,
  });
  closeSync(log);
  const failedToSpawn = await new Promise<Error | undefined>((resolve) => {
    child.once("spawn", () => resolve(undefined));
    child.once("error", resolve);
  });
  if (failedToSpawn !== undefined) return { kind: "died", log: failedToSpawn.message };
  const pid = child.pid ?? 0;
  const stopWatchdog = startWatchdog(pid);
  const stop = stopper(child, stopWatchdog);
  const deadline = Date.now() + startMs;
  while (isRunning(child) && Date.now() < deadline) {
    if (await isRedisUp(port, pid))
      return { kind: "up", redis: { url: `redis://127.0.0.1:${port}`, pid, stop } };
    await delay(20);
  }
  await stop();
  return { kind: "died", log: lastLines(readFileSync(logFile, "utf8"), 12) };
}

function stopper(child: ChildProcess, stopWatchdog: () => void): () => Promise<void> {
  const killNow = () => child.kill("SIGKILL");
  process.once("exit", killNow);
  child.once("exit", () => {
    process.removeListener("exit", killNow);
    stopWatchdog();
  });
  return async () => {
    if (!isRunning(child)) return;
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    const timer = setTimeout(killNow, 5_000);
    await exited;
    clearTimeout(timer);
  };
}

/** Ends process `pid` when this process is gone; returns how to call that off. */
function startWatchdog(pid: number): () => void {
  const script = 'read -r _; kill -TERM "$1" 2>/dev/null';
  const watchdog = spawn("/bin/sh", ["-c", script, "sh", String(pid)], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  watchdog.once("error", () => {});
  watchdog.unref();
  return () => watchdog.kill("SIGKILL");
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

function ask(port: number, commands: string): Promise<string> {
  return new Promise((resolve) => {
    let reply = "";
    const socket = connect({ host: "127.0.0.1", port }, () => socket.write(commands));
    socket.setTimeout(2_000, () => socket.destroy());
    socket.on("data", (bytes) => {
      reply += bytes.toString("latin1");
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve(reply));
  });
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("no free port on loopback");
  return address.port;
}
