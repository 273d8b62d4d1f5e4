/**
 * Turns a base and a patch text into a tree, the same one everywhere.
 *
 * Decides: what a patch does, by what git makes of it: the text is judged first (parse-diff), git
 * applies it to a private index without fuzz or offset, and the tree that results is compared with
 * what the text declared. What the auditors see is that tree's own diff, never the text (P2, P9).
 */
import { refuse, refuseMode, type Refusal } from "./diff-refusal.ts";
import { GitError } from "./git-error.ts";
import { checkObjectId } from "./git-names.ts";
import {
  DEFAULT_DIFF_LIMITS,
  parseDiff,
  type DeclaredFile,
  type DiffLimits,
} from "./parse-diff.ts";
import { findCollision } from "./patch-path.ts";
import { withPrivateIndex } from "./private-index.ts";
import { gitLine, gitOutput, reasonOf, runGit, type Repository } from "./run-git.ts";
import { diffTrees, hasTree, type TreeChange } from "./tree-reading.ts";

export interface ApplyDiff {
  /** A commit or tree the mirror holds. */
  readonly base: string;
  readonly diff: string | Uint8Array;
  /** Overrides of `DEFAULT_DIFF_LIMITS`. */
  readonly limits?: Partial<DiffLimits>;
}

export type ApplyOutcome = { kind: "applied"; tree: string; changes: TreeChange[] } | Refusal;

/**
 * Applies a unified diff to a base inside the mirror. Promise: same base and same diff give the
 * same tree id on every machine; nothing is checked out and nothing of the repository runs.
 * Whatever the text says, the outcome is a value; throws `GitError` only when git itself fails.
 */
export async function applyDiff(repo: Repository, request: ApplyDiff): Promise<ApplyOutcome> {
  const parsed = parseDiff(request.diff, { ...DEFAULT_DIFF_LIMITS, ...request.limits });
  if (parsed.kind === "refused") return parsed;
  if (!(await hasTree(repo, checkObjectId(request.base)))) {
    return refuse("unknown-base", "the base is not in the mirror");
  }
  const applied = await applyToIndex(repo, request.base, parsed.bytes);
  if (applied.kind === "refused") return applied;
  const changes = await diffTrees(repo, request.base, applied.tree);
  const refusal =
    judgeChanges(changes, parsed.files) ?? (await judgeNames(repo, applied.tree, changes));
  return refusal ?? { kind: "applied", tree: applied.tree, changes };
}

async function applyToIndex(
  repo: Repository,
  base: string,
  bytes: Buffer,
): Promise<{ kind: "applied"; tree: string } | Refusal> {
  return await withPrivateIndex(repo, base, async (env) => {
    const args = ["apply", "--cached", "--verbose", "--whitespace=nowarn", "-p1", "-"];
    const result = await runGit(repo, args, { env, input: bytes });
    if (result.timedOut) throw new GitError("timeout", "git apply ran out of time");
    if (result.exitCode !== 0) return refuse("does-not-apply", whyNot(result.stderr, result));
    // git moves a hunk to where its context fits; a patch audited for one place may not land elsewhere.
    const moved = /^Hunk #\d+ succeeded at .*$/m.exec(result.stderr)?.[0];
    if (moved !== undefined) return refuse("offset", moved.slice(0, 200));
    return { kind: "applied", tree: await gitLine(repo, ["write-tree"], { env }) };
  });
}

function whyNot(stderr: string, result: Parameters<typeof reasonOf>[0]): string {
  const line = /^error: .*$/m.exec(stderr)?.[0];
  return line === undefined ? reasonOf(result) : line.replaceAll(/[\p{C}]/gu, "?").slice(0, 300);
}

/** The recomputed changes must be exactly the declared ones, between plain files only. */
function judgeChanges(
  changes: readonly TreeChange[],
  declared: readonly DeclaredFile[],
): Refusal | undefined {
  for (const change of changes) {
    for (const mode of [change.oldMode, change.newMode]) {
      const refusal = mode === "000000" ? undefined : refuseMode(mode, change.path);
      if (refusal !== undefined) return refusal;
    }
  }
  const actual = new Map(changes.map((change) => [change.path, kindOf(change)]));
  for (const file of declared) {
    if (actual.get(file.path) !== file.change) {
      return refuse("mismatch", `declared ${file.change}, but the tree says otherwise`, file.path);
    }
    actual.delete(file.path);
  }
  const [undeclared] = actual.keys();
  return undeclared === undefined
    ? undefined
    : refuse("mismatch", "changed without being declared", undeclared);
}

function kindOf(change: TreeChange): DeclaredFile["change"] {
  return change.status === "added" || change.status === "deleted" ? change.status : "modified";
}

async function judgeNames(
  repo: Repository,
  tree: string,
  changes: readonly TreeChange[],
): Promise<Refusal | undefined> {
  const added = changes.filter((change) => change.status === "added").map((change) => change.path);
  if (added.length === 0) return undefined;
  const out = await gitOutput(repo, ["ls-tree", "-r", "-z", "--name-only", "--full-tree", tree]);
  const collision = findCollision(out.toString("utf8").split("\0"), added);
  if (collision === undefined) return undefined;
  return refuse("case-collision", `the same name as ${collision.other}`, collision.path);
}
