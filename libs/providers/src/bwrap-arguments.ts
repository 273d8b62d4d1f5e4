import { existsSync, lstatSync, readlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Sandbox, SandboxRun } from "./sandbox.ts";

/** Processes a run may hold at once unless it says otherwise. */
export const MAX_PROCESSES = 128;
/** Threads count as processes in the kernel's limit, and one Node has about a dozen. */
const THREADS_PER_PROCESS = 16;
const MAX_FILE_BYTES = 256 * 1024 * 1024;
const MAX_OPEN_FILES = 4096;
const TEMP_BYTES = 512 * 1024 * 1024;
const SHARED_MEMORY_BYTES = 64 * 1024 * 1024;

const NODE_DIR = "/opt/node";
const ETC_DIR = join(import.meta.dirname, "..", "etc");
/** What programs need to start. Never a whole directory that also holds keys or passwords. */
const ETC_ALWAYS = ["/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime"];
const ETC_NETWORK = [
  "/etc/resolv.conf",
  "/etc/hosts",
  "/etc/ssl/certs",
  "/etc/ssl/openssl.cnf",
  "/etc/ca-certificates",
  "/etc/pki/ca-trust/extracted",
  "/etc/pki/tls/certs",
];

/** The descriptors on which bwrap reports and is told its options, and those of the gate. */
export const STATUS_FD = 3;
const OPTIONS_FD = 4;
const START_FD = 5;
export const READY_FD = 6;
/**
 * Stands in front of the command until we let it pass, and gives up if we are gone. Each process of
 * the chain from us to the command's first one dies with the one before only once it has asked for
 * it; were we killed earlier, the command would run on with nobody to end it. bwrap reports, and
 * lets this start, after asking; its first process inside is sure to have asked when it sleeps.
 */
const GATE = [
  // In subshells, so that no variable of the command's is overwritten.
  '(until read -r pid name state rest </proc/1/stat && [ "$state" = S ]; do :; done)',
  `echo ready >&${READY_FD}`,
  `(read -r go <&${START_FD}) || exit 125`,
  `exec ${START_FD}<&- ${READY_FD}>&-`,
  'exec "$@"',
].join("; ");

/**
 * The command line of bwrap for `run`. Everyone on the host can read it, so it holds no more than
 * the command, started under the kernel's limits.
 */
export function bwrapCommandLine(run: SandboxRun, sandbox: Sandbox): string[] {
  return [
    "--args",
    String(OPTIONS_FD),
    "--",
    "/bin/sh",
    "-c",
    GATE,
    "sh",
    ...limited(run, sandbox),
  ];
}

/** The options of bwrap for `run`, as its options descriptor wants them. */
export function bwrapOptions(run: SandboxRun): Uint8Array {
  return Buffer.from(
    optionWords(run)
      .map((word) => `${word}\0`)
      .join(""),
  );
}

function optionWords(run: SandboxRun): string[] {
  return [
    ...isolation(run.network === true),
    ...environment(run),
    ...systemMounts(run.network === true),
    ...nodeMounts(),
    ...extraMounts(run),
    run.writable ? "--bind" : "--ro-bind",
    run.dir,
    "/workspace",
    "--chdir",
    "/workspace",
    // The root and /dev are memory file systems of this user's: read-only, or they could be filled.
    "--remount-ro",
    "/dev",
    "--remount-ro",
    "/",
    "--json-status-fd",
    String(STATUS_FD),
  ];
}

/**
 * The first target in `run` that may not be chosen. Under the workspace, names are in the hands of
 * whoever wrote the tree, so a mount there could be led elsewhere by a link.
 */
export function refusedTarget(run: SandboxRun): string | undefined {
  const owned = ["/workspace", "/proc", "/dev", NODE_DIR];
  const targets = [...(run.readOnlyPaths ?? []), ...(run.writablePaths ?? [])].map((path) =>
    resolve(typeof path === "string" ? path : path.to),
  );
  return targets.find(
    (target) =>
      target === "/" ||
      target === "/tmp" ||
      owned.some((path) => target === path || target.startsWith(`${path}/`)),
  );
}

