import type { Finding } from "@council/domain";
import type { AuditedFile } from "../audited-change.ts";
import { entriesOf, isManifest, type Manifest, manifestOf, placeOf } from "./dependency-rules.ts";
import { lineRule, type Rule, type RuleInput, type RuleVoice } from "./rule.ts";

const voice = (ruleId: string, isHard: boolean, message: string, remedy: string): RuleVoice => ({
  ruleId,
  severity: "error",
  isHard,
  message,
  remedy,
});

const lockSource = voice(
  "lock-source",
  true,
  "the lockfile takes a package from elsewhere than the registry, or without encryption",
  "install from the registry, and commit the lockfile that makes",
);
const lockTampered = voice(
  "lock-tampered",
  true,
  "the lockfile has another checksum, or none, for a version whose content cannot change",
  "restore the lockfile, and install anew",
);
const lockMismatch = voice(
  "lock-mismatch",
  false,
  "manifest and lockfile do not say the same",
  "run the package manager, and commit both",
);
const lockUnreadable = voice(
  "lock-unreadable",
  true,
  "the lockfile is no JSON object",
  "let the package manager write it",
);
const lockedInstallScript = voice(
  "locked-install-script",
  false,
  "a package that is new to the lockfile runs a script when it is installed",
  "let a person decide whether it may",
);
const copyleft = voice(
  "copyleft-licence",
  false,
  "a package that is new to the lockfile has a licence that binds whoever uses it",
  "let a person decide whether the licence fits",
);

const registry = /^https:\/\/registry\.(npmjs\.org|yarnpkg\.com)\//;
const isNpmLock = (path: string) => /(^|\/)(package-lock|npm-shrinkwrap)\.json$/.test(path);

/** The lockfiles of other package managers, line by line. */
const otherLocks = lineRule(
  lockSource,
  (text) => {
    const address =
      /(?:resolved|tarball:?|resolution:)\s{0,5}["{]?\s{0,5}["']?(?:tarball:\s{0,5})?((?:git\+)?\w{2,10}:\/\/[^\s"',}]{1,300})/.exec(
        text,
      )?.[1];
    return address !== undefined && !registry.test(address);
  },
  (path) => /(^|\/)(yarn\.lock|pnpm-lock\.yaml|bun\.lock)$/.test(path),
);

interface Locked {
  readonly version?: unknown;
  readonly resolved?: unknown;
  readonly integrity?: unknown;
  readonly license?: unknown;
  readonly hasInstallScript?: unknown;
  readonly link?: unknown;
}

const packagesOf = (lock: Manifest | undefined): Map<string, Locked> =>
  new Map(entriesOf(lock?.["packages"]).filter(([path]) => path !== "") as [string, Locked][]);

function judgeLock(file: AuditedFile): Finding[] {
  const after = manifestOf(file.after);
  if (!after) return [{ ...lockUnreadable, path: file.change.path }];
  const before = packagesOf(manifestOf(file.before));
  return [...packagesOf(after)].flatMap(([path, locked]) => {
    const old = before.get(path);
    const found = JSON.stringify(old) === JSON.stringify(locked) ? [] : judgePackage(locked, old);
    return found.map((what) => ({
      ...what,
      ...placeOf(file, path),
      message: `${what.message}: ${path.slice(-100)}`,
    }));
  });
}

function judgePackage(locked: Locked, old: Locked | undefined): RuleVoice[] {
  const found: RuleVoice[] = [];
  const { resolved } = locked;
  // A link is a folder of this very repository.
  if (locked.link !== true && typeof resolved === "string") {
    if (resolved !== old?.resolved && !registry.test(resolved)) found.push(lockSource);
    if (isTampered(locked, old)) found.push(lockTampered);
  }
  if (locked.hasInstallScript === true && old?.hasInstallScript !== true)
    found.push(lockedInstallScript);
  if (!old && locked.license !== undefined && !isFree(locked.license)) found.push(copyleft);
  return found;
}

function isTampered({ version, resolved, integrity }: Locked, old: Locked | undefined): boolean {
  if (!old) return integrity === undefined;
  const isSame = old.version === version && old.resolved === resolved;
  return isSame && old.integrity !== undefined && old.integrity !== integrity;
}

/** A choice of licences is as free as its freest. */
const isFree = (license: unknown) =>
  typeof license === "string" &&
  (!/(^|[^L])A?GPL|SSPL|BUSL|UNLICENSED|Commons-Clause|CC-BY-NC/i.test(license) ||
    /\bOR\b/.test(license));

/** What the lockfile's root says against what the manifest beside it says. */
function mismatches({ files, neighbours }: RuleInput): Finding[] {
  const textOf = (path: string) =>
    files.find(({ change }) => change.path === path)?.after ?? neighbours[path];
  return files
    .filter(({ change }) => isNpmLock(change.path) || isManifest(change.path))
    .flatMap(({ change: { path } }) => {
      const folder = path.slice(0, path.lastIndexOf("/") + 1);
      const manifest = manifestOf(textOf(`${folder}package.json`));
      const lock = manifestOf(textOf(`${folder}package-lock.json`));
      const root = entriesOf(lock?.["packages"]).find(([name]) => name === "")?.[1];
      if (!manifest || root === undefined) return [];
      return differs(manifest, root as Manifest) ? [{ ...lockMismatch, path }] : [];
    });
}

const differs = (manifest: Manifest, root: Manifest) =>
  ["dependencies", "devDependencies", "optionalDependencies"].some((section) => {
    const wanted = sorted(manifest[section]);
    // Optional dependencies stand among the others as well in some manifests.
    return wanted !== sorted(root[section]);
  });

const sorted = (section: unknown) =>
  JSON.stringify(entriesOf(section).toSorted(([one], [other]) => (one < other ? -1 : 1)));

export const lockRules: readonly Rule[] = [
  otherLocks,
  {
    voices: [lockSource, lockTampered, lockUnreadable, lockedInstallScript, copyleft],
    check: ({ files }) =>
      files
        .filter(({ change, after }) => isNpmLock(change.path) && after !== undefined)
        .flatMap(judgeLock),
  },
  { voices: [lockMismatch], check: mismatches },
];
