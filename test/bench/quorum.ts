/**
 * The quorum: from the last sealed vote being taken to the verdict being decided, by the clock of the
 * patch controller. In it: the seals are opened, three heads hand in their keys, signatures and bindings
 * are checked, the votes counted. Not in it: what the heads take to judge, models and tests included.
 * 40 patches, one after another, three heads each. No peer; target p95 < 100 ms.
 */
import { setTimeout as delay } from "node:timers/promises";
import { submitPatch, withStack } from "./bench-stack.ts";
import type { BenchStack } from "./bench-stack.ts";
import { digits, percentile } from "./report.ts";
import type { GroupResult } from "./report.ts";

const runs = 40;
const targetMs = 100;
const pollMs = 50;
const stuckMs = 60_000;

interface Entry {
  readonly at: number;
  readonly event: { readonly type: string };
}

export async function benchQuorum(): Promise<GroupResult> {
  const measured = await withStack({}, async (bench) => {
    const all: number[] = [];
    // The first one also clones the mirrors; it is not counted.
    for (let at = 0; at <= runs; at += 1) {
      const took = await decideOne(bench, at);
      if (at > 0) all.push(took);
      if (at % 10 === 0) console.log(`  ${at} of ${runs}: ${digits(took)} ms`);
    }
    return all;
  });
  const row = [0.5, 0.95, 1].map((ratio) => digits(percentile(measured, ratio)));
  return {
    tables: [
      {
        title: `quorum: ms, ${runs} rounds of three heads`,
        columns: ["from → to", "p50", "p95", "max"],
        rows: [["last vote sealed → verdict", ...row]],
        notes: [`Target: p95 < ${targetMs} ms, without the time of models and tests.`],
      },
    ],
    numbers: measured,
  };
}

async function decideOne(bench: BenchStack, at: number): Promise<number> {
  const patchId = await submitPatch(bench, at);
  const deadline = Date.now() + stuckMs;
  for (;;) {
    const { body } = await bench.client.patch(patchId);
    const { timeline = [] } = body as { timeline?: readonly Entry[] };
    const timeOf = (type: string) => timeline.findLast(({ event }) => event.type === type)?.at;
    const [sealed, decided] = [timeOf("VoteSealed"), timeOf("VerdictReached")];
    if (sealed !== undefined && decided !== undefined) return decided - sealed;
    if (Date.now() > deadline) throw new Error(`${patchId} was not decided`);
    await delay(pollMs);
  }
}
