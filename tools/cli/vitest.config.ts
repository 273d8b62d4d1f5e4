import { defineConfig } from "vitest/config";

// Most of the time goes into waiting for processes, so two files run at a time.
export default defineConfig({ test: { maxWorkers: 2 } });
