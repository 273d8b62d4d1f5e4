import { GitError } from "./git-error.ts";

const OBJECT_ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** The id every repository knows for the tree without entries. */
export const EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

export function isObjectId(text: string): boolean {
  return OBJECT_ID.test(text);
}

/** Returns `text` when it is a full lower-case object id; throws "invalid-argument" otherwise. */
export function checkObjectId(text: string): string {
  if (!isObjectId(text)) throw new GitError("invalid-argument", "not a full object id");
  return text;
}

/**
 * Whether git would accept the text as a branch name and no shell, log or refspec could read it as
 * anything else. Follows the rules of git-check-ref-format(1), plus: no leading dash.
 */
export function isBranchName(text: string): boolean {
  if (text.length === 0 || text.length > 200 || text === "@" || text === "HEAD") return false;
  if (text.startsWith("-") || text.endsWith(".")) return false;
  if (/[\p{C}\p{Z}~^:?*[\\]|\.\.|@\{/u.test(text)) return false;
  return text
    .split("/")
    .every((part) => part !== "" && !part.startsWith(".") && !part.endsWith(".lock"));
}

/** Returns `refs/heads/<branch>`; throws "invalid-argument" when the name is not a branch name. */
export function branchRef(branch: string): string {
  if (!isBranchName(branch)) throw new GitError("invalid-argument", "not a branch name");
  return `refs/heads/${branch}`;
}
