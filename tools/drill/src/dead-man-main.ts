/** Ends a drill that outlives its deadline, and clears up after one that died. */
import { rm } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import type { DeadManOrder } from "./dead-man.ts";

const graceMs = 10_000;
const order = JSON.parse(process.argv[2] ?? "{}") as DeadManOrder;

const deadline = setTimeout(() => void endDrill(), order.deadlineMs);
// Ends when the drill says so, or when it is gone, however it went.
const said = await text(process.stdin);
clearTimeout(deadline);
if (!said.includes("stand down")) {
  // The services end by themselves once their parent is gone; what they still write goes too.
  await delay(graceMs);
  await rm(order.dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 500 });
}
process.exit(0);

async function endDrill(): Promise<void> {
  signal("SIGTERM");
  await delay(graceMs);
  signal("SIGKILL");
}

function signal(name: NodeJS.Signals): void {
  try {
    process.kill(order.pid, name);
  } catch {
    // It is gone: what was wanted.
  }
}
