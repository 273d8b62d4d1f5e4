import { spawn } from "node:child_process";
import type { Traffic } from "@council/contracts";
import type { SteerTraffic } from "./steer-traffic.ts";

/**
 * Runs the operator's own program: exit code 0 says that the weight is in force. It gets the order as
 * `COUNCIL_*` variables and nothing else of this process but PATH and HOME, so no secret reaches it.
 */
export function commandDriver({
  argv,
  timeoutMs,
}: Extract<Traffic, { kind: "command" }>): SteerTraffic {
  const [program = "", ...args] = argv;
  return (order) =>
    new Promise((resolve) => {
      const child = spawn(program, args, {
        stdio: "ignore",
        detached: true, // a group of its own, so that what it started ends with it
        env: {
          PATH: process.env["PATH"],
          HOME: process.env["HOME"],
          COUNCIL_EFFECT: order.effectId,
          COUNCIL_PATCH: order.patchId,
          COUNCIL_REPOSITORY: order.repository,
          COUNCIL_STAGE: order.stage,
          COUNCIL_WEIGHT_PERCENT: String(order.weightPercent),
          COUNCIL_SEQUENCE: String(order.sequence),
        },
      });
      const failed = (reason: string) => resolve({ kind: "failed", reason });
      const timer = setTimeout(() => {
        failed(`the traffic command took longer than ${timeoutMs} ms`);
        killGroup(child.pid);
      }, timeoutMs);
      child.once("error", () => failed("the traffic command cannot be started"));
      child.once("close", (code, signal) => {
        clearTimeout(timer);
        if (code === 0) resolve({ kind: "steered" });
        else failed(`the traffic command ended with ${code ?? signal}`);
      });
    });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}
