/**
 * The only place in Council that starts git.
 *
 * Decides: the closed environment every call runs in. Nothing of the host (system or user
 * configuration, HOME, locale, credentials helpers, hooks) and nothing of a patched repository
 * (attributes, filters, submodules, replace refs) takes part. Arguments are arrays, never a shell.
 * On failure: a non-zero exit is a value here; a missing git or an output over the cap throws.
 */
import { execa } from "execa";
import { GitError } from "./git-error.ts";

/** A bare repository Council owns, with the private directories its calls use. */
export interface Repository {
  readonly gitDir: string;
  /** An empty directory given to git as HOME. */
  readonly homeDir: string;
  /** Private indexes and scratch files live below this directory. */
  readonly tmpDir: string;
  /** Limit for one git call. */
  readonly timeoutMs: number;
  /** Extra environment for calls that reach the remote (credentials). */
  readonly remoteEnv: Readonly<Record<string, string>>;
  /** The key every commit made here is signed with; absent: commits are not signed. */
  readonly signing?: { readonly keyFile: string };
}

export interface GitCall {
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly maxOutputBytes?: number;
}

export interface GitResult {
  /** -1 when the call was killed, by the time limit or from outside. */
  readonly exitCode: number;
  readonly timedOut: boolean;
  readonly stdout: Buffer;
  readonly stderr: string;
}

const MIB = 1024 * 1024;
const DEFAULT_MAX_OUTPUT_BYTES = 256 * MIB;
const KILL_DELAY_MS = 2_000;
/** Commands of git that start helpers. */
const REMOTE_COMMANDS: ReadonlySet<string> = new Set(["fetch", "push", "ls-remote"]);

/** Given to every git command, before its name. */
export const CLOSED_CONFIG: readonly string[] = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "core.symlinks=false",
  "core.autocrlf=false",
  "core.attributesFile=/dev/null",
  "core.excludesFile=/dev/null",
  "core.protectHFS=true",
  "core.protectNTFS=true",
  "core.quotePath=false",
  "core.askPass=",
  "credential.helper=",
  "http.followRedirects=false",
  "http.lowSpeedLimit=1",
  "http.lowSpeedTime=60",
  "protocol.allow=never",
  "protocol.file.allow=always",
  "protocol.https.allow=always",
  "protocol.ssh.allow=always",
  "submodule.recurse=false",
  "fetch.recurseSubmodules=false",
  "push.recurseSubmodules=no",
  "transfer.fsckObjects=true",
  "gc.auto=0",
  "maintenance.auto=false",
  "commit.gpgSign=false",
  "push.gpgSign=false",
  "log.showSignature=false",
  "advice.detachedHead=false",
].flatMap((entry) => ["-c", entry]);

/** All a git process sees of the environment. */
export function closedEnvironment(repo: Repository): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin",
    HOME: repo.homeDir,
    XDG_CONFIG_HOME: repo.homeDir,
    GIT_DIR: repo.gitDir,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_OPTIONAL_LOCKS: "0",
    // Without an answer here ssh is refused; a mirror opened for ssh brings its own command.
    GIT_SSH_COMMAND: "false",
    LC_ALL: "C",
    TZ: "UTC",
  };
}

/**
 * Runs one git command. Promise: closed environment, time limit, output cap; a non-zero exit and a
 * time-out are values. Throws `GitError` "git-missing" or "output-too-large".
 */
export async function runGit(
  repo: Repository,
  args: readonly string[],
  call: GitCall = {},
): Promise<GitResult> {
  const hasHelpers = REMOTE_COMMANDS.has(args[0] ?? "");
  const subprocess = execa("git", [...CLOSED_CONFIG, ...args], {
    cwd: repo.homeDir,
    env: { ...closedEnvironment(repo), ...call.env },
    extendEnv: false,
    reject: false,
    encoding: "buffer",
    stripFinalNewline: false,
    // A process group of its own where git has helpers (https, ssh), which must end with it. Elsewhere not:
    // a group is a session too, and Linux gives each session its own share of the processor, whatever its nice.
    detached: hasHelpers,
    maxBuffer: { stdout: call.maxOutputBytes ?? DEFAULT_MAX_OUTPUT_BYTES, stderr: 4 * MIB },
    ...(call.input === undefined ? { stdin: "ignore" as const } : { input: call.input }),
  });
  const limit = limitTime(
    (signal) => (hasHelpers ? signalGroup(subprocess.pid, signal) : subprocess.kill(signal)),
    call.timeoutMs ?? repo.timeoutMs,
  );
  const result = await subprocess;
  limit.stop();
  const stdout = asBuffer(result.stdout);
  const stderr = asBuffer(result.stderr).toString("utf8");
  if (result.isMaxBuffer) {
    throw new GitError("output-too-large", `git ${args[0] ?? ""} wrote more than its output cap`);
  }
  if (limit.isOver()) return { exitCode: -1, timedOut: true, stdout, stderr };
  if (result.exitCode === undefined) {
    if (result.code === "ENOENT") throw new GitError("git-missing", "git could not be started");
    return { exitCode: -1, timedOut: false, stdout, stderr: `${stderr}\nfatal: git was killed` };
  }
  return { exitCode: result.exitCode, timedOut: false, stdout, stderr };
}

/** Ends git once its time is over: first asked, so that it removes its lock files, then killed. */
function limitTime(
  end: (signal: "SIGTERM" | "SIGKILL") => unknown,
  timeoutMs: number,
): { stop: () => void; isOver: () => boolean } {
  let isOver = false;
  const ask = setTimeout(() => {
    isOver = true;
    end("SIGTERM");
  }, timeoutMs);
  const kill = setTimeout(() => end("SIGKILL"), timeoutMs + KILL_DELAY_MS);
  const stop = () => {
    clearTimeout(ask);
    clearTimeout(kill);
  };
  return { stop, isOver: () => isOver };
}

function signalGroup(pid: number | undefined, signal: "SIGTERM" | "SIGKILL"): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has just ended by itself.
  }
}

/** Runs a git command that must succeed and returns its output; throws `GitError` otherwise. */
export async function gitOutput(
  repo: Repository,
  args: readonly string[],
  call: GitCall = {},
): Promise<Buffer> {
  const result = await runGit(repo, args, call);
  if (result.timedOut) throw new GitError("timeout", `git ${args[0] ?? ""} ran out of time`);
  if (result.exitCode !== 0) {
    const code = /bad object|not a valid object|Not a valid object|unknown revision/.test(
      result.stderr,
    )
      ? "missing-object"
      : "failed";
    throw new GitError(code, `git ${args[0] ?? ""}: ${reasonOf(result)}`);
  }
  return result.stdout;
}

/** As `gitOutput`, for commands that answer one line of text. */
export async function gitLine(
  repo: Repository,
  args: readonly string[],
  call: GitCall = {},
): Promise<string> {
  return (await gitOutput(repo, args, call)).toString("utf8").trim();
}

/** One printable line saying why git failed, at most 300 characters. */
export function reasonOf(result: GitResult): string {
  if (result.timedOut) return "git ran out of time";
  const lines = result.stderr.split("\n").filter((line) => line.trim() !== "");
  const line = lines.find((each) => /^(fatal|error|remote|ERROR)/.test(each)) ?? lines[0];
  const printable = (line ?? "").replaceAll(/[\p{C}]/gu, " ").trim();
  return printable === "" ? `git exited with ${result.exitCode}` : printable.slice(0, 300);
}

function asBuffer(bytes: Uint8Array | undefined): Buffer {
  if (bytes === undefined) return Buffer.alloc(0);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
