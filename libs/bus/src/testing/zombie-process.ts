// A consumer in a process of its own, for tests that stop or kill it. It says "holding <delivery>" when its handler
// has an entry, commits after the next line on its input, and says what became of it.
// Arguments: url, prefix, and what to do with an entry: "wait" or "die".
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { openBus } from "../open-bus.ts";

const [url = "", prefix = "", manner = "wait"] = process.argv.slice(2);
const say = (line: string): boolean => process.stdout.write(`${line}\n`);

openBus({ url, prefix, name: "zombie" }).consume({
  inbox: "in",
  claimIdleMs: 300,
  handler: async ({ deliveryCount, message }) => {
    if (manner === "die") {
      if (message.id === "poison") process.kill(process.pid, "SIGKILL");
      await setTimeout(50); // still at work when the poison strikes
    }
    say(`holding ${deliveryCount}`);
    if (manner === "wait") await once(process.stdin, "data");
    return { ledger: [`zombie ${message.id}`] };
  },
  onOutcome: ({ kind }) => say(kind),
});
