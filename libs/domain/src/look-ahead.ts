/**
 * What will most likely be audited next on a lane: the head of now with the patch that stands there, and then
 * each that waits, on top. Nothing is decided by it: whoever runs the suite there ahead keeps what it said
 * by the tree, and a round that is due finds it, or does not. So a word lost, late or doubled changes nothing
 * (ADR 0014), and each place of the queue has a run of its own: a failure needs no bisection.
 */
import type { LaneState } from "./lane.ts";
import type { Policy } from "./policy.ts";
import type { Candidate } from "./patch/patch.ts";

/** A change as a lane knows it, and who would run its suite ahead. */
export interface LaneWork {
  /** The commit it was audited on. */
  readonly base: string;
  /** SHA-256 of the diff, which is stored beside the patch. */
  readonly diff: string;
  readonly heads: readonly string[];
  /** From the front of the queue, so many places are looked ahead for. */
  readonly places: number;
}

/** The tree that comes of these diffs, in this order, on that base: its last patch is the one it is for. */
export interface LookAhead {
  readonly patchId: string;
  readonly base: string;
  readonly diffs: readonly { readonly patchId: string; readonly diff: string }[];
  readonly heads: readonly string[];
}

/** The heads that run suites, by the names their processes have. */
export const suiteHeads: readonly string[] = ["proof", "guard"];

/** What a lane is told with the request; undefined where the policy wants nothing done ahead. */
export function laneWorkOf(
  { seats, testAhead: places = 0 }: Policy,
  candidate: Candidate | undefined,
): LaneWork | undefined {
  const heads = seats.flatMap(({ head, isModel }) =>
    !isModel && suiteHeads.includes(head) ? [head] : [],
  );
  if (places === 0 || heads.length === 0 || !candidate) return undefined;
  const { base, diff } = candidate;
  return { base, diff, heads, places };
}

/** What `after` makes likely and `before` did not. Pure, so a decision taken again says the same. */
export function newLooksAhead(before: LaneState, after: LaneState): readonly LookAhead[] {
  const known = new Set(looksAhead(before).map((each) => JSON.stringify(each)));
  return looksAhead(after).filter((each) => !known.has(JSON.stringify(each)));
}

/** While one is taken back nobody can say on what the next will stand. */
function looksAhead({ occupant, live = [], waiting }: LaneState): readonly LookAhead[] {
  const standing = occupant ?? live.at(-1);
  if (!standing?.work || occupant?.closing || live.some(({ closing }) => closing)) return [];
  const { base, diff } = standing.work;
  const diffs = [{ patchId: standing.patchId, diff }];
  const looks: LookAhead[] = [];
  for (const [place, { patchId, work }] of waiting.entries()) {
    if (!work) break;
    diffs.push({ patchId, diff: work.diff });
    if (place < work.places) looks.push({ patchId, base, diffs: [...diffs], heads: work.heads });
  }
  return looks;
}
