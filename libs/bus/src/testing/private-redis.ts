import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { Redis } from "ioredis";
import { repairAppendOnly } from "../repair-append-only.ts";

export { repairAppendOnly };

export interface PrivateRedis {
  readonly url: string;
  readonly port: number;
  /** Where it keeps its data. */
  readonly folder: string;
  /** kill -9: nothing is flushed or said goodbye to. */
  kill(): Promise<void>;
  /** Repairs its file and starts it again on the same port with the same data; settles when it answers. */
  restart(): Promise<void>;
  /** Stops it for good and removes its data. */
  stop(): Promise<void>;
}

export interface PrivateRedisOptions {
  /** More configuration, over the safe defaults: `{ "maxmemory-policy": "allkeys-lru" }`. */
  readonly config?: Readonly<Record<string, string>>;
}

/** The server binary: `COUNCIL_REDIS_SERVER`, else `redis-server` or `valkey-server` on the path. */
export function findRedisServer(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const named = env["COUNCIL_REDIS_SERVER"];
  if (named) return named;
  for (const folder of (env["PATH"] ?? "").split(delimiter)) {
    for (const name of ["redis-server", "valkey-server"]) {
      const file = join(folder, name);
      if (isExecutable(file)) return file;
    }
  }
  return undefined;
}

/**
 * Starts a server of one's own on a free loopback port, in a new temporary folder, durable (append only, fsync
 * always, never evicting) unless configured otherwise. Throws when there is no binary or it does not answer.
 */
export async function startPrivateRedis(options: PrivateRedisOptions = {}): Promise<PrivateRedis> {
  const binary = findRedisServer();
  if (binary === undefined) {
    throw new Error("no redis-server: set COUNCIL_REDIS_SERVER or put redis-server on the PATH");
  }
  const folder = await mkdtemp(join(tmpdir(), "council-redis-"));
  const port = await freePort();
  const config = {
    port: String(port),
    bind: "127.0.0.1",
    dir: folder,
    save: "",
    appendonly: "yes",
    appendfsync: "always",
    "maxmemory-policy": "noeviction",
    ...options.config,
  };
  const args = Object.entries(config).flatMap(([name, value]) => [`--${name}`, value]);
  const url = `redis://127.0.0.1:${port}`;
  let child: ChildProcess;
  const start = async (): Promise<void> => {
    child = spawn(binary, args, { stdio: "ignore" });
    await answered(url, child);
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.kill(signal);
    await exit;
  };
  const stop = async (): Promise<void> => {
    await end("SIGKILL");
    process.off("exit", endAtExit);
    await rm(folder, { recursive: true, force: true });
  };
  // A test run cut short must not leave servers behind.
  const endAtExit = (): void => void child.kill("SIGKILL");
  process.on("exit", endAtExit);
  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    port,
    folder,
    kill: () => end("SIGKILL"),
    restart: async () => {
      await repairAppendOnly(folder);
      await start();
    },
    stop,
  };
}

/** `REDIS_URL` when set (the caller then keeps to a key prefix of its own), else a private server. */
export async function testRedis(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const shared = process.env["REDIS_URL"];
  if (shared) return { url: shared, stop: async () => undefined };
  return startPrivateRedis();
}

async function answered(url: string, child: ChildProcess): Promise<void> {
  const redis = new Redis(url, { retryStrategy: () => 20, maxRetriesPerRequest: null });
  redis.on("error", () => undefined); // refused until it listens
  const exited = new Promise<never>((_, reject) => {
    child.once("exit", (code) => reject(new Error(`redis-server ended with ${code}`)));
    child.once("error", reject);
  });
  exited.catch(() => undefined); // only its race with the first answer matters
  try {
    await Promise.race([redis.ping(), exited]);
  } finally {
    redis.disconnect();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
