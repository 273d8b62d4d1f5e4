import { defineConfig } from "vitest/config";

// The sample product's own tests are for node:test, and run as part of these.
export default defineConfig({ test: { include: ["src/**/*.test.ts"], testTimeout: 30_000 } });
