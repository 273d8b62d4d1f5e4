/** The tables of the statistics, from the outcomes of all runs. */
import { digits, percentile, type Table } from "../report.ts";
import {
  harms,
  healthy,
  keys,
  type Outcome,
  places,
  rivals,
  type Sizes,
  traceFactors,
  watched,
} from "./cells.ts";
import { council } from "./council.ts";
import { type Rate, rateOf } from "./measure.ts";
import type { RealData } from "./real-data.ts";
import { p95 } from "./rivals.ts";
import type { Outcomes } from "./run-cells.ts";
import { requestsPerLook } from "./traffic.ts";

/** A measured number beside the goal it has. */
export interface Goal {
  readonly name: string;
  readonly measured: number;
  readonly most: number;
}
export interface Measured {
  readonly table: Table;
  readonly goals: readonly Goal[];
}

const percent = ({ ratio, upperBound, runs }: Rate) =>
  `${digits(100 * ratio)} % (≤ ${digits(100 * upperBound)} %, ${runs} runs)`;

const outcomesIn = (outcomes: Outcomes, key: string): readonly Outcome[] => outcomes.get(key) ?? [];
const rateIn = (outcomes: Outcomes, key: string): Rate => {
  const runs = outcomesIn(outcomes, key);
  return rateOf(runs.filter((look) => look !== null).length, runs.length);
};
const requestsIn = (outcomes: Outcomes, key: string): number[] =>
  outcomesIn(outcomes, key).map((look) => (look === null ? Infinity : look * requestsPerLook));

const spread = (values: readonly number[]) => `${shown(values, 0.5)} / ${shown(values, 0.95)}`;
const shown = (values: readonly number[], ratio: number) => {
  const value = percentile(values, ratio);
  return Number.isFinite(value) ? digits(value) : "–";
};

/** Healthy patches that are taken back within six hours. */
export function falseReverts(outcomes: Outcomes): Measured {
  const rows = [council, ...rivals].map(({ name }) => [
    name,
    ...healthy.map(([scenario]) => percent(rateIn(outcomes, keys.false(name, scenario)))),
  ]);
  return {
    table: {
      title: "false reverts in 6 h of a healthy patch: latency, cost and accuracy watched",
      columns: ["rule", ...healthy.map(([name]) => name)],
      rows,
      notes: [
        "10 requests per second and arm, a look every 10 s; in brackets the 95 % upper bound.",
        "Limits of Argo and Flagger: a fifth above the true baseline, accuracy 0.95.",
      ],
    },
    goals: healthy.map(([name, , most]) => {
      const { ratio } = rateIn(outcomes, keys.false(council.name, name));
      return { name: `false reverts: ${name}`, measured: ratio, most };
    }),
  };
}

/** Canary requests until a harmful patch is taken back. */
export function detection(outcomes: Outcomes, sizes: Sizes): Measured {
  const found = (rival: string, harm: string) => requestsIn(outcomes, keys.detect(rival, harm));
  const rows = harms.map(([harm]) => [
    harm,
    ...watched.map(({ name }) => spread(found(name, harm))),
  ]);
  const goals = harms.flatMap(([harm, , most]): Goal[] => {
    if (most === undefined) return [];
    const [own, byArgo] = [found(council.name, harm), found(watched[1].name, harm)];
    const p95Goal = { name: `p95 requests: ${harm}`, measured: percentile(own, 0.95), most };
    if (most !== 200) return [p95Goal];
    const measured = percentile(own, 0.5) / percentile(byArgo, 0.5);
    return [p95Goal, { name: `Council over Argo, medians: ${harm}`, measured, most: 1 / 20 }];
  });
  return {
    table: {
      title: "canary requests until harm is taken back: median / 95th percentile",
      columns: ["harm", ...watched.map(({ name }) => name)],
      rows,
      notes: [
        `${sizes.detectRuns} runs of Council, an eighth of that of the others; looks of 100 requests per arm.`,
        "– : not within 36,000 requests, or taken back before there was any harm.",
      ],
    },
    goals,
  };
}

/** What holding the share of false reverts over many patches costs. */
export function rowCosts(outcomes: Outcomes): Measured {
  const rows = harms
    .slice(0, 6)
    .map(([harm]) => [
      harm,
      spread(requestsIn(outcomes, keys.detect(council.name, harm))),
      ...places.map((place) => spread(requestsIn(outcomes, keys.row(place, harm)))),
    ]);
  return {
    table: {
      title: "canary requests until harm is taken back, by the place in the lane's row",
      columns: ["harm", "first", ...places.map((place) => `place ${place}`)],
      rows,
      notes: ["A falseRevertRatio of 0.05, with one revert in ten places before."],
    },
    goals: [],
  };
}

/** Real requests in their real order, split into two arms at random. */
export function realTraces(outcomes: Outcomes, real: RealData): Measured {
  const trace = rateIn(outcomes, keys.trace(1));
  const nab = rateOf(
    ...([...real.series.keys()]
      .map((name) => rateIn(outcomes, keys.series(name)))
      .reduce<[number, number]>(
        ([reverts, runs], rate) => [reverts + rate.reverts, runs + rate.runs],
        [0, 0],
      ) as [number, number]),
  );
  const fixed = [...real.series.values()].filter(tripsFixedLimit).length;
  const rows = [
    ["Azure LLM trace, both arms alike", `taken back in ${percent(trace)}`],
    ...traceFactors
      .filter((factor) => factor !== 1)
      .map((factor) => [
        `Azure LLM trace, cost × ${factor}`,
        `${spread(requestsIn(outcomes, keys.trace(factor)))} requests`,
      ]),
    [
      `NAB, ${real.series.size} series with anomalies in both arms`,
      `taken back in ${percent(nab)}`,
    ],
    ["of them a limit 20 % above the first day trips on", `${fixed} of ${real.series.size}`],
  ];
  return {
    table: { title: "real data", columns: ["data", "Council"], rows, notes: [] },
    goals: [
      { name: "false reverts: Azure trace split in two", measured: trace.ratio, most: 0.01 },
      { name: "false reverts: NAB split in two", measured: nab.ratio, most: 0.01 },
    ],
  };
}

/** Four hours over the first day's p95 by a fifth: what a failure limit of 3 on hourly checks aborts for. */
function tripsFixedLimit(values: readonly number[]): boolean {
  const limit = 1.2 * p95(values.slice(0, 288));
  let failed = 0;
  for (let from = 288; from + 12 <= values.length; from += 12)
    if (p95(values.slice(from, from + 12)) > limit) failed += 1;
  return failed > 3;
}
