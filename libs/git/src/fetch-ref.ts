import { branchRef, checkObjectId } from "./git-names.ts";
import { GitError } from "./git-error.ts";
import { fetchHead, fetchRef, type Mirror } from "./mirror.ts";
import { reasonOf, runGit } from "./run-git.ts";

export type PullOutcome =
  /** `base` is the newest commit that head and branch have in common. */
  | { kind: "fetched"; head: string; base: string }
  | { kind: "absent"; ref: string }
  | { kind: "unrelated" }
  | { kind: "unreachable"; reason: string };

/** GitHub's and Gitea's, and GitLab's. */
const proposals = /^refs\/(pull|merge-requests)\/[1-9]\d{0,14}\/head$/;

/**
 * Fetches the proposal a forge keeps as `ref`, and the branch it is for. Throws `GitError`
 * "invalid-argument" for a ref or branch that cannot be one.
 */
export async function fetchPull(
  mirror: Mirror,
  request: { readonly ref: string; readonly branch: string },
): Promise<PullOutcome> {
  const { ref, branch } = request;
  if (!proposals.test(ref)) throw new GitError("invalid-argument", "not the ref of a proposal");
  const target = await fetchHead(mirror, branch);
  if (target.kind === "unreachable") return target;
  if (target.kind === "absent") return { kind: "absent", ref: branchRef(branch) };
  const pull = await fetchRef(mirror, ref, ref.replace(/^refs/, "refs/council"));
  if (pull.kind === "absent") return { kind: "absent", ref };
  if (pull.kind === "unreachable") return pull;
  const base = await mergeBase(mirror, target.sha, pull.sha);
  return base === undefined ? { kind: "unrelated" } : { kind: "fetched", head: pull.sha, base };
}

/** The newest common ancestor; undefined when there is none. */
async function mergeBase(mirror: Mirror, a: string, b: string): Promise<string | undefined> {
  const result = await runGit(mirror, ["merge-base", checkObjectId(a), checkObjectId(b)]);
  if (result.exitCode === 1) return undefined;
  if (result.exitCode !== 0) throw new GitError("failed", `git merge-base: ${reasonOf(result)}`);
  return result.stdout.toString("utf8").trim();
}
