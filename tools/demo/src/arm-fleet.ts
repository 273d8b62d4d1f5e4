import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Arm } from "./arm.ts";
import { startArm } from "./arm.ts";
import type { Version } from "./deployment-plan.ts";
import { measureCoverage } from "./measure-coverage.ts";
import { checkOut } from "./sample-repository.ts";

export interface Running {
  readonly arm: Arm;
  /** Ratio of lines the tests reach; undefined when they fail. */
  readonly coverage: number | undefined;
}

export interface ArmFleet {
  /** The arm of a version, started if it is not running. */
  readonly run: (version: Version) => Promise<Running>;
  readonly coverageOf: (tree: string) => number | undefined;
  /** Ends every arm but those of the given trees. */
  readonly retain: (trees: readonly string[]) => void;
  readonly stop: () => Promise<void>;
}

/** Requests under way may finish before their arm goes. */
const retireAfterMs = 1000;

/** One arm per tree: a version that goes from the canary branch to main keeps running. */
export function armFleet(bare: string, dir: string): ArmFleet {
  const running = new Map<string, Promise<Running>>();
  const coverage = new Map<string, number | undefined>();
  let serial = 0;
  const start = async ({ commit, tree }: Version): Promise<Running> => {
    serial += 1;
    const place = join(dir, `${serial}-${tree.slice(0, 12)}`);
    await checkOut(bare, commit, place);
    const [arm, ratio] = await Promise.all([
      startArm(place),
      coverage.has(tree) ? coverage.get(tree) : measureCoverage(place),
    ]);
    coverage.set(tree, ratio);
    return { arm, coverage: ratio };
  };
  const retire = async (arm: Promise<Running>, afterMs: number): Promise<void> => {
    await delay(afterMs);
    await arm.then(({ arm: gone }) => gone.stop()).catch(() => {});
  };
  return {
    run: (version) => {
      const found = running.get(version.tree) ?? start(version);
      running.set(version.tree, found);
      found.catch(() => running.delete(version.tree));
      return found;
    },
    coverageOf: (tree) => coverage.get(tree),
    retain: (trees) => {
      for (const [tree, arm] of running) {
        if (trees.includes(tree)) continue;
        running.delete(tree);
        void retire(arm, retireAfterMs);
      }
    },
    stop: async () => {
      const arms = [...running.values()];
      running.clear();
      await Promise.all(arms.map((arm) => retire(arm, 0)));
    },
  };
}
