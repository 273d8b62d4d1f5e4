import {
  advanceTest,
  beginTest,
  defaultRules,
  judge,
  readTest,
  type TestRule,
  type TestState,
} from "@council/domain";
import type { Rival } from "./rivals.ts";

export const testRules = defaultRules.filter(
  (rule): rule is TestRule => rule.kind !== "absolute" && rule.kind !== "relative",
);
const noValues = { baseline: [], canary: [] };

/** The default policy's tests, by the functions the streaming auditor calls; first in the row of its lane. */
export const council: Rival = councilAt(undefined);

/** The same at the level of a later place in the row. */
export function councilAt(level: number | undefined): Rival {
  return { name: "Council", start: () => startCouncil(level) };
}

function startCouncil(level: number | undefined): ReturnType<Rival["start"]> {
  const tests: TestState[] = testRules.map(beginTest);
  const row = level === undefined ? {} : { level };
  return {
    look: (values) => {
      const readings = testRules.map((rule, at) => {
        const { metric } = rule;
        const own =
          metric === "latency" || metric === "cost" || metric === "accuracy"
            ? values[metric]
            : noValues;
        const next = advanceTest(rule, tests[at] ?? beginTest(rule), own);
        tests[at] = next;
        return readTest(rule, next);
      });
      const moment = { at: 0, startedAt: 0, watchMinMs: Infinity, quiet: [], ...row };
      return judge(testRules, readings, moment).kind === "breach";
    },
  };
}
