import { defineConfig } from "vitest/config";

// Whole systems run in these, which mostly wait: two files at a time, and no test asserts how long anything takes.
export default defineConfig({
  test: {
    include: ["**/*.test.ts"],
    exclude: ["**/node_modules/**", "fixtures/**"],
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
