import { spawn } from "node:child_process";
import { join } from "node:path";
import { lowerPriority } from "./lower-priority.ts";

const cli = join(import.meta.dirname, "..", "..", "cli", "src", "main.ts");

/** Starts a process that carries out the drills asked for on the page of this Council. */
export function startDrillRunner(options: {
  readonly redisUrl: string;
  readonly keyPrefix: string;
  readonly reportsDir: string;
}): { readonly stop: () => Promise<void> } {
  const { redisUrl, keyPrefix, reportsDir } = options;
  const child = spawn(process.execPath, [cli, "drill", "--serve", "--reports", reportsDir], {
    stdio: ["ignore", "ignore", "inherit"],
    // A session of its own stands back as a whole, and ends with this process, however that ends.
    detached: true,
    env: {
      ...process.env,
      REDIS_URL: redisUrl,
      COUNCIL_KEY_PREFIX: keyPrefix,
      COUNCIL_PARENT_PID: String(process.pid),
    },
  });
  lowerPriority(child.pid);
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  return {
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}
