import {
  advanceTest,
  beginTest,
  defaultRules,
  metricUnits,
  observe,
  type Sample,
  startWatch,
} from "@council/domain";
import { digits } from "../report.ts";
import { testRules } from "./council.ts";
import type { Measured } from "./tables.ts";
import { type LookValues, type Pools, traffic } from "./traffic.ts";

/** Samples per second of processor time, and what a test weighs. */
export function speed(pools: Pools, looks: number): Measured {
  const next = traffic(pools, {}, 99);
  let state = startWatch({
    patchId: "p",
    stage: "s",
    token: 1,
    startedAt: 0,
    watchMinMs: 1e12,
    rules: defaultRules,
  });
  const batches = Array.from({ length: 50 }, () => samplesOf(next()));
  const each = batches[0]?.length ?? 0;
  const before = process.cpuUsage();
  for (let at = 0; at < looks; at += 1)
    state = observe(state, batches[at % batches.length] ?? [], at).state;
  const { user, system } = process.cpuUsage(before);
  const seconds = Math.max((user + system) / 1e6, 1e-6);
  const perSecond = (looks * each) / seconds;
  const small = testRules.map((rule) => {
    const test = state.tests[rule.id] ?? beginTest(rule);
    const waiting = advanceTest(rule, test, {
      baseline: batches[0]?.map(valueOf) ?? [],
      canary: [],
    });
    return Math.max(JSON.stringify(test).length, JSON.stringify(waiting).length);
  });
  const largest = Math.max(...small);
  return {
    table: {
      title: "speed and size",
      columns: ["what", "measured"],
      rows: [
        ["samples per second of one core, whole default policy", digits(perSecond)],
        ["largest state of a patch and rule, bytes", digits(largest)],
      ],
      notes: [],
    },
    goals: [
      { name: "seconds for 200,000 samples", measured: 200_000 / perSecond, most: 1 },
      { name: "bytes per patch and rule", measured: largest, most: 2048 },
    ],
  };
}

const valueOf = ({ value }: Sample) => value;

function samplesOf(values: LookValues): Sample[] {
  return (["latency", "cost", "accuracy"] as const).flatMap((metric) =>
    (["baseline", "canary"] as const).flatMap((arm) =>
      values[metric][arm].map((value) => ({
        metric,
        arm,
        value,
        unit: metricUnits[metric],
        at: 0,
      })),
    ),
  );
}
