/**
 * Exhaustive exploration: every reachable state of a small world, breadth first, around the real
 * decisions. Messages lie in one unordered inbox, so every order is tried; whatever a process does
 * in one commit is one step. The performer of git effects may be killed between any two steps, and
 * one stopped twin of it goes on with an old look whenever it likes.
 *
 * What is not explored here (several controllers, lost claims, compare-and-set) the simulation covers.
 */
import { faultsOf, unaskedFaults } from "./invariants.ts";
import { isResting } from "./is-resting.ts";
import { finished, initial, type Scenario, stepsOf, type World } from "./small-world.ts";
import { numberOf } from "./number-of-part.ts";
import { deciderWith } from "./mutated-decider.ts";

export interface Explored {
  readonly states: number;
  readonly steps: number;
  readonly faults: readonly string[];
  /** The labels that lead to the first fault. */
  readonly trace: readonly string[];
  /** States from which, without any person, nothing resting can be reached. */
  readonly stuck: readonly string[];
  readonly isComplete: boolean;
  /** How many states have a patch of each kind; shows that a scenario reaches what it is about. */
  readonly kinds: Readonly<Record<string, number>>;
}

/** Visits every reachable state; ends at the first one in which something is broken. */
export function explore(scenario: Scenario): Explored {
  const decider = deciderWith(scenario.decideMutation ?? {});
  const start = { label: "start", world: initial(scenario, decider) };
  const firsts = finished(scenario, decider, start).map(
    (step) => [keyOf(step.world), step] as const,
  );
  // Two ways may lead to one first world; a world has one number.
  const started = [...new Map(firsts).values()];
  const ids = new Map(started.map(({ world }, index) => [keyOf(world), index]));
  const from = started.map(({ label }) => ({ parent: -1, label }));
  const back: number[][] = started.map(() => []);
  const resting: number[] = [];
  const described: string[] = [];
  const kinds: Record<string, number> = {};
  let frontier = started.map(({ world }, index): [number, World] => [index, world]);
  let steps = 0;
  const end = (faults: readonly string[], at: number, stuck: readonly string[]): Explored => ({
    states: ids.size,
    steps,
    faults,
    stuck,
    kinds,
    trace: traceTo(from, at),
    isComplete: ids.size < scenario.maxStates,
  });
  while (frontier.length > 0 && ids.size < scenario.maxStates) {
    const next: [number, World][] = [];
    for (const [id, world] of frontier) {
      const faults = [
        ...faultsOf(world),
        ...(world.inbox.length === 0 ? unaskedFaults(world) : []),
      ];
      if (faults.length > 0) return end(faults, id, []);
      for (const { kind } of Object.values(world.patches)) kinds[kind] = (kinds[kind] ?? 0) + 1;
      if (isResting(world)) resting.push(id);
      described[id] = describe(world);
      for (const { label, world: after } of stepsOf(scenario, decider, world)) {
        steps += 1;
        const key = keyOf(after);
        let known = ids.get(key);
        if (known === undefined) {
          known = ids.size;
          ids.set(key, known);
          from.push({ parent: id, label });
          back.push([]);
          next.push([known, after]);
        }
        // What only a person or a disturbance brings about does not count as progress.
        if (!label.startsWith("!")) back[known]!.push(id);
      }
    }
    frontier = next;
  }
  const stuck = unreached(back, resting);
  const worst = stuck[0] ?? 0;
  return end(
    [],
    worst,
    stuck.map((id) => described[id] ?? "?"),
  );
}

const describe = (world: World) =>
  `${Object.values(world.patches)
    .map(({ patch, kind }) => `${patch.id} ${kind}`)
    .join(", ")}; ` +
  `inbox ${world.inbox.map(({ about, to }) => `${about}>${to}`).join(" ")}; lane ${JSON.stringify(world.lane)}`;

function keyOf(world: World): string {
  const { patches, witnesses, lane, arrivals, git, inbox, deadlines, watches, zombie } = world;
  const numbered = [
    ...Object.values(patches).map(numberOf),
    ...Object.values(witnesses).map(numberOf),
    ...[lane, arrivals, git, watches, zombie, world.budget].map(numberOf),
    ...inbox.map(numberOf).sort((left, right) => left - right),
  ];
  const switches = `${world.isPaused}/${world.isBroke}/${world.stopped}`;
  return `${numbered.join(",")}/${switches}/${[...deadlines].toSorted().join(" ")}`;
}

function traceTo(from: readonly { parent: number; label: string }[], at: number): string[] {
  const labels: string[] = [];
  for (let id = at; id >= 0; id = from[id]!.parent) labels.unshift(from[id]!.label);
  return labels;
}

function unreached(back: readonly (readonly number[])[], resting: readonly number[]): number[] {
  const isReached = new Uint8Array(back.length);
  const queue = [...resting];
  for (const id of queue) isReached[id] = 1;
  for (let id = queue.pop(); id !== undefined; id = queue.pop())
    for (const before of back[id]!)
      if (isReached[before] === 0) {
        isReached[before] = 1;
        queue.push(before);
      }
  return back.flatMap((_, id) => (isReached[id] === 0 ? [id] : []));
}
