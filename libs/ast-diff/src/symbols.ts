import type { SymbolChange } from "./change-report.ts";
import { isScript } from "./language.ts";
import { declaredSymbols } from "./languages/declared-symbols.ts";
import { scriptSymbols } from "./script-symbols.ts";
import type { FoundSymbol } from "./symbol-table.ts";
import type { Interner, Tree } from "./tree.ts";

/** A change, with what is needed to see that a thing gone here came back elsewhere. */
export interface ComparedSymbol {
  readonly change: SymbolChange;
  /** The thing without its name; absent for what has no name of its own. */
  readonly nameless?: string;
}

/** The symbols that differ between two versions of a file, by name; an absent file has none. */
export function changedSymbols(
  path: string,
  base: Tree,
  candidate: Tree,
  interner: Interner,
): ComparedSymbol[] {
  const read = isScript(path) ? scriptSymbols : declaredSymbols;
  const before = read(base, interner, path);
  const after = read(candidate, interner, path);
  const changes: ComparedSymbol[] = [];
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const [old, now] = [before.get(name), after.get(name)];
    const found = now ?? old;
    const change = changeBetween(old, now);
    if (!change || !found) continue;
    const exported = Boolean(old?.exported || now?.exported);
    const { kind } = found;
    const effect = effectOf(change, old, now);
    const isNamed = kind !== "export" && kind !== "module-code";
    changes.push({
      change: { path, name, kind, change, exported, effect },
      ...(isNamed ? { nameless: found.nameless } : {}),
    });
  }
  return changes;
}

function changeBetween(
  old: FoundSymbol | undefined,
  now: FoundSymbol | undefined,
): SymbolChange["change"] | undefined {
  if (!old) return "added";
  if (!now) return "removed";
  if (old.exported !== now.exported || old.access !== now.access) return "visibility-changed";
  const isCode = old.kind === "module-code";
  if (old.kind !== now.kind || (!isCode && old.signature !== now.signature))
    return "signature-changed";
  return old.content === now.content ? undefined : "changed";
}

const accessRank = ["private", "protected", "", "public"];

/** What the users of a module notice, in the words of semantic versioning. */
function effectOf(
  change: SymbolChange["change"],
  old: FoundSymbol | undefined,
  now: FoundSymbol | undefined,
): SymbolChange["effect"] {
  if (!old?.exported && !now?.exported) return "patch";
  if (change === "changed") return "patch";
  if (change === "added") return "minor";
  if (change !== "visibility-changed" || !old || !now) return "major";
  const isOpened =
    Number(now.exported) >= Number(old.exported) &&
    accessRank.indexOf(now.access) >= accessRank.indexOf(old.access);
  // What else changed with it is not known to be compatible.
  return isOpened && (!old.exported || old.signature === now.signature) ? "minor" : "major";
}

/**
 * All changes of a patch, by path and name, where a thing that is gone in one place and new in
 * another is said to be renamed or moved: the same kind, all but its name the same, and no second
 * one it could be.
 */
export function relateSymbols(symbols: readonly ComparedSymbol[]): SymbolChange[] {
  const groups = Map.groupBy(
    symbols.filter(({ change, nameless }) => nameless !== undefined && isHalf(change)),
    ({ change, nameless }) => `${change.kind} ${nameless}`,
  );
  const related = new Map<SymbolChange, SymbolChange | undefined>();
  for (const group of groups.values()) {
    const changes = group.map(({ change }) => change);
    for (const added of changes.filter(({ change }) => change === "added")) {
      const removed = partnerOf(added, changes);
      if (!removed) continue;
      related.set(removed, undefined);
      related.set(added, joined(removed, added));
    }
  }
  const changes = symbols.map(({ change }) => (related.has(change) ? related.get(change) : change));
  const kept = changes.filter((change) => change !== undefined);
  const owners = new Set(kept.filter(isRelated).map(({ path, name }) => `${path} ${name}`));
  return kept.filter((change) => !isWithOwner(change, owners)).toSorted(byPlace);
}

function isHalf({ change }: SymbolChange): boolean {
  return change === "added" || change === "removed";
}

/** The one removed thing an added one can be: in its own file, else with its name, else anywhere. */
function partnerOf(added: SymbolChange, group: readonly SymbolChange[]): SymbolChange | undefined {
  const isNear = [
    (other: SymbolChange) => other.path === added.path,
    (other: SymbolChange) => other.name === added.name,
    () => true,
  ];
  for (const isMatch of isNear) {
    const matching = group.filter(isMatch);
    const removed = matching.filter(({ change }) => change === "removed");
    if (removed.length === 0) continue;
    return removed.length === 1 && matching.length === 2 ? removed[0] : undefined;
  }
  return undefined;
}

function joined(removed: SymbolChange, added: SymbolChange): SymbolChange {
  const isMoved = removed.path !== added.path;
  const exported = removed.exported || added.exported;
  return {
    ...added,
    change: isMoved ? "moved" : "renamed",
    exported,
    effect: removed.exported ? "major" : added.effect,
    ...(removed.name === added.name ? {} : { was: removed.name }),
    ...(isMoved ? { wasPath: removed.path } : {}),
  };
}

function isRelated({ change }: SymbolChange): boolean {
  return change === "renamed" || change === "moved";
}

/** A member that only went along with its class. */
function isWithOwner(change: SymbolChange, owners: ReadonlySet<string>): boolean {
  const dot = change.name.lastIndexOf(".");
  if (!isRelated(change) || dot < 0) return false;
  const isSameMember = !change.was || change.was.endsWith(change.name.slice(dot));
  return isSameMember && owners.has(`${change.path} ${change.name.slice(0, dot)}`);
}

function byPlace(x: SymbolChange, y: SymbolChange): number {
  const [one, other] = [x, y].map(({ path, name }) => `${path}\0${name}`);
  return (one ?? "") < (other ?? "") ? -1 : Number(one !== other);
}
