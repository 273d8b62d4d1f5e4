import { access, constants, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, isAbsolute, join } from "node:path";
import { execa } from "execa";
import { runSandboxed, type Sandbox, type SandboxSearch } from "./sandbox.ts";

const OLDEST_VERSION = "0.8.0";
const INSTALL =
  "install bubblewrap (apt-get install bubblewrap, dnf install bubblewrap) or set COUNCIL_BWRAP to its path";
const ALLOW =
  "allow unprivileged user namespaces for bwrap (sysctl kernel.unprivileged_userns_clone=1; on Ubuntu an AppArmor profile, or kernel.apparmor_restrict_unprivileged_userns=0); in a container use --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined";

/**
 * Finds bubblewrap (`bwrapPath`, else COUNCIL_BWRAP, else on PATH), version 0.8.0 or newer, and runs
 * this Node in it once with every protection on: `available` means it works, not just that it is
 * there. A path that was named but does not work is not replaced by another.
 */
export async function findSandbox(
  options: { readonly bwrapPath?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<SandboxSearch> {
  const env = options.env ?? process.env;
  const named = options.bwrapPath ?? env["COUNCIL_BWRAP"];
  const path = named || (await firstExecutable(searchPaths(env, "bwrap")));
  if (path === undefined) return unavailable("bwrap is not on PATH", INSTALL);
  if (!isAbsolute(path)) return unavailable(`not an absolute path: ${path}`, INSTALL);

  const version = await versionOf(path);
  if (version === undefined) return unavailable(`${path} is not a working bwrap`, INSTALL);
  if (version.localeCompare(OLDEST_VERSION, "en", { numeric: true }) < 0) {
    return unavailable(`bwrap ${version} is older than ${OLDEST_VERSION}`, INSTALL);
  }
  if (((await stat(path)).mode & 0o4000) !== 0) {
    // Its processes would belong to root: they could be neither watched nor ended for certain.
    return unavailable(`${path} is setuid`, `remove the bit (chmod u-s ${path}); ${ALLOW}`);
  }
  const prlimitPath = await firstExecutable(["/usr/bin/prlimit", "/bin/prlimit"]);
  if (prlimitPath === undefined) {
    return unavailable("prlimit is not installed", "install prlimit, a part of util-linux");
  }
  return await tried({ kind: "available", path, version, prlimitPath });
}

async function tried(sandbox: Sandbox): Promise<SandboxSearch> {
  const dir = await mkdtemp(join(tmpdir(), "council-sandbox-"));
  try {
    const outcome = await runSandboxed({
      sandbox,
      command: ["node", "--version"],
      dir,
      writable: false,
      timeoutMs: 20_000,
      maxOutputBytes: 4096,
    });
    if (outcome.kind === "unavailable") return unavailable(outcome.reason, ALLOW);
    if (outcome.kind === "exited" && outcome.exitCode === 0) return sandbox;
    const what = outcome.kind === "exited" ? `exit code ${outcome.exitCode}` : outcome.kind;
    return unavailable(`Node does not run in the sandbox: ${what} ${outcome.stderr.trim()}`, ALLOW);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function versionOf(path: string): Promise<string | undefined> {
  const result = await execa(path, ["--version"], {
    env: {},
    extendEnv: false,
    reject: false,
    timeout: 10_000,
    maxBuffer: 4096,
  });
  return /^bubblewrap ([0-9]+\.[0-9]+\.[0-9]+)/.exec(result.stdout ?? "")?.[1];
}

function searchPaths(env: NodeJS.ProcessEnv, program: string): string[] {
  const dirs = (env["PATH"] ?? "").split(delimiter).filter((dir) => isAbsolute(dir));
  return dirs.map((dir) => join(dir, program));
}

async function firstExecutable(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    const isExecutable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isExecutable) return path;
  }
  return undefined;
}

function unavailable(reason: string, remedy: string): SandboxSearch {
  return { kind: "unavailable", reason, remedy };
}
