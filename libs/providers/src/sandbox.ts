/**
 * Runs a command in a bubblewrap sandbox. There is no other way to run one: without a sandbox the
 * answer is `unavailable`, never an unprotected run.
 *
 * The command sees the workspace, the host's /usr and this Node, and nothing else of the host: no
 * home, no secrets, no environment, no network unless asked for. It runs in its own process, user
 * and mount namespaces without capabilities; ending the first process ends all of them.
 *
 * What the kernel does not bound here is the disk space under a writable workspace as a whole, and
 * with `network` the command reaches what this host reaches: run the service in a container that
 * limits both.
 */
import { stat } from "node:fs/promises";
import { constants } from "node:os";
import { isAbsolute } from "node:path";
import type { Readable } from "node:stream";
import { boundedOutput } from "./bounded-output.ts";
import { refusedTarget } from "./bwrap-arguments.ts";
import { startBwrap } from "./start-bwrap.ts";
import { watchProcesses } from "./watch-processes.ts";

/** A sandbox that was tried and works on this machine. */
export interface Sandbox {
  readonly kind: "available";
  readonly path: string;
  readonly version: string;
  readonly prlimitPath: string;
}

/** Why there is no sandbox here, and what the operator can do about it. */
export type SandboxSearch =
  | Sandbox
  | { readonly kind: "unavailable"; readonly reason: string; readonly remedy: string };

/** A host path shown inside, at the same path or at `to`. */
export type ReadOnlyPath = string | { readonly from: string; readonly to: string };

export interface SandboxRun {
  readonly sandbox: SandboxSearch;
  /** Program and arguments; no shell. */
  readonly command: readonly string[];
  /** Absolute host directory, seen inside as `/workspace`, where the command starts. */
  readonly dir: string;
  readonly writable: boolean;
  /** Default false: only a private loopback interface. */
  readonly network?: boolean;
  /** The whole environment, besides PATH, HOME, TMPDIR and LANG, which it may replace. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly timeoutMs: number;
  /** Kept per stream; what is left out of the middle is counted, not stored. */
  readonly maxOutputBytes: number;
  /** Really used by all processes together, measured ten times a second. Default: unlimited. */
  readonly memoryBytes?: number;
  /** Per process. Default: unlimited; `timeoutMs` bounds the run. */
  readonly cpuSeconds?: number;
  /** Default 128. */
  readonly maxProcesses?: number;
  /** Of one written file. Default 256 MiB. */
  readonly maxFileBytes?: number;
  readonly readOnlyPaths?: readonly ReadOnlyPath[];
  readonly writablePaths?: readonly { readonly from: string; readonly to: string }[];
  /** Called with output as it arrives, for at most the first `maxOutputBytes` of each stream. */
  readonly onOutput?: (text: string, stream: "stdout" | "stderr") => void;
  readonly signal?: AbortSignal;
}

interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  /** True if output was left out of `stdout` or `stderr`. */
  readonly truncated: boolean;
  readonly durationMs: number;
}

/** `signal`: by itself or by a kernel limit; the others: by us. */
export type KillCause = "signal" | "aborted" | "memory" | "processes";

export type SandboxOutcome =
  | ({ readonly kind: "exited"; readonly exitCode: number } & Ran)
  | ({ readonly kind: "timed-out" } & Ran)
  | ({ readonly kind: "killed"; readonly signal: string; readonly cause: KillCause } & Ran)
  | { readonly kind: "unavailable"; readonly reason: string };

type Stop = "timed-out" | Exclude<KillCause, "signal">;

/**
 * Runs `run.command` to its end and answers with what became of it. When the answer is there, no
 * process of the run is left. A request that cannot be honoured (no sandbox, no workspace, a bad
 * name) is `unavailable`; a program that cannot be started exits with 126 or 127.
 */
export async function runSandboxed(run: SandboxRun): Promise<SandboxOutcome> {
  if (run.sandbox.kind === "unavailable") {
    return { kind: "unavailable", reason: run.sandbox.reason };
  }
  const refusal = await refusalOf(run);
  if (refusal !== undefined) return { kind: "unavailable", reason: refusal };
  if (run.signal?.aborted === true) {
    const nothing = { stdout: "", stderr: "", truncated: false, durationMs: 0 };
    return { kind: "killed", signal: "SIGKILL", cause: "aborted", ...nothing };
  }
  return await runBwrap(run, run.sandbox);
}