function isolation(network: boolean): string[] {
  return [
    "--unshare-user",
    "--unshare-all",
    ...(network ? ["--share-net"] : []),
    // Fewer ways into the kernel: no user namespaces, hence no capabilities, further inside.
    "--disable-userns",
    "--die-with-parent",
    "--new-session",
    "--uid",
    "65534",
    "--gid",
    "65534",
    "--cap-drop",
    "ALL",
    "--hostname",
    "sandbox",
  ];
}

function environment(run: SandboxRun): string[] {
  const env = {
    PATH: `${NODE_DIR}/bin:/usr/local/bin:/usr/bin:/bin`,
    HOME: "/tmp",
    TMPDIR: "/tmp",
    LANG: "C.UTF-8",
    ...run.env,
  };
  const words = Object.entries(env).flatMap(([name, value]) => ["--setenv", name, value]);
  return ["--clearenv", ...words];
}

function systemMounts(network: boolean): string[] {
  const own = network
    ? ["passwd", "group", "nsswitch.conf"]
    : ["passwd", "group", "nsswitch.conf", "hosts"];
  const etc = network ? [...ETC_ALWAYS, ...ETC_NETWORK] : ETC_ALWAYS;
  return [
    "--ro-bind",
    "/usr",
    "/usr",
    ...["/bin", "/sbin", "/lib", "/lib32", "/lib64"].flatMap(systemDir),
    ...etc.flatMap((path) => ["--ro-bind-try", path, path]),
    ...own.flatMap((name) => ["--ro-bind", join(ETC_DIR, name), `/etc/${name}`]),
    "--proc",
    "/proc",
    "--dev",
    "/dev",
    "--size",
    String(SHARED_MEMORY_BYTES),
    "--tmpfs",
    "/dev/shm",
    "--size",
    String(TEMP_BYTES),
    "--tmpfs",
    "/tmp",
  ];
}

/** /bin and its like are links into /usr on most systems, and directories on others. */
function systemDir(path: string): string[] {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return [];
  return found.isSymbolicLink()
    ? ["--symlink", readlinkSync(path), path]
    : ["--ro-bind", path, path];
}

/**
 * This Node, so that what runs inside is what runs outside. Only the binary and its npm are shown,
 * not their prefix: that may well be a home directory.
 */
function nodeMounts(): string[] {
  const npm = join(dirname(dirname(process.execPath)), "lib", "node_modules", "npm");
  const mounts = ["--ro-bind", process.execPath, `${NODE_DIR}/bin/node`];
  if (!existsSync(npm)) return mounts;
  const shown = `${NODE_DIR}/lib/node_modules/npm`;
  const link = ["--symlink", `${shown}/bin/npm-cli.js`, `${NODE_DIR}/bin/npm`];
  return [...mounts, "--ro-bind", npm, shown, ...link];
}

function extraMounts(run: SandboxRun): string[] {
  const readOnly = (run.readOnlyPaths ?? []).flatMap((path) =>
    typeof path === "string" ? ["--ro-bind", path, path] : ["--ro-bind", path.from, path.to],
  );
  const writable = (run.writablePaths ?? []).flatMap(({ from, to }) => ["--bind", from, to]);
  return [...readOnly, ...writable];
}

function limited(run: SandboxRun, sandbox: Sandbox): string[] {
  const { maxProcesses = MAX_PROCESSES, maxFileBytes = MAX_FILE_BYTES } = run;
  // No limit on memory here: the kernel's counts what is reserved, and every thread of Node
  // reserves half a GiB it never touches. What is really used is watched instead.
  return [
    sandbox.prlimitPath,
    `--nproc=${Math.ceil(maxProcesses * THREADS_PER_PROCESS)}`,
    `--fsize=${Math.ceil(maxFileBytes)}`,
    `--nofile=${MAX_OPEN_FILES}`,
    "--core=0",
    ...(run.cpuSeconds === undefined ? [] : [`--cpu=${Math.ceil(run.cpuSeconds)}`]),
    "--",
    ...run.command,
  ];
}
