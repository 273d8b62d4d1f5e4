/**
 * Runs an installation in one terminal: every service as a process that is started again whenever it ends.
 * Owns all of them: they end with it, however it ends. Killing any changes nothing in the outcome (P1, P8).
 */
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import {
  freePorts,
  type ProcessEvent,
  StackError,
  type Supervised,
  supervise,
  untilReady,
} from "@council/demo/stack";
import { ensureConsole } from "@council/scripts/build-console.ts";
import { ensureBubblewrap } from "@council/scripts/private-tools.ts";
import { CommandError, exitCodes } from "../exit-codes.ts";
import { report, say } from "../terminal.ts";
import { examineInstallation } from "./examine-folder.ts";
import { findingText } from "./finding-text.ts";
import type { InstalledProcess } from "./plan-processes.ts";
import { type Installation, readInstallation } from "./read-installation.ts";

const checkout = join(import.meta.dirname, "..", "..", "..", "..");
const startMs = 120_000;

/** Resolves when it was told to stop and everything has. Throws CommandError when it cannot be up. */
export async function runInstallation(path: string, isQuiet: boolean): Promise<void> {
  const folder = resolve(path);
  const ended = new AbortController();
  const { signal } = ended;
  process.once("SIGINT", () => ended.abort());
  process.once("SIGTERM", () => ended.abort());
  const installation = await readInstallation(folder);
  await refuseFaults(installation);
  const page = await ensureConsole({ say: report });
  if (page.kind === "failed") report(`the console is not built: ${page.reason}`);
  await mkdir(join(folder, "logs"), { recursive: true });
  if (signal.aborted) return;
  await using resources = new AsyncDisposableStack();
  const count = await startAll(installation, resources, signal);
  if (signal.aborted) return;
  const url = `http://127.0.0.1:${installation.httpPort}`;
  say(`${count} services are up: ${url} (logs in ${join(folder, "logs")}); Ctrl-C ends them`);
  if (!isQuiet) await showEvents(folder, url, signal);
  if (!signal.aborted) await once(signal, "abort");
  report("stopping");
}

/** Shows what the doctor finds; what no service could start with ends it here. */
async function refuseFaults(installation: Installation): Promise<void> {
  const findings = await examineInstallation(installation);
  const faults = findings.filter(({ kind }) => kind !== "ok");
  for (const finding of faults) report(findingText(finding));
  if (faults.some(({ name, kind }) => name === "redis" && kind === "fault"))
    throw new CommandError("no", "nothing is started without a Redis that keeps what it is given");
  // Another gateway there would answer in place of ours.
  const port = installation.httpPort;
  if (!(await isFree(port)))
    throw new CommandError(
      "no",
      `port ${port} is taken: end what listens there, or choose another httpPort in council.yaml`,
    );
}

function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  return new Promise((done) => {
    probe.once("error", () => done(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => done(true)));
  });
}

/** Resolves to how many run, when all are ready or `signal` is aborted. */
async function startAll(
  { folder, processes, httpPort }: Installation,
  resources: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<number> {
  const sandbox = await ensureBubblewrap({ say: report });
  const env = {
    ...inherited(),
    ...(sandbox.kind === "binary" ? { COUNCIL_BWRAP: sandbox.path } : {}),
    COUNCIL_PARENT_PID: String(process.pid),
    // What one process compiled the others read: they start sooner.
    NODE_COMPILE_CACHE: join(checkout, ".council", "compile-cache"),
  };
  const ports = await freePorts(processes.length);
  const tell = (event: ProcessEvent): void => {
    if (event.kind === "started" || signal.aborted) return;
    const next = event.restartInMs === undefined ? "for good" : "and is started again";
    report(`${event.name} ended ${next} (${event.how}); see logs/${event.name}.log`);
  };
  const running = processes.map((each, at) => {
    // No two processes of one machine can have the same.
    const opsPort = each.env["COUNCIL_OPS_PORT"] ?? String(ports[at]);
    const own = { ...env, COUNCIL_OPS_PORT: opsPort, ...each.env };
    const supervised = startProcess(each, { folder, env: own, tell });
    const port = each.service === "gateway" ? httpPort : Number(opsPort);
    return { supervised, port };
  });
  resources.defer(async () => {
    await Promise.all(running.map(({ supervised }) => supervised.stop()));
  });
  const deadline = Date.now() + startMs;
  try {
    await Promise.all(
      running.map(({ supervised, port }) => untilReady(supervised, port, { deadline, signal })),
    );
  } catch (error) {
    if (!(error instanceof StackError)) throw error;
    const exit = error.code === "configuration-refused" ? "configuration" : "no";
    throw new CommandError(exit, error.message);
  }
  return running.length;
}

function startProcess(
  { name, service }: InstalledProcess,
  run: {
    readonly folder: string;
    readonly env: Readonly<Record<string, string>>;
    readonly tell: (event: ProcessEvent) => void;
  },
): Supervised {
  return supervise(
    {
      name,
      args: [join(checkout, "services", service, "src", "main.ts")],
      cwd: run.folder,
      logFile: join(run.folder, "logs", `${name}.log`),
      finalExitCodes: [exitCodes.configuration.code],
      env: run.env,
    },
    run.tell,
  );
}

const inherited = () =>
  Object.fromEntries(
    Object.entries(process.env).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );

/** Without an operator token there are none to show; the services run all the same. */
async function showEvents(folder: string, url: string, signal: AbortSignal): Promise<void> {
  const [{ followAll }, { readClientSettings }] = await Promise.all([
    import("../follow-all.ts"),
    import("../client-settings.ts"),
  ]);
  const { operatorToken: token } = await readClientSettings(folder);
  try {
    await followAll({ url, token }, { signal });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    report(error.message);
  }
}
