/**
 * How often the rules are wrong about good changes: consecutive patch releases of well-known packages,
 * each taken as a patch of the one before. Started by `npm run bench:guard`, which fetches them with npm
 * into `.council/corpora` the first time. Nothing of a package is run; nothing here passes or fails.
 */
import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  allRules,
  applyRules,
  judgementOf,
  readAuditedChange,
  type RuleInput,
  unread,
} from "@council/auditor/guard";
import type { Finding } from "@council/domain";
import { sha256Hex } from "@council/evidence";
import { diffBytes, fetchBranches } from "@council/git";
import { type TestFile, testRemote } from "@council/git/testing";
import { digits, percentile, printTable } from "./report.ts";

/** Packages that are published as they are written, not as bundles. */
const packages = [
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
];
const pairsEach = 24;
const corpora = join(import.meta.dirname, "..", "..", ".council", "corpora");
const run = promisify(execFile);
const runLarge = { maxBuffer: 64 * 1024 * 1024 };

interface Judged {
  readonly name: string;
  readonly findings: readonly Finding[];
  readonly cpuMs: number;
}

/** Releases that follow one another with the same major and minor number, the latest ones. */
async function patchReleases(name: string): Promise<(readonly [string, string])[]> {
  const { stdout } = await run("npm", ["view", name, "versions", "--json"], runLarge);
  const versions = (JSON.parse(stdout) as string[]).filter((each) => /^\d+\.\d+\.\d+$/.test(each));
  const next = (version: string) => version.replace(/\d+$/, (number) => String(Number(number) + 1));
  return versions
    .filter((version) => versions.includes(next(version)))
    .slice(-pairsEach)
    .map((version) => [version, next(version)] as const);
}

/** Fetches what is missing and answers where each version is unpacked. */
async function fetchAll(name: string, versions: readonly string[]): Promise<void> {
  const folder = join(corpora, name);
  await mkdir(folder, { recursive: true });
  const there = await readdir(folder);
  const missing = versions.filter((version) => !there.includes(`${name}-${version}.tgz`));
  if (missing.length === 0) return;
  const specs = missing.map((version) => `${name}@${version}`);
  await run("npm", ["pack", "--silent", "--ignore-scripts", ...specs], {
    cwd: folder,
    ...runLarge,
  });
}

async function filesOf(name: string, version: string): Promise<Record<string, TestFile>> {
  const folder = join(corpora, name, `open-${version}`);
  await mkdir(folder, { recursive: true });
  await run("tar", ["-xzf", join(corpora, name, `${name}-${version}.tgz`), "-C", folder]);
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

/** Each release as a patch of the one before, through git and the reader the auditor uses. */
async function judge(name: string, [from, to]: readonly [string, string]): Promise<Judged> {
  const [before, after] = [await filesOf(name, from), await filesOf(name, to)];
  await using remote = await testRemote(before);
  const base = (await remote.head()) ?? "";
  const gone = Object.keys(before).filter((path) => !(path in after));
  const work = await remote.commit({
    files: { ...after, ...Object.fromEntries(gone.map((path) => [path, null])) },
  });
  const mirror = await remote.mirror();
  await fetchBranches(mirror);
  const diff = await diffBytes(mirror, base, work);
  const digest = sha256Hex(diff);
  const candidate = {
    base,
    tree: "",
    diff: digest,
    digest,
    semanticDigest: digest,
    tier: "docs" as const,
    riskTags: [],
    paths: [],
  };
  const patch = {
    id: "p00-release0",
    repository: name,
    targetBranch: "main",
    title: to,
    author: name,
  };
  const startedAt = process.cpuUsage();
  const read = await readAuditedChange({ mirror, patch, candidate, diff });
  const input: RuleInput | undefined =
    read.kind === "read" ? { files: read.change.files, neighbours: {} } : undefined;
  const { findings } =
    read.kind === "read" && input
      ? judgementOf(await applyRules(allRules, input))
      : unread(
          read.kind === "refused" ? read.code : "unsafe-diff",
          read.kind === "refused" ? read.reason : "",
        );
  const { user, system } = process.cpuUsage(startedAt);
  return { name: `${name} ${from} → ${to}`, findings, cpuMs: (user + system) / 1000 };
}

/** Rules by how many releases they spoke of. */
function rulesOf(judged: readonly Judged[], isMeant: (finding: Finding) => boolean): string {
  const counts = new Map<string, number>();
  for (const { findings } of judged)
    for (const id of new Set(findings.filter(isMeant).map(({ ruleId }) => ruleId)))
      counts.set(id, (counts.get(id) ?? 0) + 1);
  const sorted = [...counts].toSorted(([, one], [, other]) => other - one);
  return sorted.map(([id, count]) => `${id} ${count}`).join(", ") || "none";
}

process.env["RECHECK_BACKEND"] = "pure";
const judged: Judged[] = [];
const isBad = ({ isHard, severity }: Finding) => isHard || severity === "error";
for (const name of packages) {
  const pairs = await patchReleases(name);
  await fetchAll(name, [...new Set(pairs.flat())]);
  const sofar = judged.length;
  for (const pair of pairs) judged.push(await judge(name, pair));
  const found = judged.slice(sofar).filter(({ findings }) => findings.some(isBad)).length;
  console.log(`${name}: ${pairs.length} releases, ${found} rejected`);
}
const kinds: readonly (readonly [string, (finding: Finding) => boolean])[] = [
  ["hard-failed", ({ isHard }) => isHard],
  ["rejected by errors alone", ({ isHard, severity }) => !isHard && severity === "error"],
  ["held for a person by a question alone", ({ severity }) => severity === "question"],
  ["with warnings", ({ severity }) => severity === "warning"],
];
printTable({
  title: `The rules on ${judged.length} patch releases of ${packages.length} packages`,
  columns: ["", "releases", "%"],
  rows: kinds.map(([title, isMeant], at) => {
    // Warnings are counted beside whatever else there is.
    const isWorse = kinds.slice(0, at === kinds.length - 1 ? 0 : at).map(([, each]) => each);
    const count = judged.filter(
      ({ findings }) =>
        findings.some(isMeant) && !findings.some((one) => isWorse.some((is) => is(one))),
    ).length;
    return [title, String(count), digits((100 * count) / judged.length)];
  }),
  notes: kinds.map(([title, isMeant]) => `${title}: ${rulesOf(judged, isMeant)}`),
});
for (const { name, findings } of judged)
  for (const { ruleId, path, line, message } of findings.filter(({ isHard }) => isHard))
    console.log(
      `  hard: ${name}: ${ruleId} at ${path ?? ""}:${line ?? ""} (${message.slice(0, 120)})`,
    );
const times = judged.map(({ cpuMs }) => cpuMs);
printTable({
  title: "Processor time of the rules per patch, ms",
  columns: ["", "p50", "p95", "most"],
  rows: [
    [
      "read and judge",
      digits(percentile(times, 0.5)),
      digits(percentile(times, 0.95)),
      digits(Math.max(...times)),
    ],
  ],
  notes: ["In one thread that is warm; git runs beside it and is not counted."],
});
