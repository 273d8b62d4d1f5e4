import { describe, expect, test } from "vitest";
import { simulate, type SimulationResult } from "./simulate.ts";
import type { Mutations } from "./simulated-world.ts";

/** One seed to replay (SIM_SEED), or how many to run from 1 on (SIM_SEEDS). */
const only = process.env["SIM_SEED"];
const count = Number(process.env["SIM_SEEDS"] ?? 10_000);
const timeout = 60_000 + count * 20;

function* seeds(): Generator<number> {
  if (only !== undefined) yield Number(only);
  else for (let seed = 1; seed <= count; seed += 1) yield seed;
}

/** Runs seed by seed until one finds something. */
function firstFault(mutations: Mutations, ends = new Map<string, number>()) {
  for (const seed of seeds()) {
    const result = simulate(seed, mutations);
    if (result.faults.length > 0) return result;
    for (const end of result.ends) ends.set(end, (ends.get(end) ?? 0) + 1);
  }
  return undefined;
}

const told = ({ seed, faults, log }: SimulationResult) =>
  [`replay with SIM_SEED=${seed}`, ...faults, ...log].join("\n");

test(
  "P1, P2, P3, P4, P5, P6, P9, P10 and the lane hold under kills, stops, stolen and reordered messages, and all comes to rest",
  { timeout },
  () => {
    const ends = new Map<string, number>();
    const found = firstFault({}, ends);
    expect(found && told(found)).toBeUndefined();
    console.log(`ends: ${JSON.stringify(Object.fromEntries(ends))}`);
  },
);

test("P5: the same seed gives the same run", () => {
  for (const seed of [1, 2, 3]) expect(simulate(seed)).toEqual(simulate(seed));
});

describe.runIf(only === undefined)("over all seeds", () => {
  test("patches end in every way they can", () => {
    const ends = new Set(Array.from({ length: 500 }, (_, seed) => simulate(seed + 1).ends).flat());
    for (const kind of ["settled", "reverted", "withdrawn", "rejected", "failed"] as const)
      expect(ends).toContain(kind);
  });

  const mutants: readonly { name: string; mutations: Mutations }[] = [
    { name: "P1: no fence on commits", mutations: { bus: { withoutFence: true } } },
    { name: "P5: no compare-and-set", mutations: { bus: { withoutCompareAndSet: true } } },
    { name: "P2: no gate on votes", mutations: { decide: { withoutVoteGate: true } } },
    { name: "P6: no look at what it means", mutations: { decide: { withoutMeaning: true } } },
    { name: "P4: no intent during a push", mutations: { decide: { withoutIntent: true } } },
    { name: "P1: no effect id looked for", mutations: { git: { withoutEffectCheck: true } } },
    { name: "P1: no compare-and-swap", mutations: { git: { withoutCompareAndSwap: true } } },
    { name: "P1: no fence in the repository", mutations: { git: { withoutFence: true } } },
    { name: "lane: no claims", mutations: { lane: { withoutClaims: true } } },
    { name: "lane: no limit", mutations: { lane: { withoutLimit: true } } },
    { name: "lane: no order", mutations: { lane: { withoutOrder: true } } },
  ];
  test.for(mutants)("what is left out is noticed: $name", { timeout }, ({ mutations }) => {
    expect(firstFault(mutations)).toBeDefined();
  });
});
