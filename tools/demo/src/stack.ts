/**
 * A whole Council on this machine: every service as a process of its own, kept alive.
 *
 * The stack owns the processes and their folder, not the Redis. Killing any of them changes nothing
 * in the outcome (P1, P8): it is started again and goes on from what Redis and git hold.
 */
import { readFile } from "node:fs/promises";
import { loadavg } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { freePorts } from "./free-port.ts";
import { planProcesses, prepareStack, processNames } from "./stack-plan.ts";
import type { StackOptions, StackSecrets } from "./stack-plan.ts";
import type { ProcessEvent, Supervised } from "./supervise.ts";
import { supervise } from "./supervise.ts";

export type { BuilderPlan, StackOptions, StackSecrets } from "./stack-plan.ts";
export { freePorts } from "./free-port.ts";
export type { ProcessEvent, Supervised } from "./supervise.ts";
export { supervise } from "./supervise.ts";
export type { GatewayAccess, GatewayClient, GatewayReply } from "./gateway-client.ts";
export { gatewayClient } from "./gateway-client.ts";

export interface StackProcess {
  readonly name: string;
  /** Undefined while it is being started again. */
  readonly pid: number | undefined;
  readonly restarts: number;
  readonly opsUrl: string;
  readonly logFile: string;
}

export interface Stack {
  /** Where the gateway and the console answer. */
  readonly url: string;
  readonly dir: string;
  readonly secrets: StackSecrets;
  readonly processes: () => readonly StackProcess[];
  /** Signals a process by its name; false when it is not running. Throws for an unknown name. */
  readonly kill: (name: string, signal?: NodeJS.Signals) => boolean;
  /** Resolves when every process (or the named one) answers that it is ready. Throws StackError. */
  readonly ready: (input?: { name?: string; timeoutMs?: number }) => Promise<void>;
  /** Ends every process in good order and starts it with this added to its environment; resolves when all are ready. */
  readonly restart: (env: Readonly<Record<string, string>>) => Promise<void>;
  /** SIGTERM to all, SIGKILL after 10 s. May be called again. */
  readonly stop: () => Promise<void>;
}

export type StackErrorCode = "configuration-refused" | "not-ready" | "unknown-process";

export class StackError extends Error {
  readonly code: StackErrorCode;
  constructor(code: StackErrorCode, message: string) {
    super(message);
    this.name = "StackError";
    this.code = code;
  }
}

/** On a busy machine a first start compiles everything for more than a minute. */
const startTimeoutMs = 180_000;
const readyPollMs = 50;

/**
 * Starts every service and resolves when all are ready. Throws StackError with the end of the log of
 * what did not become ready within three minutes; nothing is left running then.
 */
export async function startStack(
  options: StackOptions & {
    /** Told of every start and end of a process. */
    readonly onLog?: (event: ProcessEvent) => void;
  },
): Promise<Stack> {
  const secrets = prepareStack(options);
  const free = await freePorts(processNames(options).length);
  const ports = options.httpPort === undefined ? free : [options.httpPort, ...free.slice(1)];
  const begin = (env: Readonly<Record<string, string>> = {}) =>
    planProcesses({ ...options, env: { ...options.env, ...env } }, secrets, ports).map((plan) => ({
      plan,
      supervised: supervise(plan, options.onLog),
    }));
  let running = begin();
  const find = (name: string): Supervised => {
    const found = running.find(({ plan }) => plan.name === name);
    if (found === undefined)
      throw new StackError("unknown-process", `no process is called ${name}`);
    return found.supervised;
  };
  const stop = async (): Promise<void> => {
    await Promise.all(running.map(({ supervised }) => supervised.stop()));
  };
  const stack: Stack = {
    url: `http://127.0.0.1:${ports[0]}`,
    dir: options.dir,
    secrets,
    processes: () =>
      running.map(({ plan, supervised }) => ({
        name: plan.name,
        pid: supervised.pid(),
        restarts: supervised.restarts(),
        opsUrl: `http://127.0.0.1:${plan.opsPort}`,
        logFile: plan.logFile,
      })),
    kill: (name, signal = "SIGKILL") => find(name).kill(signal),
    ready: async ({ name, timeoutMs = startTimeoutMs } = {}) => {
      if (name !== undefined) find(name);
      const awaited = running.filter(({ plan }) => name === undefined || plan.name === name);
      const deadline = Date.now() + timeoutMs;
      await Promise.all(
        awaited.map(({ plan, supervised }) => untilReady(supervised, plan.opsPort, { deadline })),
      );
    },
    restart: async (env) => {
      await stop();
      running = begin(env);
      await stack.ready();
    },
    stop,
  };
  try {
    await stack.ready();
    return stack;
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Resolves when the process answers on loopback that it is ready, or when `signal` is aborted. Throws
 * StackError with the end of its log when it refuses its configuration, or at `deadline` (epoch ms).
 */
export async function untilReady(
  { name, logFile, pid, failure }: Supervised,
  port: number,
  { deadline, signal }: { readonly deadline: number; readonly signal?: AbortSignal },
): Promise<void> {
  while (!signal?.aborted) {
    const failed = failure();
    if (failed !== undefined)
      throw new StackError(
        "configuration-refused",
        `${name} refuses its configuration (${failed}):\n${await tail(logFile)}`,
      );
    if (pid() !== undefined && (await isReady(port))) return;
    if (Date.now() > deadline)
      throw new StackError(
        "not-ready",
        `${name} did not become ready ${await whyNotReady(logFile)}`,
      );
    await delay(readyPollMs);
  }
}

async function isReady(port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`, {
      signal: AbortSignal.timeout(2000),
    });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}

/** A log that is still empty says that the process was not given the time to begin. */
async function whyNotReady(logFile: string): Promise<string> {
  const last = await tail(logFile);
  const load = loadavg()[0]?.toFixed(1);
  return last === ""
    ? `in time; it has said nothing yet, and the load is ${load}`
    : `in time:\n${last}`;
}

async function tail(path: string): Promise<string> {
  const text = await readFile(path, "utf8").catch(() => "");
  return text.trimEnd().split("\n").slice(-15).join("\n");
}
