/**
 * Fetches a tool from the Debian or Ubuntu archive into a folder of this checkout, leaving the system
 * as it is and needing no root: apt gets lists and a cache of its own there, and packages are
 * unpacked, never installed. Archive signatures are checked by apt with the system's own keys.
 *
 * A fetched tool is a folder `bin` (a wrapper that sets the library path) and `root` (the unpacked
 * packages). It is built beside its final place and renamed, so an interrupted fetch leaves nothing
 * that looks complete. The caller holds the lock of the tools folder.
 */
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { findOnPath, lastLines, runProcess } from "./run-process.ts";

export interface DebianTool {
  /** Name of the tool's folder. */
  readonly name: string;
  readonly packages: readonly string[];
  /** Path of the program inside the unpacked packages. */
  readonly program: string;
  /** More programs of the same packages, each with a wrapper of its own. */
  readonly alongside?: readonly string[];
}

export type FetchResult =
  | { readonly kind: "fetched"; readonly path: string }
  | { readonly kind: "failed"; readonly reason: string };

interface Fetch {
  readonly tool: DebianTool;
  readonly folder: string;
  readonly root: string;
  readonly debs: string;
  readonly aptConfig: string;
  readonly env: NodeJS.ProcessEnv;
  readonly say: (line: string) => void;
}

const dependencyRounds = 5;

/** Whether this system has apt and dpkg, and so an archive to fetch from. */
export function hasDebianArchive(env: NodeJS.ProcessEnv): boolean {
  return ["apt-get", "dpkg", "dpkg-deb", "ldd"].every(
    (name) => findOnPath(name, env) !== undefined,
  );
}

/** Where a fetched tool's program is (or would be) inside `toolsDir`. */
export function fetchedPath(toolsDir: string, tool: DebianTool): string {
  return join(toolsDir, tool.name, "bin", basename(tool.program));
}

/** Downloads and unpacks `tool` and the shared libraries this system lacks. */
export async function fetchDebianTool(
  toolsDir: string,
  tool: DebianTool,
  { env, say }: { readonly env: NodeJS.ProcessEnv; readonly say: (line: string) => void },
): Promise<FetchResult> {
  removeLeftovers(toolsDir, tool);
  // A name of its own: a killed command can leave an apt behind that still writes into its folder.
  const folder = join(toolsDir, `${tool.name}.tmp-${randomUUID()}`);
  const target = join(toolsDir, tool.name);
  const fetch: Fetch = {
    tool,
    folder,
    root: join(folder, "root"),
    debs: join(folder, "debs"),
    aptConfig: writeAptConfig(folder),
    env,
    say,
  };
  for (const path of [fetch.root, fetch.debs, join(folder, "bin")])
    mkdirSync(path, { recursive: true });
  const failure = await fill(fetch);
  if (failure !== undefined) {
    rmSync(folder, { recursive: true, force: true });
    return { kind: "failed", reason: failure };
  }
  for (const path of [fetch.debs, join(folder, "apt")])
    rmSync(path, { recursive: true, force: true });
  rmSync(target, { recursive: true, force: true });
  renameSync(folder, target);
  return { kind: "fetched", path: fetchedPath(toolsDir, tool) };
}

function removeLeftovers(toolsDir: string, { name }: DebianTool): void {
  for (const entry of readdirSync(toolsDir).filter((each) => each.startsWith(`${name}.tmp-`))) {
    try {
      rmSync(join(toolsDir, entry), { recursive: true, force: true });
    } catch {
      // Still being written to; the next fetch removes it.
    }
  }
}

/** The reason it failed, or undefined when the tool's folder is complete. */
async function fill(fetch: Fetch): Promise<string | undefined> {
  const { tool, say } = fetch;
  say(
    `${tool.name}: reading the package index (no root needed, nothing is installed in the system)`,
  );
  const update = await apt(fetch, ["update"]);
  say(`${tool.name}: downloading ${tool.packages.join(", ")}`);
  const download = await apt(fetch, ["download", ...tool.packages]);
  // One broken source among several makes `update` fail; what counts is whether the packages came.
  if (!download.ok)
    return lastLines(
      `${lastLines(update.stderr, 2)}
${download.stderr}`,
      4,
    );
  const unpacked = await unpackAll(fetch);
  if (unpacked !== undefined) return unpacked;
  const missing = await addLibraries(fetch);
  if (missing.length > 0) return `shared libraries are missing: ${missing.join(", ")}`;
  for (const program of [tool.program, ...(tool.alongside ?? [])]) writeWrapper(fetch, program);
  return undefined;
}

async function addLibraries(fetch: Fetch): Promise<readonly string[]> {
  const seen = new Set(fetch.tool.packages);
  for (let round = 0; ; round += 1) {
    const missing = await missingLibraries(fetch);
    if (missing.length === 0 || round === dependencyRounds) return missing;
    const wanted = (await dependencies(fetch)).filter((name) => !seen.has(name));
    if (wanted.length === 0) return missing;
    fetch.say(`${fetch.tool.name}: adding ${wanted.join(", ")}`);
    for (const name of wanted) {
      seen.add(name);
      // A name may be virtual or from another release; the next look at the program tells if it mattered.
      await apt(fetch, ["download", name]);
    }
    await unpackAll(fetch);
  }
}

