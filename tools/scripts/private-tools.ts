/**
 * Finds the programs Council needs beside Node.js, or fetches a private copy into `.council/tools`.
 * Nothing here changes the system. Looking again after a fetch costs one `--version`.
 */
import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { fetchDebianTool, fetchedPath, hasDebianArchive } from "./debian-packages.ts";
import type { DebianTool } from "./debian-packages.ts";
import { isDockerUp, startDockerRedis } from "./docker-redis.ts";
import { withFolderLock } from "./folder-lock.mjs";
import { findOnPath, lastLines, runProcess } from "./run-process.ts";

export { startPrivateRedis } from "./private-redis.ts";
export type { PrivateRedis, PrivateRedisOptions } from "./private-redis.ts";

export interface ToolOptions {
  /** Receives progress, one line at a time. */
  readonly say: (line: string) => void;
  /** Default: that of this process. */
  readonly env?: NodeJS.ProcessEnv;
  /** Default: `.council/tools` of this checkout. */
  readonly toolsDir?: string;
}

export interface Program {
  readonly kind: "binary";
  readonly path: string;
  /** To be added to the environment of the program. */
  readonly env: Readonly<Record<string, string>>;
  readonly version: string;
}

export interface Unavailable {
  readonly kind: "unavailable";
  readonly reason: string;
  /** What the person can do about it, one sentence each. */
  readonly remedies: readonly string[];
}

/** A running server. `stop` is there when it was started for this call: the caller ends it. */
export interface RunningRedis {
  readonly kind: "url";
  readonly url: string;
  readonly stop?: () => Promise<void>;
}

export type Probe =
  | { readonly kind: "works"; readonly version: string }
  | { readonly kind: "broken"; readonly reason: string };
type Prober = (path: string, env: NodeJS.ProcessEnv) => Promise<Probe>;

export interface Need {
  readonly title: string;
  readonly variable: string;
  readonly names: readonly string[];
  readonly probe: Prober;
  readonly debian: readonly DebianTool[];
}

const oldestRedis = 7;

const redisNeed: Need = {
  title: "Redis",
  variable: "COUNCIL_REDIS_SERVER",
  names: ["redis-server", "valkey-server"],
  probe: probeRedis,
  debian: [
    { name: "redis", packages: ["redis-server", "redis-tools"], program: "usr/bin/redis-server" },
    {
      name: "valkey",
      packages: ["valkey-server", "valkey-tools"],
      program: "usr/bin/valkey-server",
    },
  ],
};

const bubblewrapNeed: Need = {
  title: "bubblewrap",
  variable: "COUNCIL_BWRAP",
  names: ["bwrap"],
  probe: probeBubblewrap,
  debian: [{ name: "bubblewrap", packages: ["bubblewrap"], program: "usr/bin/bwrap" }],
};

/**
 * A Redis to use: `REDIS_URL`, else a server program (`COUNCIL_REDIS_SERVER`, PATH at version 7 or
 * newer, a private copy, fetched on Debian and Ubuntu), else a container, else what to do about it.
 * Safe to call from many processes at once. Never rejects for a missing tool or network.
 */
export async function ensureRedisServer(
  options: ToolOptions,
): Promise<RunningRedis | Program | Unavailable> {
  const { say, env = process.env } = options;
  if (env["REDIS_URL"]) return { kind: "url", url: env["REDIS_URL"] };
  const found = await ensureRedisProgram(options);
  if (found.kind === "binary" || !(await isDockerUp(env))) return found;
  say("redis: starting a redis:7 container on loopback");
  const container = await startDockerRedis(env);
  if (container.kind === "up") return { kind: "url", url: container.url, stop: container.stop };
  return { ...found, reason: `${found.reason}; docker: ${container.reason}` };
}

