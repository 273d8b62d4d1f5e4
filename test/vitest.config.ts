import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

// What takes minutes runs when it is asked for: `COUNCIL_LONG=1 npm test -- long`.
const long = process.env["COUNCIL_LONG"] === "1" ? [] : ["**/*.long.test.ts"];

/** A fresh checkout has no durations to go by, and these files are short: last, they would leave a core idle. */
const longest = ["chaos/crash", "e2e/hostile-corpus", "model/explore", "canary/goals"];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isOf = (name: string) => (file: TestSpecification) =>
      file.moduleId.endsWith(`/${name}.test.ts`);
    return [...new Set([...longest.flatMap((name) => sorted.filter(isOf(name))), ...sorted])];
  }
}

// Whole systems run in these, which mostly wait: two files at a time, and no test asserts how long anything takes.
export default defineConfig({
  test: {
    include: ["**/*.test.ts"],
    exclude: ["**/node_modules/**", "fixtures/**", ...long],
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
