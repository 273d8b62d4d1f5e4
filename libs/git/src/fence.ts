/**
 * The fence of a lane: a ref in the repository itself, `refs/council/fence/<lane>`, that every landing
 * of the lane moves together with the branch, in one atomic push.
 *
 * Decides: whether a process may still land. A process that was stopped and wakes up after its lane
 * passed to another, or after its landing was cancelled, finds the fence moved and pushes nothing,
 * whatever it believed before (P1). Each commit of the fence names the token it was moved with and,
 * when it bars a landing, the effect id. Reverts do not ask the fence (P4).
 */
import {
  CANCELS_TRAILER,
  createCommit,
  EFFECT_TRAILER,
  findTrailers,
  type Identity,
  parseTrailers,
  TOKEN_TRAILER,
} from "./commit.ts";
import { branchRef, EMPTY_TREE } from "./git-names.ts";
import { fetchRef, type Mirror } from "./mirror.ts";
import type { RefUpdate } from "./push.ts";
import { gitOutput } from "./run-git.ts";

export interface Fence {
  /** The branch the lane is named after. */
  readonly lane: string;
  /** Grows with every grant of the lane. */
  readonly token: number;
}

/** Kept from pushing for good: by a newer token, or because this very effect was cancelled. */
export type Barred = { kind: "fenced"; token: number } | { kind: "cancelled" };

export type FenceReading =
  | { kind: "open"; ref?: string; sha?: string }
  | Barred
  | { kind: "unreachable"; reason: string };

/** Whether an effect with this token may still push; `open` without a ref when there is no fence. */
export async function readFence(
  mirror: Mirror,
  fence: Fence | undefined,
  effectId: string,
): Promise<FenceReading> {
  if (fence === undefined) return { kind: "open" };
  const ref = fenceRef(fence.lane);
  const head = await fetchRef(mirror, ref, ref);
  if (head.kind === "unreachable") return head;
  if (head.kind === "absent") return { kind: "open", ref };
  const token = await tokenAt(mirror, head.sha);
  if (token > fence.token) return { kind: "fenced", token };
  const cancels = [{ key: CANCELS_TRAILER, value: effectId }];
  const [cancelled] = await findTrailers(mirror, { to: head.sha }, cancels);
  return cancelled ? { kind: "cancelled" } : { kind: "open", ref, sha: head.sha };
}

interface FenceMove {
  readonly fence?: Fence;
  readonly effectId: string;
  readonly identity: Identity;
  readonly at: Date;
}

/** The step of the fence that goes with a push; none when no fence was asked for. */
export async function fenceUpdate(
  mirror: Mirror,
  reading: FenceReading & { kind: "open" },
  move: FenceMove,
  effectTrailer: string = EFFECT_TRAILER,
): Promise<RefUpdate[]> {
  if (move.fence === undefined || reading.ref === undefined) return [];
  const commit = await createCommit(mirror, {
    tree: await emptyTree(mirror),
    parents: reading.sha === undefined ? [] : [reading.sha],
    text: { message: "Council fence", identity: move.identity, at: move.at },
    own: { [TOKEN_TRAILER]: String(move.fence.token), [effectTrailer]: move.effectId },
  });
  return [{ ref: reading.ref, expected: reading.sha, commit }];
}

function fenceRef(lane: string): string {
  return branchRef(lane).replace("refs/heads/", "refs/council/fence/");
}

async function tokenAt(mirror: Mirror, sha: string): Promise<number> {
  const body = await gitOutput(mirror, [
    "log",
    "-1",
    "--no-show-signature",
    "--format=%B",
    sha,
    "--",
  ]);
  const trailer = parseTrailers(body.toString("utf8")).find(([key]) => key === TOKEN_TRAILER);
  const token = Number(trailer?.[1] ?? Number.NaN);
  // A fence nobody can read bars everything: better no landing than one too many.
  return Number.isSafeInteger(token) ? token : Number.MAX_SAFE_INTEGER;
}

async function emptyTree(mirror: Mirror): Promise<string> {
  await gitOutput(mirror, ["mktree"], { input: "" });
  return EMPTY_TREE;
}
