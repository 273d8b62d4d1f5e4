import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type LandedChange,
  planRollback,
  type RollbackPlan,
  type TrialOutcome,
} from "./plan-rollback.ts";

const change = (commit: string, more: Partial<LandedChange> = {}): LandedChange => ({
  commit,
  patchId: `p-${commit}`,
  title: commit,
  author: "ann",
  paths: [],
  adds: [],
  uses: [],
  ...more,
});

/** Runs the planner; a commit conflicts when a later one that stays has a path of its own. */
function plan(
  changes: readonly LandedChange[],
  isOverlap = (a: LandedChange, b: LandedChange) => a.paths.some((path) => b.paths.includes(path)),
): { plan: RollbackPlan; trials: number } {
  const planning = planRollback(changes);
  let step = planning.next();
  let trials = 0;
  while (!step.done) {
    trials += 1;
    step = planning.next(tried(changes, step.value.commits, isOverlap));
  }
  return { plan: step.value, trials };
}

function tried(
  changes: readonly LandedChange[],
  commits: readonly string[],
  isOverlap: (a: LandedChange, b: LandedChange) => boolean,
): TrialOutcome {
  for (const [at, taken] of changes.entries()) {
    if (!commits.includes(taken.commit)) continue;
    const later = changes
      .slice(0, at)
      .find((each) => !commits.includes(each.commit) && isOverlap(each, taken));
    if (later) {
      const paths = taken.paths.filter((path) => later.paths.includes(path));
      return { kind: "conflict", commit: taken.commit, paths };
    }
  }
  return { kind: "clean" };
}

const ids = ({ steps }: RollbackPlan) => steps.map(({ commit }) => commit);

describe("the rollback plan", () => {
  test("of a patch nobody has built on is the patch alone, after one trial", () => {
    const { plan: found, trials } = plan([
      change("c", { paths: ["c.js"] }),
      change("a", { paths: ["a.js"] }),
    ]);
    expect(found).toMatchObject({ kind: "alone" });
    expect([ids(found), trials]).toEqual([["a"], 1]);
  });

  test("takes along what changed the same lines since, and what changed theirs, newest first", () => {
    const { plan: found } = plan([
      change("d", { paths: ["d.js"] }),
      change("c", { paths: ["b.js"] }),
      change("b", { paths: ["a.js", "b.js"] }),
      change("a", { paths: ["a.js"] }),
    ]);
    expect([found.kind, ids(found)]).toEqual(["together", ["c", "b", "a"]]);
    expect(found.steps[0]?.because).toBe("it changed b.js after b");
    expect(found.steps.at(-1)?.because).toBe("it is the patch to be taken back");
  });

  test("takes along what uses a name it adds, though git sees no conflict", () => {
    const { plan: found, trials } = plan([
      change("e", { uses: ["h"] }),
      change("d", { uses: ["g"], adds: ["h"] }),
      change("c", { uses: ["x"] }),
      change("a", { adds: ["g"] }),
    ]);
    expect([found.kind, ids(found), trials]).toEqual(["together", ["e", "d", "a"], 1]);
    expect(found.steps[1]?.because).toBe("it uses g, which a added");
  });

  test("leaves out who only shares a path with the one in conflict", () => {
    const onTheSameLine = (x: LandedChange, y: LandedChange) =>
      [x.commit, y.commit].toSorted().join() === "a,b";
    const { plan: found } = plan(
      [
        change("c", { paths: ["a.js"] }),
        change("b", { paths: ["a.js"] }),
        change("a", { paths: ["a.js"] }),
      ],
      onTheSameLine,
    );
    expect([found.kind, ids(found)]).toEqual(["together", ["b", "a"]]);
  });

  test("is left to a person where another's own commit, or a revert, is in the way", () => {
    const { patchId: _, ...own } = change("b", { paths: ["a.js"], author: "bob" });
    const foreign = plan([own, change("a", { paths: ["a.js"] })]).plan;
    expect(foreign).toMatchObject({
      kind: "by-hand",
      reason: expect.stringContaining("bob") as string,
    });
    const undoing = change("r", { paths: ["a.js"], isRevert: true });
    const reverted = plan([undoing, change("a", { paths: ["a.js"] })]).plan;
    expect(reverted).toMatchObject({
      kind: "by-hand",
      reason: expect.stringContaining("revert") as string,
    });
  });

  test("is left to a person where nothing explains the conflict, or nothing is on the branch", () => {
    const planning = planRollback([change("a", { paths: ["a.js"] })]);
    planning.next();
    const { value } = planning.next({ kind: "conflict", commit: "a", paths: ["moved.js"] });
    expect(value).toMatchObject({ kind: "by-hand" });
    expect(plan([]).plan).toMatchObject({ kind: "by-hand", steps: [] });
  });

  test("always comes off cleanly, newest first, ends, and holds nobody a conflict does not need", () => {
    const paths = ["a", "b", "c", "d"];
    const some = fc.array(
      fc.record({
        paths: fc.uniqueArray(fc.constantFrom(...paths), { minLength: 1 }),
        adds: fc.uniqueArray(fc.constantFrom("f", "g"), { maxLength: 1 }),
        uses: fc.uniqueArray(fc.constantFrom("f", "g"), { maxLength: 1 }),
      }),
      { minLength: 1, maxLength: 8 },
    );
    const overlap = (x: LandedChange, y: LandedChange) =>
      x.paths.some((path) => y.paths.includes(path));
    fc.assert(
      fc.property(some, (made) => {
        const changes = made.map((more, at) => change(`c${made.length - at}`, more));
        const { plan: found, trials } = plan(changes);
        const chosen = ids(found);
        const order = changes.map(({ commit }) => commit).filter((id) => chosen.includes(id));
        expect(chosen).toEqual(order);
        expect(chosen.at(-1)).toBe("c1");
        expect(tried(changes, chosen, overlap)).toEqual({ kind: "clean" });
        expect(trials).toBeLessThanOrEqual(2 * changes.length);
      }),
    );
  });
});
