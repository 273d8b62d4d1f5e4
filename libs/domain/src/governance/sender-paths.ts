import { matchesPattern } from "../path-pattern.ts";

/** What one sender may touch. A sender nobody names may touch everything, unless `*` is named. */
export interface SenderPaths {
  /** As it signs its deliveries; `*` is every sender without an entry of its own. */
  readonly sender: string;
  /** Patterns, to the letter: another case or another spelling of a character is another path. */
  readonly paths: readonly string[];
}

/**
 * The paths of a candidate its sender may not touch. They come from the two trees and not from the text
 * of the patch, so a header that says otherwise, a link or a rename hides nothing.
 */
export function forbiddenPaths(
  grants: readonly SenderPaths[],
  sender: string,
  paths: readonly string[],
): string[] {
  const named = grants.filter((grant) => grant.sender === sender);
  const own = named.length > 0 ? named : grants.filter((grant) => grant.sender === "*");
  if (own.length === 0) return [];
  const patterns = own.flatMap((grant) => grant.paths);
  return paths.filter((path) => !patterns.some((pattern) => matchesPattern(path, pattern)));
}
