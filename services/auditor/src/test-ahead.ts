import type { Bus, Delivery, Outcome } from "@council/bus";
import { partitionOfPatch, testAheadSchema } from "@council/contracts";
import { applyDiff, fetchCommit, type Mirror, type Mirrors } from "@council/git";
import type { Head } from "./head.ts";

export interface LookingAhead {
  readonly bus: Pick<Bus, "readBlob">;
  readonly mirrors: Mirrors;
  readonly lookAhead: NonNullable<Head["lookAhead"]>;
}

/** What was likely so long ago has come by now, or will not. */
const maxAgeMs = 10 * 60_000;

/**
 * Makes the tree that is expected, publishes it nowhere, and has the head look at it. It is work that nobody
 * waits for: where the tree cannot be made, nothing is done and nothing is missing.
 */
export async function testAhead(
  { bus, mirrors, lookAhead }: LookingAhead,
  { message }: Delivery,
  signal: AbortSignal,
  now: number,
): Promise<Outcome> {
  const { repository, base, diffs } = testAheadSchema.parse(message.body);
  if (now - message.at > maxAgeMs) return {};
  const mirror = await mirrors(repository);
  const fetched = await fetchCommit(mirror, base);
  if (fetched.kind === "unreachable") return {};
  const tree = await treeOfAll(bus, mirror, base, diffs);
  if (tree !== undefined) await lookAhead({ repository, mirror, tree }, signal);
  return {};
}

/** Undefined where a diff is not there any more, or does not apply on those before it. */
async function treeOfAll(
  bus: LookingAhead["bus"],
  mirror: Mirror,
  base: string,
  diffs: readonly { readonly patchId: string; readonly diff: string }[],
): Promise<string | undefined> {
  let tree = base;
  for (const { patchId, diff } of diffs) {
    const partition = partitionOfPatch(patchId);
    const bytes = partition === undefined ? undefined : await bus.readBlob(partition, diff);
    const applied = bytes && (await applyDiff(mirror, { base: tree, diff: bytes }));
    if (applied?.kind !== "applied") return undefined;
    ({ tree } = applied);
  }
  return tree;
}
