/**
 * Keeps one child process alive: whatever ends it, it is started again, until `stop`.
 *
 * The child leads its own process group, so that a Ctrl-C meant for the owner does not stop it before
 * the owner has. It writes straight into its log file: a busy owner never slows it down.
 */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { lowerPriority } from "./lower-priority.ts";

export interface ProcessPlan {
  readonly name: string;
  /** Arguments for this very Node.js. */
  readonly args: readonly string[];
  /** The whole environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Appended to by every life of the process. */
  readonly logFile: string;
  /** Above 0 it stands back behind other processes; default 0. */
  readonly niceness?: number;
  /** An exit with one of these codes is final: starting again would end the same way. */
  readonly finalExitCodes?: readonly number[];
}

export type ProcessEvent =
  | { readonly kind: "started"; readonly name: string; readonly pid: number }
  | {
      readonly kind: "ended";
      readonly name: string;
      readonly how: string;
      /** Absent when it is not started again. */
      readonly restartInMs?: number;
    };

export interface Supervised {
  readonly name: string;
  readonly logFile: string;
  /** Of the present life; undefined between two lives and after the end. */
  readonly pid: () => number | undefined;
  /** How often it was started again. */
  readonly restarts: () => number;
  /** How it ended for good without being asked to, if it did. */
  readonly failure: () => string | undefined;
  /** False when there is no process to signal. */
  readonly kill: (signal: NodeJS.Signals) => boolean;
  /** SIGTERM, after `graceMs` SIGKILL; resolves when the process is gone for good. */
  readonly stop: (graceMs?: number) => Promise<void>;
}

const firstBackoffMs = 100;
const longestBackoffMs = 2000;
/** A life longer than this clears the backoff. */
const healthyMs = 5000;

/** Starts the process now and again after each end, waiting 100 ms, then twice as long, up to 2 s. */
export function supervise(
  plan: ProcessPlan,
  onEvent: (event: ProcessEvent) => void = () => {},
): Supervised {
  let child: ChildProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  let backoffMs = firstBackoffMs;
  let restarts = 0;
  let failure: string | undefined;
  let isStopping = false;
  const gone = Promise.withResolvers<void>();

  const ended = (how: string, code: number | null, livedMs: number): void => {
    child = undefined;
    if (isStopping) {
      onEvent({ kind: "ended", name: plan.name, how });
      return gone.resolve();
    }
    if (code !== null && plan.finalExitCodes?.includes(code)) {
      failure = how;
      onEvent({ kind: "ended", name: plan.name, how });
      return gone.resolve();
    }
    if (livedMs >= healthyMs) backoffMs = firstBackoffMs;
    onEvent({ kind: "ended", name: plan.name, how, restartInMs: backoffMs });
    timer = setTimeout(() => {
      restarts += 1;
      start();
    }, backoffMs);
    backoffMs = Math.min(backoffMs * 2, longestBackoffMs);
  };
  const start = (): void => {
    const startedAt = Date.now();
    const started = spawnLogged(plan);
    child = started.child;
    child.once("spawn", () => {
      onEvent({ kind: "started", name: plan.name, pid: started.child.pid ?? 0 });
    });
    void started.end.then(({ how, code }) => ended(how, code, Date.now() - startedAt));
  };
  start();

  return {
    name: plan.name,
    logFile: plan.logFile,
    pid: () => child?.pid,
    restarts: () => restarts,
    failure: () => failure,
    kill: (signal) => child?.kill(signal) ?? false,
    stop: async (graceMs = 10_000) => {
      isStopping = true;
      clearTimeout(timer);
      if (child === undefined) return;
      child.kill("SIGTERM");
      const killer = setTimeout(() => child?.kill("SIGKILL"), graceMs);
      await gone.promise;
      clearTimeout(killer);
    },
  };
}

interface End {
  readonly how: string;
  /** Null when a signal ended it, or when it never ran. */
  readonly code: number | null;
}

function spawnLogged(plan: ProcessPlan): { child: ChildProcess; end: Promise<End> } {
  const log = openSync(plan.logFile, "a");
  const child = spawn(process.execPath, plan.args, {
    cwd: plan.cwd,
    env: plan.env,
    stdio: ["ignore", log, log],
    detached: true,
  });
  closeSync(log);
  if (plan.niceness !== undefined) lowerPriority(child.pid, plan.niceness);
  const { promise: end, resolve } = Promise.withResolvers<End>();
  child.once("error", (error) => resolve({ how: error.message, code: null }));
  child.once("exit", (code, signal) => resolve({ how: signal ?? `exit code ${code}`, code }));
  return { child, end };
}
