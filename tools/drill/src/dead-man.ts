/** The far side of the dead-man process: started before anything is broken, told when all is well. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

export interface DeadManOrder {
  /** Who must be done by the deadline. */
  readonly pid: number;
  readonly deadlineMs: number;
  /** Removed when the drill ends without having cleaned up. */
  readonly dir: string;
}

export interface DeadMan {
  /** The drill is over and has cleaned up after itself. */
  readonly standDown: () => Promise<void>;
}

/**
 * Starts a process of its own that ends the drill at the deadline (SIGTERM, 10 s later SIGKILL), and
 * removes what it left if it dies: it asks nobody, least of all the controller that is being drilled.
 */
export function armDeadMan(order: DeadManOrder): DeadMan {
  const script = join(import.meta.dirname, "dead-man-main.ts");
  const child = spawn(process.execPath, [script, JSON.stringify(order)], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  const gone = once(child, "exit");
  // It is gone already only when it has fired; then there is nobody to be told.
  child.stdin.on("error", () => {});
  child.unref();
  return {
    standDown: async () => {
      child.ref();
      child.stdin.end("stand down\n");
      await gone;
    },
  };
}