async function unpackAll({ debs, root, env }: Fetch): Promise<string | undefined> {
  for (const deb of debFiles(debs)) {
    const result = await runProcess("dpkg", ["-x", deb, root], { env });
    if (!result.ok) return `cannot unpack ${basename(deb)}: ${lastLines(result.stderr, 2)}`;
  }
  return undefined;
}

async function missingLibraries({ tool, root, env }: Fetch): Promise<readonly string[]> {
  const path = libraryFolders(root).join(":");
  const libraries = path === "" ? {} : { LD_LIBRARY_PATH: path };
  const result = await runProcess("ldd", [join(root, tool.program)], {
    env: { ...env, ...libraries },
  });
  return missingFromLdd(result.stdout);
}

/** Library packages that the downloaded ones ask for and the system does not have. */
async function dependencies({ debs, env }: Fetch): Promise<readonly string[]> {
  const names = new Set<string>();
  for (const deb of debFiles(debs)) {
    const { stdout } = await runProcess("dpkg-deb", ["-f", deb, "Depends"], { env });
    for (const name of libraryPackages(stdout)) names.add(name);
  }
  const absent: string[] = [];
  for (const name of names) {
    const status = await runProcess("dpkg-query", ["-W", "-f", "${db:Status-Status}", name], {
      env,
    });
    if (!status.stdout.includes("installed") || status.stdout.includes("not-installed"))
      absent.push(name);
  }
  return absent;
}

function apt({ aptConfig, debs, env }: Fetch, args: readonly string[]) {
  const timeoutMs = 300_000;
  const settings = { ...env, DEBIAN_FRONTEND: "noninteractive" };
  return runProcess("apt-get", ["-q", "-c", aptConfig, ...args], {
    cwd: debs,
    env: settings,
    timeoutMs,
  });
}

/** Hooks are cleared because the system's own would touch the system's cache. */
function writeAptConfig(folder: string): string {
  const home = join(folder, "apt");
  for (const name of ["lists/partial", "cache/archives/partial"]) {
    mkdirSync(join(home, name), { recursive: true });
  }
  const file = join(home, "apt.conf");
  const lines = [
    `Dir::State::lists "${join(home, "lists")}";`,
    `Dir::Cache "${join(home, "cache")}";`,
    `APT::Sandbox::User "root";`,
    `Acquire::Languages "none";`,
    `Acquire::Retries "2";`,
    `Acquire::http::Timeout "20";`,
    `Acquire::https::Timeout "20";`,
    `#clear APT::Update::Pre-Invoke;`,
    `#clear APT::Update::Post-Invoke;`,
    `#clear APT::Update::Post-Invoke-Success;`,
  ];
  writeFileSync(file, `${lines.join("\n")}\n`);
  return file;
}

function writeWrapper({ folder, root }: Fetch, program: string): void {
  const here = '$(CDPATH="" cd -- "$(dirname -- "$0")/.." && pwd)';
  const folders = libraryFolders(root).map((path) => `$here/${relative(folder, path)}`);
  const libraries =
    folders.length === 0
      ? ""
      : `LD_LIBRARY_PATH="${folders.join(":")}\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"\nexport LD_LIBRARY_PATH\n`;
  const script = `#!/bin/sh\nhere=${here}\n${libraries}exec "$here/root/${program}" "$@"\n`;
  writeFileSync(join(folder, "bin", basename(program)), script, { mode: 0o755 });
}

/** Folders with shared libraries; some packages keep theirs in one of their own below the usual ones. */
function libraryFolders(root: string): readonly string[] {
  const below = (path: string) =>
    readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(path, entry.name));
  const tops = ["usr/lib", "lib"]
    .map((name) => join(root, name))
    .filter((path) => existsSync(path));
  const second = tops.flatMap(below);
  return [...tops, ...second, ...second.flatMap(below)].filter((path) =>
    readdirSync(path).some((name) => /^lib.*\.so(\.|$)/.test(name)),
  );
}

function debFiles(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".deb"))
    .map((name) => join(folder, name));
}

/** The sonames that `ldd` could not find. */
export function missingFromLdd(output: string): readonly string[] {
  return [...output.matchAll(/^\s*(\S+) => not found$/gm)].flatMap(([, name]) => name ?? []);
}

/**
 * Library packages named in a `Depends` field: the first of each group of alternatives, without
 * version or architecture. The C library is never one: it must match the system's own loader.
 */
export function libraryPackages(depends: string): readonly string[] {
  return depends
    .split(",")
    .map((group) => group.trim().split(/[\s(:|]/)[0] ?? "")
    .filter((name) => /^(lib|lua)/.test(name) && !/^libc(6|-bin)/.test(name));
}
