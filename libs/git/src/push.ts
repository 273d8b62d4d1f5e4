import { setTimeout as pause } from "node:timers/promises";
import { branchRef, checkObjectId } from "./git-names.ts";
import type { Mirror } from "./mirror.ts";
import { reasonOf, runGit } from "./run-git.ts";

export type PushOutcome =
  | { kind: "pushed" }
  | { kind: "race-lost" }
  | { kind: "refused"; reason: string }
  | { kind: "unreachable"; reason: string };

/** Attempts at a push that keeps losing the race, before the caller is told. */
export const MAX_PUSH_ATTEMPTS = 24;

const RACE =
  /stale info|fetch first|non-fast-forward|failed to update ref|cannot lock ref|failed to lock|incorrect old value|reference already exists|already exists|needs force|atomic transaction failed|transaction failed to start/;

/** One ref of the remote to move, from `expected` (absent: it must not exist) to `commit`. */
export interface RefUpdate {
  readonly ref: string;
  readonly expected: string | undefined;
  readonly commit: string;
}

/**
 * Moves a remote branch from `expected` (absent: the branch must not exist) to `commit`, as one
 * compare-and-swap in the remote. `commit` must descend from `expected`: nothing is ever lost (P1).
 */
export async function pushCommit(
  mirror: Mirror,
  branch: string,
  expected: string | undefined,
  commit: string,
): Promise<PushOutcome> {
  return await pushRefs(mirror, [{ ref: branchRef(branch), expected, commit }]);
}

/** Moves several refs of the remote, all or none, each only from where it is expected to be. */
export async function pushRefs(
  mirror: Mirror,
  updates: readonly RefUpdate[],
): Promise<PushOutcome> {
  const leases = updates.map(
    ({ ref, expected }) =>
      `--force-with-lease=${ref}:${expected === undefined ? "" : checkObjectId(expected)}`,
  );
  const result = await runGit(
    mirror,
    [
      "push",
      "--porcelain",
      ...(updates.length > 1 ? ["--atomic"] : []),
      "--no-verify",
      "--no-follow-tags",
      "--recurse-submodules=no",
      ...leases,
      mirror.remoteUrl,
      ...updates.map(({ ref, commit }) => `${checkObjectId(commit)}:${ref}`),
    ],
    { env: mirror.remoteEnv },
  );
  const lines = result.stdout
    .toString("utf8")
    .split("\n")
    .filter((each) => /^[ +*=!-]\t/.test(each));
  if (lines.length < updates.length) return { kind: "unreachable", reason: reasonOf(result) };
  const refused = lines.filter((line) => line.startsWith("!"));
  if (refused.length === 0) return { kind: "pushed" };
  const reason = refused
    .map((line) => (line.split("\t")[2] ?? "").replaceAll(/[\p{C}]/gu, " "))
    .join("; ")
    .slice(0, 300);
  // Of an atomic push the report says only that it failed; the remote's own words say why.
  const why = reason.includes("atomic transaction failed") ? `${reason} ${result.stderr}` : reason;
  if (RACE.test(why)) return { kind: "race-lost" };
  if (/remote failure|failed to report status/.test(reason)) return { kind: "unreachable", reason };
  return { kind: "refused", reason: `${reason}; ${reasonOf(result)}`.slice(0, 400) };
}

/** Waits a little, differently long each time, so that racing writers stop meeting. */
export async function backOff(attempt: number): Promise<void> {
  await pause(Math.random() * Math.min(1_000, 30 * attempt));
}
