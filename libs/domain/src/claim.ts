/** What two patches may not both touch while both are live on one branch, and whether they do. */
import type { Candidate, Comparison } from "./patch/patch.ts";
import { isTierAbove, type Tier } from "./policy.ts";

/** Names out of a change report; the diff engine fills it, and leaves it out when there are too many. */
export interface Reach {
  /** Symbols the change adds, removes, alters or moves, by their old and new names. */
  readonly symbols: readonly string[];
  /** What the changed code calls, and the modules it imports. */
  readonly uses: readonly string[];
}

/** All that a patch holds on to while it is live. */
export interface Claim extends Reach {
  readonly tier: Tier;
  readonly paths: readonly string[];
}

/** A change of more files than this stands alone. */
const maxPaths = 200;

/**
 * What a compared patch claims; undefined when that is unknown: no report, a tier above `service` (as
 * dependency manifests, configuration and what cannot be read have), or too much to be compared.
 */
export function claimOf(comparison: Comparison | undefined): Claim | undefined {
  if (comparison?.kind !== "compared" || !comparison.reach) return undefined;
  const { tier, paths }: Candidate = comparison.candidate;
  if (isTierAbove(tier, "service") || paths.length === 0 || paths.length > maxPaths)
    return undefined;
  return { tier, paths, ...comparison.reach };
}

/**
 * Whether either can be taken back without the other noticing, as far as paths and names can tell: no
 * common path, none inside the other, no symbol that both change, none that one changes and the other
 * newly uses, and no import of a module the other touches. Unknown is dependent.
 */
export function areIndependent(one: Claim | undefined, other: Claim | undefined): boolean {
  if (!one || !other) return false;
  if (isTierAbove(one.tier, "service") || isTierAbove(other.tier, "service")) return false;
  return !sharePath(one.paths, other.paths) && !reaches(one, other) && !reaches(other, one);
}

/** Names that differ only in case or composition are one file on some file systems. */
const folded = (path: string) => path.normalize("NFC").toLowerCase();

function sharePath(one: readonly string[], other: readonly string[]): boolean {
  const taken = new Set(one.map(folded));
  const folders = new Set([...taken].flatMap(foldersOf));
  return other
    .map(folded)
    .some(
      (path) =>
        taken.has(path) || folders.has(path) || foldersOf(path).some((folder) => taken.has(folder)),
    );
}

function foldersOf(path: string): string[] {
  const names = path.split("/").slice(0, -1);
  return names.map((_, at) => names.slice(0, at + 1).join("/"));
}

/** Whether `user` changes or newly uses something by a name that `owner` changes. */
function reaches(user: Claim, owner: Claim): boolean {
  const owned = new Set([...owner.symbols.flatMap(wordsOf), ...owner.paths.map(moduleOf)]);
  const used = [...user.symbols.flatMap(wordsOf), ...user.uses.flatMap(usedWords)];
  return used.some((word) => owned.has(word) || word === computed);
}

/** An import that names nothing may be of anything. */
const computed = "(computed)";

/** The plain names in `Class.member` or `a.b.c`; `default` and `(module)` say nothing by themselves. */
export function wordsOf(name: string): string[] {
  return name.split(".").filter((word) => /^[^()\s]+$/.test(word) && word !== "default");
}

/** The plain names by which a change uses others: of what it calls, and of the modules it imports. */
export function usedWords(use: string): string[] {
  if (use === computed) return [computed];
  return use.includes("/") ? [moduleOf(use)] : wordsOf(use);
}

/** The name a module goes by: that of its file without extension, or of its folder. */
export function moduleOf(path: string): string {
  const names = path.split("/");
  const stem = (names.at(-1) ?? "").replace(/(?<=.)\..*$/, "");
  const isFolder = /^(?:index|mod|__init__|main)$/.test(stem) && names.length > 1;
  return isFolder ? (names.at(-2) ?? stem) : stem;
}
