import { parseTrailers, REVERTS_TRAILER } from "./commit.ts";
import { checkObjectId } from "./git-names.ts";
import type { ConflictHunk } from "./merge-blobs.ts";
import { planRevert, stateBefore } from "./plan-revert.ts";
import { gitOutput, type Repository } from "./run-git.ts";

/** A commit of a branch's own line, and what it touched. */
export interface BranchCommit {
  readonly commit: string;
  /** The first is the one before it on the branch. */
  readonly parents: readonly string[];
  readonly author: string;
  readonly subject: string;
  readonly trailers: ReadonlyArray<readonly [key: string, value: string]>;
  readonly paths: readonly string[];
  /** What it says it takes back. */
  readonly reverts: readonly string[];
}

export type TrialRun =
  | { kind: "clean"; tree: string }
  | { kind: "conflict"; commit: string; hunks: ConflictHunk[] };

/** What no text of a commit holds in this place: the mark, an id and the next mark. */
const [MARK, NEXT] = ["\u0001", "\u0002"];
const RECORD = new RegExp(`${MARK}(?=[0-9a-f]{40,64}${NEXT})`);

/** The commits of a branch's own line after `from`, up to `to`, newest first, at most `max`. */
export async function commitsSince(
  repo: Repository,
  { from, to, max }: { readonly from: string; readonly to: string; readonly max: number },
): Promise<BranchCommit[]> {
  const out = await gitOutput(repo, [
    "log",
    "-z",
    "--first-parent",
    "-m",
    "--name-only",
    "--no-renames",
    "--no-show-signature",
    "--encoding=UTF-8",
    `--max-count=${max}`,
    "--format=%x01%H%x02%P%x02%an%x02%s%x02%B%x02",
    checkObjectId(to),
    `^${checkObjectId(from)}`,
    "--",
  ]);
  return out
    .toString("utf8")
    .split(RECORD)
    .filter((record) => record.includes(NEXT))
    .map(readCommit);
}

/**
 * Takes commits back one on top of the other, in the order given, without moving anything: the tree this
 * would lead to, or the first that cannot go. All are ancestors of `head`.
 */
export async function tryReverts(
  repo: Repository,
  { head, commits }: { readonly head: string; readonly commits: readonly string[] },
): Promise<TrialRun> {
  let tree = head;
  for (const commit of commits) {
    const before = await stateBefore(repo, commit);
    if (before === undefined) throw new Error(`${commit} has no parent`);
    const plan = await planRevert(repo, { commit, before, head: tree });
    if (plan.kind === "conflict") return { kind: "conflict", commit, hunks: plan.hunks };
    tree = plan.tree;
  }
  return { kind: "clean", tree };
}

function readCommit(record: string): BranchCommit {
  const [commit = "", parents = "", author = "", subject = "", message = "", names = ""] =
    record.split(NEXT);
  const trailers = parseTrailers(message);
  return {
    commit,
    parents: parents.split(" ").filter((parent) => parent !== ""),
    author,
    subject,
    trailers,
    paths: names
      .split("\0")
      .map((path) => path.replace(/^\n/, ""))
      .filter((path) => path !== ""),
    reverts: trailers.flatMap(([key, value]) => (key === REVERTS_TRAILER ? [value] : [])),
  };
}
