/**
 * Which landed patches have to go together so that one of them can go: the planner of rollbacks.
 *
 * Decides: the set and its order, newest first, and why each one is in it. Pure: whether a set comes
 * off the branch cleanly is asked for, and whoever runs the planner tries it in git and answers. Nothing
 * is reverted here, and nothing but the patch itself is ever taken back without a person's word.
 */
import type { GitId } from "./patch/patch.ts";

/** A commit that is on the branch since the patch in question landed, and still holds. */
export interface LandedChange {
  readonly commit: GitId;
  /** Absent: not landed by Council, such as a person's own commit. */
  readonly patchId?: string;
  /** It took back something older than the patch in question; taking it back would bring that back. */
  readonly isRevert?: boolean;
  readonly title: string;
  readonly author: string;
  readonly paths: readonly string[];
  /** Names it added that others can use, from its change report. */
  readonly adds: readonly string[];
  /** Names it calls and modules it imports, from its change report. */
  readonly uses: readonly string[];
}

/** Try to take these commits back, in this order, one on top of the other. */
export interface Trial {
  readonly commits: readonly GitId[];
}

export type TrialOutcome =
  | { readonly kind: "clean" }
  /** This commit of the trial could not be taken back; others have changed these paths since. */
  | { readonly kind: "conflict"; readonly commit: GitId; readonly paths: readonly string[] };

export interface PlannedStep {
  readonly commit: GitId;
  readonly patchId?: string;
  readonly title: string;
  readonly author: string;
  /** Why it has to go, one sentence. */
  readonly because: string;
}

export type RollbackPlan =
  /** The patch can go by itself. */
  | { readonly kind: "alone"; readonly steps: readonly PlannedStep[] }
  /** Others have to go with it, in this order; a person decides. */
  | { readonly kind: "together"; readonly steps: readonly PlannedStep[] }
  /** What is in the way was not landed by Council, or cannot be told: a person has to work it out. */
  | {
      readonly kind: "by-hand";
      readonly reason: string;
      readonly steps: readonly PlannedStep[];
    };

/**
 * Plans for the oldest of `changes`, which are all changes on the branch since then, newest first. Yields
 * each trial and expects its outcome; ends after at most two trials for each change. The set is minimal:
 * none that is in it for a conflict can be left out.
 */
export function* planRollback(
  changes: readonly LandedChange[],
): Generator<Trial, RollbackPlan, TrialOutcome> {
  const target = changes.at(-1);
  if (!target) return { kind: "by-hand", reason: "it is not on the branch", steps: [] };
  const because = new Map<GitId, string>([[target.commit, "it is the patch to be taken back"]]);
  const inConflict = new Set<GitId>();
  let chosen = withUsers(changes, new Set([target.commit]), because);
  for (;;) {
    const outcome = yield trialOf(changes, chosen);
    if (outcome.kind === "clean") break;
    const blocking = inTheWay(changes, chosen, outcome);
    if (blocking.length === 0)
      return {
        kind: "by-hand",
        reason: `nothing on the branch explains why ${outcome.commit} does not come off: ${outcome.paths.join(", ")}`,
        steps: stepsOf(changes, chosen, because),
      };
    for (const { commit, paths } of blocking) {
      inConflict.add(commit);
      const shared = paths.filter((path) => outcome.paths.includes(path)).join(", ");
      because.set(commit, `it changed ${shared} after ${outcome.commit.slice(0, 12)}`);
    }
    chosen = withUsers(changes, new Set([...chosen, ...inConflict]), because);
  }
  chosen = yield* withoutNeedless(changes, { target, chosen, inConflict, because });
  return planOf(changes, chosen, because, target);
}

/** Leaves out, oldest first, whatever is in the set for a conflict that others explain as well. */
function* withoutNeedless(
  changes: readonly LandedChange[],
  {
    target,
    chosen: whole,
    inConflict,
    because,
  }: {
    target: LandedChange;
    chosen: ReadonlySet<GitId>;
    inConflict: ReadonlySet<GitId>;
    because: Map<GitId, string>;
  },
): Generator<Trial, ReadonlySet<GitId>, TrialOutcome> {
  let chosen = whole;
  const kept = new Set(inConflict);
  for (const { commit } of changes.toReversed()) {
    if (!kept.has(commit)) continue;
    const others = [...kept].filter((each) => each !== commit);
    const fewer = withUsers(changes, new Set([target.commit, ...others]), because);
    if (fewer.size >= chosen.size) continue;
    const outcome = yield trialOf(changes, fewer);
    if (outcome.kind === "conflict") continue;
    kept.delete(commit);
    chosen = fewer;
  }
  return chosen;
}

/** The set, and every later change that uses a name one of them added: without it, it would not run. */
function withUsers(
  changes: readonly LandedChange[],
  commits: ReadonlySet<GitId>,
  because: Map<GitId, string>,
): ReadonlySet<GitId> {
  const all = new Set(commits);
  const added = new Map<string, GitId>();
  // Oldest first: a user is always later than what it uses.
  for (const { commit, adds, uses } of changes.toReversed()) {
    const used = uses.find((name) => added.has(name));
    if (used !== undefined && !all.has(commit)) {
      all.add(commit);
      because.set(commit, `it uses ${used}, which ${added.get(used)?.slice(0, 12)} added`);
    }
    if (all.has(commit)) for (const name of adds) added.set(name, commit);
  }
  return all;
}

/** Later changes outside the set to a path that is in conflict. */
function inTheWay(
  changes: readonly LandedChange[],
  chosen: ReadonlySet<GitId>,
  { commit, paths }: TrialOutcome & { kind: "conflict" },
): LandedChange[] {
  const at = changes.findIndex((change) => change.commit === commit);
  return changes
    .slice(0, Math.max(0, at))
    .filter((change) => !chosen.has(change.commit))
    .filter((change) => change.paths.some((path) => paths.includes(path)));
}

function planOf(
  changes: readonly LandedChange[],
  chosen: ReadonlySet<GitId>,
  because: ReadonlyMap<GitId, string>,
  target: LandedChange,
): RollbackPlan {
  const steps = stepsOf(changes, chosen, because);
  if (steps.length === 1) return { kind: "alone", steps };
  const others = changes.filter(({ commit }) => chosen.has(commit) && commit !== target.commit);
  const foreign = others.find(({ patchId, isRevert }) => patchId === undefined || isRevert);
  if (!foreign) return { kind: "together", steps };
  const reason = foreign.isRevert
    ? `${foreign.commit} is itself a revert; taking it back would bring back what it took`
    : `${foreign.commit} by ${foreign.author} was not landed by Council`;
  return { kind: "by-hand", reason, steps };
}

const trialOf = (changes: readonly LandedChange[], chosen: ReadonlySet<GitId>): Trial => ({
  commits: changes.flatMap(({ commit }) => (chosen.has(commit) ? [commit] : [])),
});

function stepsOf(
  changes: readonly LandedChange[],
  chosen: ReadonlySet<GitId>,
  because: ReadonlyMap<GitId, string>,
): PlannedStep[] {
  return changes
    .filter(({ commit }) => chosen.has(commit))
    .map(({ commit, patchId, title, author }) => ({
      commit,
      ...(patchId === undefined ? {} : { patchId }),
      title,
      author,
      because: because.get(commit) ?? "",
    }));
}
