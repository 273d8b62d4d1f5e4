import { matchesPattern } from "../path-pattern.ts";

/** What one sender may touch. A sender nobody names may touch everything, unless `*` is named. */
export interface SenderPaths {
  /** As it signs its deliveries; `*` is every sender without an entry of its own. */
  readonly sender: string;
  /** Patterns, to the letter: another case or another spelling of a character is another path. */
  readonly paths: readonly string[];
}

/** The patterns of what a sender may touch; undefined is everything. */
export function grantedPaths(
  grants: readonly SenderPaths[],
  sender: string,
): readonly string[] | undefined {
  const named = grants.filter((grant) => grant.sender === sender);
  const own = named.length > 0 ? named : grants.filter((grant) => grant.sender === "*");
  return own.length === 0 ? undefined : own.flatMap((grant) => grant.paths);
}

/**
 * Why a change of these paths is not its sender's to make; undefined when it is. The paths come from two
 * trees and not from the text of the patch, so a header that says otherwise, a link or a rename hides nothing.
 * P10: the decision, every head and whoever lands ask it, each about the trees it has made itself.
 */
export function pathRefusal(
  granted: readonly string[] | undefined,
  sender: string,
  paths: readonly string[],
): string | undefined {
  if (granted === undefined) return undefined;
  const forbidden = paths.filter(
    (path) => !granted.some((pattern) => matchesPattern(path, pattern)),
  );
  if (forbidden.length === 0) return undefined;
  const more = forbidden.length > 5 ? ` and ${forbidden.length - 5} more` : "";
  return `the sender ${sender} may not touch ${forbidden.slice(0, 5).join(", ")}${more}`;
}
