/** A Prometheus of our own for tests and drills: one child process, its own folder, loopback only. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { lastLines } from "./run-process.ts";

export interface PrivatePrometheus extends AsyncDisposable {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

export interface PrivatePrometheusOptions {
  /** The program, as found by `ensurePrometheus`. */
  readonly server: string;
  /** Holds configuration, data and log; made if missing. */
  readonly dir: string;
  /** What is scraped, by job name: `host:port`, one or several. */
  readonly targets: Readonly<Record<string, string | readonly string[]>>;
  readonly scrapeIntervalMs: number;
  /** Patterns of rule files, evaluated as often as is scraped; default none. */
  readonly ruleFiles?: readonly string[];
}

const startMs = 20_000;

/** Starts it and waits until it is ready. Throws with the last lines of its log when it is not in 20 s. */
export async function startPrivatePrometheus({
  server,
  dir,
  targets,
  scrapeIntervalMs,
  ruleFiles = [],
}: PrivatePrometheusOptions): Promise<PrivatePrometheus> {
  mkdirSync(dir, { recursive: true });
  const config = join(dir, "prometheus.json");
  // JSON is YAML, so nothing here has to be escaped by hand.
  const interval = `${scrapeIntervalMs}ms`;
  const jobs = Object.entries(targets).map(([job_name, target]) => ({
    job_name,
    static_configs: [{ targets: [target].flat() }],
  }));
  const global = {
    scrape_interval: interval,
    scrape_timeout: interval,
    evaluation_interval: interval,
  };
  writeFileSync(config, JSON.stringify({ global, rule_files: ruleFiles, scrape_configs: jobs }));
  const port = await freePort();
  const logFile = join(dir, "prometheus.log");
  const log = openSync(logFile, "w");
  const child = spawn(
    server,
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(dir, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: ["ignore", log, log] },
  );
  closeSync(log);
  child.once("error", () => undefined); // seen below: it never gets ready
  const killNow = () => child.kill("SIGKILL");
  process.once("exit", killNow);
  const isRunning = () =>
    child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  const stop = async () => {
    process.removeListener("exit", killNow);
    if (!isRunning()) return;
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    const timer = setTimeout(killNow, 5000);
    await exited;
    clearTimeout(timer);
  };
  const url = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + startMs;
  do {
    if (await isReady(url)) return { url, stop, [Symbol.asyncDispose]: stop };
    await delay(50);
  } while (isRunning() && Date.now() < deadline);
  await stop();
  throw new Error(`${server} did not start:\n${lastLines(readFileSync(logFile, "utf8"), 8)}`);
}

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/-/ready`, { signal: AbortSignal.timeout(2000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
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