/** The server program alone, for those who start and kill servers themselves. */
export async function ensureRedisProgram(options: ToolOptions): Promise<Program | Unavailable> {
  const found = await ensureProgram(redisNeed, options);
  if (found.kind === "binary") return found;
  const brewed = await brewRedis(options);
  return brewed ?? { ...found, remedies: redisRemedies(process.platform) };
}

/**
 * A bubblewrap that can make a sandbox here: `COUNCIL_BWRAP`, PATH, a private copy, fetched on Debian
 * and Ubuntu. Proven by making one. Linux only.
 */
export async function ensureBubblewrap(options: ToolOptions): Promise<Program | Unavailable> {
  if (process.platform !== "linux") {
    const remedies = ["Run Council in a Linux machine or container to have the sandbox."];
    return { kind: "unavailable", reason: "bubblewrap exists on Linux only", remedies };
  }
  const found = await ensureProgram(bubblewrapNeed, options);
  return found.kind === "binary" ? found : { ...found, remedies: bubblewrapRemedies(found.reason) };
}

/** `need.variable`, PATH, a private copy, fetched on Debian and Ubuntu; what does not work is said. */
export async function ensureProgram(
  need: Need,
  options: ToolOptions,
): Promise<Program | Unavailable> {
  const { say, env = process.env, toolsDir = defaultToolsDir() } = options;
  const reasons: string[] = [];
  const asked = env[need.variable];
  if (asked) {
    const probe = await need.probe(asked, env);
    if (probe.kind === "works") return program(asked, probe.version);
    return unavailable(`${need.variable}=${asked}: ${probe.reason}`);
  }
  for (const path of need.names.flatMap((name) => findOnPath(name, env) ?? [])) {
    const probe = await need.probe(path, env);
    if (probe.kind === "works") return program(path, probe.version);
    reasons.push(`${path}: ${probe.reason}`);
  }
  const fetched = await findFetched(need, toolsDir, env);
  if (fetched !== undefined) return fetched;
  if (!hasDebianArchive(env))
    return unavailable([...reasons, `${need.title} is not on PATH`].join("; "));
  for (const reason of reasons) say(`${need.title}: not usable: ${reason}`);
  const outcome = await fetchOnce(need, { say, env, toolsDir });
  return outcome.kind === "binary" ? outcome : unavailable([...reasons, outcome.reason].join("; "));
}

