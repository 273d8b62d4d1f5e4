import { defineConfig } from "vitest/config";

// The sample product's own tests are for node:test, and run as part of these. Most of the time goes into waiting for
// processes, so two files run at a time.
export default defineConfig({
  test: { include: ["src/**/*.test.ts"], maxWorkers: 2, testTimeout: 30_000 },
});
