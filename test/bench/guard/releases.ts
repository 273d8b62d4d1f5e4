/** Consecutive patch releases of well-known packages, as they were published; nothing of them is run. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { TestFile } from "@council/git/testing";

/** One release, taken as a patch of the one before. */
export interface Release {
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

/** Packages that are published as they are written, not as bundles; a first run asks for their versions. */
export const packages = [
  "express",
  "koa",
  "fastify",
  "ws",
  "undici",
  "webpack",
  "pino",
  "commander",
  "semver",
  "nodemailer",
  "knex",
  "eslint",
] as const;
/** The newest pairs of each. */
const pairsEach = 24;
/** So many archives are asked for in one go. */
const atOnce = 8;

export const corpora = join(import.meta.dirname, "..", "..", "..", ".council", "corpora", "npm");
const run = promisify(execFile);
const options = { maxBuffer: 64 * 1024 * 1024 };

/** Releases that follow one another with the same major and minor number. */
export async function patchReleases(name: string): Promise<Release[]> {
  const { stdout } = await run("npm", ["view", name, "versions", "--json"], options);
  const versions = (JSON.parse(stdout) as string[]).filter((each) => /^\d+\.\d+\.\d+$/.test(each));
  const next = (version: string) => version.replace(/\d+$/, (number) => String(Number(number) + 1));
  return versions
    .filter((version) => versions.includes(next(version)))
    .slice(-pairsEach)
    .map((version) => ({ name, from: version, to: next(version) }));
}

/** Fetches the archives that are not there yet; `onFetched` hears how many are. */
export async function fetchReleases(
  name: string,
  releases: readonly Release[],
  onFetched: (count: number, of: number) => void,
): Promise<void> {
  const folder = join(corpora, name);
  await mkdir(folder, { recursive: true });
  const there = new Set(await readdir(folder));
  const versions = [...new Set(releases.flatMap(({ from, to }) => [from, to]))];
  const missing = versions.filter((version) => !there.has(archiveOf(name, version)));
  for (let done = 0; done < missing.length; done += atOnce) {
    const specs = missing.slice(done, done + atOnce).map((version) => `${name}@${version}`);
    const words = ["pack", "--silent", "--ignore-scripts", ...specs];
    await run("npm", words, { cwd: folder, ...options });
    onFetched(Math.min(done + atOnce, missing.length), missing.length);
  }
}

/** What a version holds, by path. */
export async function filesOf(name: string, version: string): Promise<Record<string, TestFile>> {
  const folder = await mkdtemp(join(corpora, name, "open-"));
  await run("tar", ["-xzf", join(corpora, name, archiveOf(name, version)), "-C", folder]);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files: Record<string, TestFile> = {};
  for (const entry of entries.filter((each) => each.isFile())) {
    const path = join(entry.parentPath, entry.name);
    // Every archive has one folder at its top, whatever its name.
    files[path.slice(folder.length + 1).replace(/^[^/]+\//, "")] = await readFile(path);
  }
  await rm(folder, { recursive: true });
  return files;
}

const archiveOf = (name: string, version: string) => `${name}-${version}.tgz`;
