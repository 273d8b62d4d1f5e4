import { posix } from "node:path";
import { matchesPattern } from "@council/domain";
import type { TreeEntry } from "./read-tree.ts";

/** A path that differs from the base; no entry = deleted. */
export interface Change {
  readonly path: string;
  readonly entry: TreeEntry | undefined;
}

/**
 * Why a render may not contain `changes`, or nothing. Refused: git's own files, links that lead out
 * of the tree, special files, and paths that match none of the declared patterns.
 */
export function refusedChange(
  changes: readonly Change[],
  declared: readonly string[] | undefined,
): string | undefined {
  for (const { path, entry } of changes) {
    // P10: no path escapes, whoever renders.
    if (isGitPath(path)) return `${path} belongs to git`;
    if (entry?.kind === "special") return `${path} is neither a file nor a link`;
    if (entry?.target !== undefined && leadsOut(path, entry.target)) {
      return `${path} is a link out of the tree`;
    }
    if (declared !== undefined && !declared.some((pattern) => matchesPattern(path, pattern))) {
      return `${path} is not among the declared paths`;
    }
  }
  return undefined;
}

/** True if a part of `path` names git's directory on a file system that ignores case. */
export function isGitPath(path: string): boolean {
  return path.split("/").some((part) => part.toLowerCase() === ".git");
}

function leadsOut(path: string, target: string): boolean {
  const resolved = posix.normalize(posix.join(posix.dirname(path), target));
  return posix.isAbsolute(target) || resolved === ".." || resolved.startsWith("../");
}