async function runBwrap(run: SandboxRun, sandbox: Sandbox): Promise<SandboxOutcome> {
  const startedAt = performance.now();
  const bwrap = startBwrap(run, sandbox);
  let stop: Stop | undefined;
  const end = (why: Stop): void => {
    stop ??= why;
    bwrap.end();
  };
  const timer = setTimeout(() => end("timed-out"), run.timeoutMs);
  const abort = (): void => end("aborted");
  run.signal?.addEventListener("abort", abort, { once: true });
  const stdout = collect(bwrap.stdout, run, "stdout");
  const stderr = collect(bwrap.stderr, run, "stderr");
  let unwatch = (): void => {};
  void bwrap.pid.then((pid) => {
    if (pid !== undefined) unwatch = watchProcesses(pid, run, end);
  });

  const result = await bwrap.ended;
  clearTimeout(timer);
  run.signal?.removeEventListener("abort", abort);
  unwatch();

  const ran: Ran = {
    stdout: stdout.text(),
    stderr: stderr.text(),
    truncated: stdout.isTruncated() || stderr.isTruncated(),
    durationMs: performance.now() - startedAt,
  };
  if (stop === "timed-out") return { kind: "timed-out", ...ran };
  if (stop !== undefined) return { kind: "killed", signal: "SIGKILL", cause: stop, ...ran };
  if (!result.hasStarted) {
    const why = ran.stderr.trim() || result.failure || "bwrap ended without a word";
    return { kind: "unavailable", reason: `the sandbox could not be set up: ${why}` };
  }
  return ended(result.exitCode, result.signal, ran);
}

/** bwrap reports a command that died of a signal as 128 + its number, as a shell does. */
function ended(exitCode: number | undefined, signal: string | undefined, ran: Ran): SandboxOutcome {
  if (exitCode === undefined) {
    return { kind: "killed", signal: signal ?? "SIGKILL", cause: "signal", ...ran };
  }
  const name = Object.entries(constants.signals).find(([, code]) => code === exitCode - 128)?.[0];
  return name === undefined
    ? { kind: "exited", exitCode, ...ran }
    : { kind: "killed", signal: name, cause: "signal", ...ran };
}

function collect(source: Readable, run: SandboxRun, stream: "stdout" | "stderr") {
  const output = boundedOutput(run.maxOutputBytes, (text) => run.onOutput?.(text, stream));
  source.on("data", output.add);
  return output;
}

async function refusalOf(run: SandboxRun): Promise<string | undefined> {
  const env = Object.entries(run.env ?? {});
  const shown = [...(run.readOnlyPaths ?? []), ...(run.writablePaths ?? [])].flatMap((path) =>
    typeof path === "string" ? [path] : [path.from, path.to],
  );
  const words = [...run.command, ...env.flat(), run.dir, ...shown];
  if (words.some((word) => word.includes("\0"))) return "a NUL byte in the request";
  if (run.command.length === 0) return "the command is empty";
  const badName = env.find(([name]) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
  if (badName !== undefined) return `not the name of an environment variable: ${badName[0]}`;
  const limits = [run.timeoutMs, run.maxOutputBytes, run.maxProcesses, run.memoryBytes];
  if (
    [...limits, run.cpuSeconds, run.maxFileBytes].some(
      (limit) => limit !== undefined && !(limit > 0),
    )
  ) {
    return "a limit is not above zero";
  }
  const relative = shown.find((path) => !isAbsolute(path));
  if (relative !== undefined) return `not an absolute path: ${relative}`;
  const target = refusedTarget(run);
  if (target !== undefined) return `nothing may be shown at ${target}`;
  return await refusedWorkspace(run.dir);
}

async function refusedWorkspace(dir: string): Promise<string | undefined> {
  if (!isAbsolute(dir)) return `the workspace is not an absolute path: ${dir}`;
  const found = await stat(dir).catch(() => undefined);
  return found?.isDirectory() === true ? undefined : `the workspace is not a directory: ${dir}`;
}