/** Fetches under a lock; whoever waited finds the other's copy. */
async function fetchOnce(
  need: Need,
  { say, env, toolsDir }: Required<ToolOptions>,
): Promise<Program | Unavailable> {
  const startedAt = Date.now();
  const onWait = () =>
    say(`${need.title}: waiting for another council command that is fetching tools`);
  const fetch = async () => {
    mkdirSync(toolsDir, { recursive: true });
    const found = await findFetched(need, toolsDir, env);
    if (found !== undefined) return found;
    say(`${need.title} is not installed here: fetching a private copy into ${toolsDir}`);
    const reasons: string[] = [];
    for (const tool of need.debian) {
      const result = await fetchDebianTool(toolsDir, tool, { env, say });
      const probe: Probe =
        result.kind === "fetched"
          ? await need.probe(result.path, env)
          : { kind: "broken", reason: result.reason };
      if (result.kind === "fetched" && probe.kind === "works") {
        say(
          `${need.title} ${probe.version} is ready (${((Date.now() - startedAt) / 1000).toFixed(1)} s)`,
        );
        return program(result.path, probe.version);
      }
      if (probe.kind === "broken") reasons.push(`${tool.name}: ${probe.reason}`);
    }
    return unavailable(reasons.join("; "));
  };
  try {
    return await withFolderLock(`${toolsDir}.lock`, fetch, { onWait });
  } catch (error) {
    return unavailable(`${toolsDir}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function findFetched(
  need: Need,
  toolsDir: string,
  env: NodeJS.ProcessEnv,
): Promise<Program | undefined> {
  for (const path of need.debian
    .map((tool) => fetchedPath(toolsDir, tool))
    .filter((path) => existsSync(path))) {
    const probe = await need.probe(path, env);
    if (probe.kind === "works") return program(path, probe.version);
  }
  return undefined;
}

async function probeRedis(path: string, env: NodeJS.ProcessEnv): Promise<Probe> {
  const result = await runProcess(path, ["--version"], { env });
  const version = redisVersion(result.stdout);
  if (!result.ok || version === undefined)
    return { kind: "broken", reason: lastLines(result.stderr, 2) };
  if (Number.parseInt(version, 10) >= oldestRedis) return { kind: "works", version };
  return { kind: "broken", reason: `version ${version} is older than ${oldestRedis}` };
}

async function probeBubblewrap(path: string, env: NodeJS.ProcessEnv): Promise<Probe> {
  const sandbox = [
    "--unshare-all",
    "--ro-bind",
    "/",
    "/",
    "--dev",
    "/dev",
    "--proc",
    "/proc",
    "--",
    "/bin/true",
  ];
  const [version, trial] = await Promise.all([
    runProcess(path, ["--version"], { env }),
    runProcess(path, sandbox, { env }),
  ]);
  const number = /\d+(\.\d+)+/.exec(version.stdout)?.[0];
  if (number === undefined) return { kind: "broken", reason: lastLines(version.stderr, 2) };
  if (trial.ok) return { kind: "works", version: number };
  return { kind: "broken", reason: `cannot make a sandbox: ${lastLines(trial.stderr, 2)}` };
}

/** The version in what `redis-server --version` or `valkey-server --version` prints. */
export function redisVersion(output: string): string | undefined {
  return /\bserver v=(\d+\.\d+\.\d+)/i.exec(output)?.[1];
}

/** `brew install` changes the system, so it is done only when allowed by name. */
async function brewRedis({ say, env = process.env }: ToolOptions): Promise<Program | undefined> {
  const brew = findOnPath("brew", env);
  if (brew === undefined || env["COUNCIL_ALLOW_BREW"] !== "1") return undefined;
  say("redis: brew install redis (allowed by COUNCIL_ALLOW_BREW=1)");
  await runProcess(brew, ["install", "redis"], { env, timeoutMs: 900_000 });
  const path = join(dirname(brew), "redis-server");
  const probe = await probeRedis(path, env);
  return probe.kind === "works" ? program(path, probe.version) : undefined;
}

/** What a person can do to have a Redis on `platform`. */
export function redisRemedies(platform: NodeJS.Platform): readonly string[] {
  const install =
    platform === "darwin"
      ? "Install it with `brew install redis` (or set COUNCIL_ALLOW_BREW=1 and run this again to have that done)."
      : "Install it: `sudo apt-get install redis-server`, `sudo dnf install valkey` or `sudo apk add redis`.";
  return [
    install,
    "Or start Docker, and a redis:7 container is used.",
    "Or set REDIS_URL to a Redis 7 with `maxmemory-policy noeviction` and `appendonly yes`.",
  ];
}

function bubblewrapRemedies(reason: string): readonly string[] {
  const install = "Install it: `sudo apt-get install bubblewrap` or `sudo dnf install bubblewrap`.";
  const userNamespaces =
    "This system forbids user namespaces to bubblewrap: allow them (Ubuntu: an AppArmor profile for bwrap; " +
    "a container: an engine option such as `--security-opt seccomp=unconfined`).";
  return reason.includes("cannot make a sandbox") ? [userNamespaces, install] : [install];
}

function program(path: string, version: string): Program {
  return { kind: "binary", path, env: {}, version };
}

function unavailable(reason: string): Unavailable {
  return { kind: "unavailable", reason, remedies: [] };
}

/** Native programs of two systems can share a checkout, each in a folder of its own. */
function defaultToolsDir(): string {
  const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
  return join(root, ".council", "tools", `${process.platform}-${process.arch}`);
}
