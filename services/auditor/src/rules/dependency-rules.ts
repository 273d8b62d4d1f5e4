import type { Finding } from "@council/domain";
import type { AuditedFile } from "../audited-change.ts";
import { likenessOf } from "./popular-packages.ts";
import type { Rule, RuleVoice } from "./rule.ts";

const voice = (ruleId: string, isHard: boolean, message: string, remedy: string): RuleVoice => ({
  ruleId,
  severity: "error",
  isHard,
  message,
  remedy,
});

const unreadable = voice(
  "manifest-unreadable",
  true,
  "the package manifest is no JSON object, or says something twice",
  "write plain JSON that names each key once",
);
const installScript = voice(
  "install-script",
  true,
  "a script would run on every machine that installs the package",
  "leave it out; build before publishing",
);
const packageScript: RuleVoice = {
  ...voice(
    "package-script",
    false,
    "a script of the package changes: people and pipelines run it by name",
    "send it as a change of its own, to be decided by a person",
  ),
  severity: "question",
};
const dependencySource = voice(
  "dependency-source",
  true,
  "a dependency comes from outside the registry, where what it is can change",
  "depend on a published version",
);
const dependencyRevision: RuleVoice = {
  ...voice(
    "dependency-revision",
    false,
    "a dependency from outside the registry is taken at another revision of the same place",
    "let a person look at what changed there",
  ),
  severity: "question",
};
const lookAlike = voice(
  "look-alike-dependency",
  true,
  "a new dependency is called almost like a well-known package",
  "check the name; if it is right, let an operator add it outside the gate",
);
const nearName: RuleVoice = {
  ...voice(
    "near-name-dependency",
    false,
    "a new dependency is called much like a well-known package",
    "let a person check that it is the one that is meant",
  ),
  severity: "question",
};
const aliased = voice(
  "aliased-dependency",
  false,
  "a dependency is another package than its name says",
  "depend on the package by its own name",
);
const loose = voice(
  "loose-dependency",
  false,
  "a dependency is taken in whatever version there is",
  "name a version",
);
const newDependency: RuleVoice = {
  ...voice(
    "new-dependency",
    false,
    "a new package is depended on",
    "check that it is needed and kept up",
  ),
  severity: "warning",
};

const sections = [
  "dependencies",
  "devDependencies",
  "optionalDependencies",
  "peerDependencies",
  "overrides",
  "resolutions",
];
const installHooks = /^(pre|post)?install$|^preprepare$|^postprepare$/;

export interface Manifest {
  readonly [key: string]: unknown;
}

/** A manifest's object, or undefined when there is none to be had. */
export function manifestOf(text: string | undefined): Manifest | undefined {
  try {
    const value: unknown = JSON.parse(text?.replace(/^\uFEFF/, "") ?? "");
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Manifest)
      : undefined;
  } catch {
    return undefined;
  }
}

export const entriesOf = (value: unknown): [string, unknown][] =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];

export const isManifest = (path: string) => /(^|\/)package\.json$/i.test(path);

/** Where a word stands in the candidate: the first added line that holds it, or the first of all. */
export function placeOf(
  { change, added, after }: AuditedFile,
  word: string,
): { path: string; line?: number } {
  const quoted = JSON.stringify(word);
  const line = added.find(({ text }) => text.includes(quoted))?.line;
  if (line !== undefined) return { path: change.path, line };
  const at = after?.split("\n").findIndex((text) => text.includes(quoted)) ?? -1;
  return { path: change.path, ...(at < 0 ? {} : { line: at + 1 }) };
}

export const dependencyRules: readonly Rule[] = [
  {
    voices: [
      unreadable,
      installScript,
      packageScript,
      dependencySource,
      dependencyRevision,
      lookAlike,
      nearName,
      aliased,
      loose,
      newDependency,
    ],
    check: ({ files }) =>
      files
        .filter(({ change, after }) => isManifest(change.path) && after !== undefined)
        .flatMap((file) => judge(file)),
  },
];

function judge(file: AuditedFile): Finding[] {
  const after = manifestOf(file.after);
  if (!after || repeatsKey(file.after ?? "")) return [{ ...unreadable, path: file.change.path }];
  const before = manifestOf(file.before) ?? {};
  const say = (what: RuleVoice, word: string): Finding => ({
    ...what,
    ...placeOf(file, word),
    message: `${what.message}: ${word.slice(0, 100)}`,
  });
  return [
    ...changed(before["scripts"], after["scripts"]).map(([name]) =>
      say(installHooks.test(name) ? installScript : packageScript, name),
    ),
    ...(after["gypfile"] === true && before["gypfile"] !== true
      ? [say(installScript, "gypfile")]
      : []),
    ...sections.flatMap((section) => {
      const old = new Map(sections.flatMap((each) => entriesOf(before[each])));
      return changed(before[section], after[section]).flatMap(([name, spec]) =>
        judgeDependency(name, spec, old).map((what) => say(what, name)),
      );
    }),
  ];
}

function judgeDependency(
  name: string,
  spec: unknown,
  old: ReadonlyMap<string, unknown>,
): RuleVoice[] {
  const isOld = old.has(name);
  const found: RuleVoice[] = isOld ? [] : [newDependency];
  const likeness = isOld ? undefined : likenessOf(name);
  if (likeness) found.push(likeness === "close" ? lookAlike : nearName);
  if (typeof spec !== "string") return found;
  const target = /^npm:(@?[^@]+)/.exec(spec)?.[1];
  if (target !== undefined && target !== name) found.push(aliased);
  if (
    /^(git|git\+\w+|https?|ssh|github|gitlab|bitbucket|gist):|^[\w.-]+\/[\w.-]+(#|$)|^(file|link):(\/|~|.*\.\.\/\.\.\/\.\.)|\.(tgz|tar\.gz)$/.test(
      spec,
    )
  )
    found.push(placeIn(old.get(name)) === placeIn(spec) ? dependencyRevision : dependencySource);
  if (/^(\*|x|latest|next|>=?\s?\d+(\.\d+)*|)$/.test(spec.trim())) found.push(loose);
  return found;
}

/** Where a spec takes a package from, whatever the revision. */
const placeIn = (spec: unknown) => (typeof spec === "string" ? spec.split("#")[0] : undefined);

/** Entries that are new, or say something else than before. */
function changed(before: unknown, after: unknown): [string, unknown][] {
  const old = new Map(entriesOf(before));
  return entriesOf(after).filter(
    ([name, value]) => JSON.stringify(old.get(name)) !== JSON.stringify(value),
  );
}

/** Of two keys of one name readers take different ones; at the top, no sound manifest has them. */
function repeatsKey(text: string): boolean {
  const indent = /^\{\r?\n([ \t]+)"/.exec(text)?.[1];
  if (indent === undefined) return false;
  const keys = text.split("\n").flatMap((line) => {
    const key = line.startsWith(`${indent}"`)
      ? /^"((?:[^"\\]|\\.){0,100})"\s{0,5}:/.exec(line.slice(indent.length))?.[1]
      : undefined;
    return key === undefined ? [] : [key];
  });
  return new Set(keys).size < keys.length;
}
