import { defineConfig } from "vitest/config";

// What takes minutes runs when it is asked for: `COUNCIL_LONG=1 npm test -- long`.
const long = process.env["COUNCIL_LONG"] === "1" ? [] : ["**/*.long.test.ts"];

// Whole systems run in these, which mostly wait: two files at a time, and no test asserts how long anything takes.
export default defineConfig({
  test: {
    include: ["**/*.test.ts"],
    exclude: ["**/node_modules/**", "fixtures/**", ...long],
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
