import type { Readable } from "node:stream";
import { execa } from "execa";
import { bwrapCommandLine, bwrapOptions, READY_FD, STATUS_FD } from "./bwrap-arguments.ts";
import { bwrapStatus } from "./bwrap-status.ts";
import type { Sandbox, SandboxRun } from "./sandbox.ts";

/** How long setting up a sandbox may go on after it was told to end. */
const SETUP_GRACE_MS = 5_000;

/** A sandbox from its start to its end; owns its processes. */
export interface BwrapProcess {
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** The first process inside, as the host counts; nothing if there never was one. */
  readonly pid: Promise<number | undefined>;
  /** Ends all processes of the sandbox; one that is still being set up starts no command. */
  readonly end: () => void;
  readonly ended: Promise<BwrapEnd>;
}

export interface BwrapEnd {
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  /** False: the sandbox itself failed, and the exit code is not the command's. */
  readonly hasStarted: boolean;
  readonly failure: string | undefined;
}

/** Starts `run` in bwrap. */
export function startBwrap(run: SandboxRun, sandbox: Sandbox): BwrapProcess {
  const gate = Promise.withResolvers<boolean>();
  const child = Promise.withResolvers<number | undefined>();
  const subprocess = execa(sandbox.path, bwrapCommandLine(run, sandbox), {
    // The sandbox can read the starting environment of bwrap itself: it must be empty.
    env: {},
    extendEnv: false,
    cwd: "/",
    stdio: [
      Buffer.from(run.stdin ?? ""),
      "pipe",
      "pipe",
      "pipe",
      bwrapOptions(run),
      startLine(gate.promise),
      "pipe",
    ],
    encoding: "buffer",
    buffer: false,
    reject: false,
  });
  const status = bwrapStatus(subprocess.stdio[STATUS_FD], child.resolve);
  let isReady = false;
  let lastResort: NodeJS.Timeout | undefined;
  subprocess.stdio[READY_FD].once("data", () => {
    isReady = true;
    gate.resolve(true);
  });
  // Without bwrap nobody waits at the gate or for the number, but both waits must come to an end.
  subprocess.stdio[STATUS_FD].once("close", () => {
    gate.resolve(false);
    child.resolve(undefined);
  });

  const kill = (): void => {
    // With --die-with-parent this ends the first process inside, and the kernel ends all others.
    subprocess.kill("SIGKILL");
  };
  const end = (): void => {
    // Ended half-way, bwrap would leave a process that waits for it for ever: the gate ends it.
    gate.resolve(false);
    if (isReady) kill();
    else lastResort ??= setTimeout(kill, SETUP_GRACE_MS);
  };
  const ended = async (): Promise<BwrapEnd> => {
    const { exitCode, signal, shortMessage } = await subprocess;
    clearTimeout(lastResort);
    return { exitCode, signal, hasStarted: status.hasStarted(), failure: shortMessage };
  };
  const { stdout, stderr } = subprocess;
  return { stdout, stderr, pid: child.promise, end, ended: ended() };
}

/** What the gate in front of the command reads: a line, or nothing if it may not start. */
async function* startLine(mayStart: Promise<boolean>): AsyncGenerator<string> {
  if (await mayStart) yield "go\n";
}
