/** What some faults do to Council and its repository while a patch lives. */
import type { LedgerEntry } from "@council/contracts";
import type { DrillWorld } from "./drill-world.ts";
import type { Fault } from "./fault.ts";
import { type Clone, commitOnTop, rejectPushes } from "./target.ts";

export interface Disturbing {
  readonly strike: () => Promise<void>;
  /** Undoes what was done, after the patch has come to rest. */
  readonly stop: () => Promise<void>;
}

const by = { actor: "drill", reason: "landings are paused for a drill" };
/** How long the freeze is waited for, and how long its bypass is good. */
const frozenMs = 120_000;
const bypassMs = 600_000;
const quiet = async () => {};
/** The steps after which the controller is ended, each once. */
const controllerSteps: ReadonlySet<string> = new Set([
  "PatchSubmitted",
  "ComparisonRecorded",
  "VerdictReached",
  "LandingStarted",
  "Landed",
  "WatchStarted",
  "RevertStarted",
]);

/** Begins at once for what has no moment of its own; `strike` does the rest. */
export function disturb(
  world: DrillWorld,
  { fault, patchId, clone }: { fault: Fault; patchId: string; clone: Clone },
): Disturbing {
  let undo = quiet;
  const once = (act: () => Promise<() => Promise<void>>): Disturbing => ({
    strike: async () => {
      undo = await act();
    },
    stop: () => undo(),
  });
  switch (fault.disturbance?.kind) {
    case "kill-controller":
      return killController(world, patchId);
    case "kill-auditor":
      return once(async () => {
        world.stack.kill("streaming-auditor");
        return quiet;
      });
    case "pushes-rejected":
      return once(() => rejectPushes(clone));
    case "later-commit":
      return once(() => commitOnTop(clone, world.target));
    case "frozen":
      return bypassFreeze(world, patchId);
    case "paused":
      return once(async () => {
        await world.client.pause(by);
        return async () => {
          await world.client.resume(by);
        };
      });
    default:
      return { strike: quiet, stop: quiet };
  }
}

/** Nothing lands in a freeze; an admin lets this one past. */
function bypassFreeze({ client, ledger }: DrillWorld, patchId: string): Disturbing {
  const isFrozen = ({ event }: LedgerEntry) =>
    event.type === "Held" && event.reason.kind === "frozen";
  const bypass = async () => {
    if (!(await ledger.until(patchId, isFrozen, frozenMs))) return;
    const until = Date.now() + bypassMs;
    await client.act(patchId, "bypass", { actor: "drill", reason: "a drill in a freeze", until });
  };
  const passing = bypass();
  return { strike: () => passing, stop: quiet };
}

function killController({ stack, ledger }: DrillWorld, patchId: string): Disturbing {
  const done = new Set<string>();
  const take = ({ patchId: id, event }: LedgerEntry) => {
    if (id !== patchId || !controllerSteps.has(event.type) || done.has(event.type)) return;
    if (stack.kill("patch-controller")) done.add(event.type);
  };
  for (const entry of ledger.of(patchId)) take(entry);
  const stop = ledger.listen(take);
  return { strike: quiet, stop: async () => stop() };
}
