/** What must hold before anything is broken on purpose. */
import type { LedgerEntry } from "@council/contracts";
import type { DrillWorld, Turn } from "./drill-world.ts";
import type { DrillContent } from "@council/contracts";
import { drillFault } from "./drill-fault.ts";

export type Check = DrillContent["preflight"][number];

const by = { actor: "drill", reason: "the kill switch is tried" };
const holdMs = 180_000;

/**
 * One healthy patch through everything: it must be held while landings are paused, settle once they are
 * not, and be taken off again to the last byte. Its two equal arms give the noise between them.
 */
export async function checkBefore(
  world: DrillWorld,
  turn: Turn,
  random: () => number,
): Promise<readonly Check[]> {
  const { client, ledger, target } = world;
  const restorePoint = {
    name: "restore point",
    holds: true,
    detail: `every branch goes back to tree ${target.baseTree}`,
  };
  await client.pause(by);
  const isMine = ({ event }: LedgerEntry) =>
    event.type === "PatchSubmitted" && event.patch.repository === turn.id;
  const submitting = firstEntry(world, isMine);
  const drilling = drillFault(world, turn, random);
  const submitted = await submitting;
  const held = await ledger.until(
    submitted?.patchId ?? "",
    ({ event }) => event.type === "Held" || event.type === "Landed",
    holdMs,
  );
  await client.resume(by);
  const killSwitch = {
    name: "kill switch",
    holds: held?.event.type === "Held" && held.event.reason.kind === "paused",
    detail: `while landings were paused: ${held?.event.type ?? "nothing happened"}`,
  };
  const run = await drilling;
  const steady = {
    name: "steady state",
    holds: run.deviations.length === 0,
    detail: run.deviations.join("; ") || "a healthy patch settles and can be taken back",
  };
  return [restorePoint, killSwitch, steady, noiseOf(ledger.of(run.patchId))];
}

async function firstEntry(
  { ledger }: DrillWorld,
  isMeant: (entry: LedgerEntry) => boolean,
): Promise<LedgerEntry | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => settle(undefined), holdMs);
    const stop = ledger.listen((entry) => {
      if (isMeant(entry)) settle(entry);
    });
    function settle(entry: LedgerEntry | undefined) {
      clearTimeout(timer);
      stop();
      resolve(entry);
    }
  });
}

/** By how much equal arms may differ, as a ratio; beyond it every verdict would be doubtful. */
const mostNoise = 0.2;

/** What the rules measured between two arms that are equal. */
function noiseOf(entries: readonly LedgerEntry[]): Check {
  const readings = entries.flatMap(({ event }) =>
    event.type === "StagePassed" ? event.observation.readings : [],
  );
  const effects = readings.flatMap(({ ruleId, effect }) =>
    effect === undefined ? [] : [{ ruleId, effect }],
  );
  const detail = effects
    .map(({ ruleId, effect }) => `${ruleId} ${(effect * 100).toFixed(2)} %`)
    .join(", ");
  return {
    name: "noise between equal arms",
    holds: effects.length > 0 && effects.every(({ effect }) => effect < mostNoise),
    detail: detail || "nothing was measured",
  };
}
