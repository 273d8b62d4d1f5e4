/**
 * Deterministic simulation: one thread, one seed, one world of two repositories, with twins of every
 * service. The scheduler decides who runs next and who is killed, stopped or robbed of its message;
 * the same seed gives the same run. Messages may be handled in any order.
 *
 * The bus is modelled by its promises: a commit checks that its maker still holds the message and that
 * the state has the version that was read, then writes state, ledger and messages and acknowledges,
 * all at once or not at all.
 */
import { emptyLane, evolve, type PatchState, restingKinds } from "@council/domain";
import { headOf, moveBase, newGit, target } from "./git-world.ts";
import { newWitness } from "./invariants.ts";
import {
  modelPatch,
  modelPolicy,
  seatsWithModels,
  stagesWithCanary,
  toPatch,
  verdictStep,
  person,
} from "./steps.ts";
import { chanceOf } from "./chance.ts";
import { deciderWith } from "./mutated-decider.ts";
import { act, forget } from "./simulated-workers.ts";
import {
  type Mutations,
  note,
  post,
  type Repository,
  roles,
  type Simulation,
  type Worker,
} from "./simulated-world.ts";

export interface SimulationResult {
  readonly seed: number;
  readonly faults: readonly string[];
  readonly steps: number;
  /** How each patch ended. */
  readonly ends: readonly PatchState["kind"][];
  /** The last things that happened, oldest first. */
  readonly log: readonly string[];
}

const faultSteps = 600;
const drainSteps = 6000;
/** Runs one seed to its end: a stretch of faults, then calm until everything rests. */
export function simulate(seed: number, mutations: Mutations = {}): SimulationResult {
  const simulation = begin(seed, mutations);
  while (simulation.step < faultSteps && simulation.faults.length === 0) {
    simulation.step += 1;
    disturb(simulation);
    runSomebody(simulation);
  }
  simulation.areFaultsOver = true;
  simulation.isPaused = false;
  simulation.isBroke = false;
  for (const worker of simulation.workers) worker.asleepUntil = 0;
  const end = simulation.step + drainSteps;
  while (!isDone(simulation) && simulation.faults.length === 0) {
    if (simulation.step >= end) {
      simulation.faults.push(`never came to rest: ${kindsOf(simulation).join(", ")}`);
      break;
    }
    simulation.step += 1;
    if (!runSomebody(simulation)) nudge(simulation);
  }
  checkLedger(simulation);
  const { faults, step: steps, log } = simulation;
  return { seed, faults, steps, ends: kindsOf(simulation), log: log.slice(-60) };
}

function begin(seed: number, mutations: Mutations): Simulation {
  const chance = chanceOf(seed);
  const repositories: Repository[] = [];
  const placeOf: Record<string, Repository> = {};
  const simulation: Simulation = {
    chance,
    mutations,
    repositories,
    placeOf,
    decider: deciderWith(mutations.decide ?? {}),
    inboxes: {
      patch: [],
      lane: [],
      git: [],
      engine: [],
      head: [],
      watcher: [],
      clock: [],
      builder: [],
    },
    workers: roles.flatMap((role, index) =>
      [0, 1].map((twin): Worker => ({ id: index * 2 + twin + 1, role, asleepUntil: 0 })),
    ),
    watches: {},
    deadlines: new Map(),
    rung: new Set(),
    ledger: {},
    handled: new Set(),
    faults: [],
    log: [],
    isPaused: false,
    isBroke: false,
    areFaultsOver: false,
    step: 0,
    letters: 0,
  };
  for (const name of ["a", "b"]) {
    const stages = chance.is(0.7) ? { stages: stagesWithCanary } : {};
    const policy = modelPolicy({
      ...stages,
      autonomy: chance.is(0.85) ? "auto-all" : "recommend",
      onInconclusive: chance.is(0.5) ? "hold" : "extend",
      maxLive: chance.of([1, 2, 3]),
      ...(chance.is(0.4) ? { seats: seatsWithModels } : {}),
      builders: chance.is(0.3) ? ["a", "b"] : [],
      sharedEvidence: chance.is(0.5),
    });
    const branches = policy.stages.flatMap(({ branch }) => (branch ? [branch] : []));
    const git = newGit(branches);
    const lane = { version: 0, value: emptyLane };
    const repository: Repository = { git, lane, arrivals: [], patches: {}, witnesses: {} };
    repositories.push(repository);
    const count = 1 + chance.below(4);
    for (let index = 1; index <= count; index += 1) {
      // The fourth touches the same file as the first.
      const id = `${name}${index}${index === 4 ? "-1" : ""}`;
      placeOf[id] = repository;
      repository.witnesses[id] = newWitness;
      const patch = modelPatch(id, headOf(git, target).id, policy);
      post(simulation, toPatch(id, { type: "submit", patch }));
    }
  }
  return simulation;
}

/** The outside world: operators, other people's commits, samples, clocks. */
function disturb(simulation: Simulation): void {
  const { chance, repositories, placeOf } = simulation;
  if (chance.is(0.006)) simulation.isPaused = !simulation.isPaused;
  if (chance.is(0.006)) simulation.isBroke = !simulation.isBroke;
  if (chance.is(0.004)) {
    const repository = chance.of(repositories);
    repository.git = moveBase(repository.git, `x${simulation.step}`);
    note(simulation, "base moved");
  }
  const id = chance.of(Object.keys(placeOf));
  if (chance.is(0.0025)) post(simulation, toPatch(id, { type: "request-rollback", ...person }));
  if (chance.is(0.01)) post(simulation, toPatch(id, { type: "approve", ...person }));
  if (chance.is(0.0004)) post(simulation, toPatch(id, { type: "withdraw", ...person }));
  if (chance.is(0.08)) observe(simulation, id, chance.is(0.8) ? "healthy" : "breach");
  if (chance.is(0.006)) ring(simulation);
}

/** The streaming auditor comes to a verdict; its watch and the message change in one commit. */
function observe(simulation: Simulation, id: string, kind: "healthy" | "breach"): void {
  const watch = simulation.watches[id];
  if (!watch || watch.value.isOver) return;
  const { watch: next, message } = verdictStep(id, watch.value, kind);
  simulation.watches[id] = { version: watch.version + 1, value: next };
  post(simulation, message);
}

function ring(simulation: Simulation): boolean {
  const { chance, deadlines, rung } = simulation;
  if (deadlines.size === 0) return false;
  const key = chance.of([...deadlines.keys()]);
  const message = deadlines.get(key)!;
  deadlines.delete(key);
  rung.add(key);
  post(simulation, message);
  return true;
}

/** Somebody takes the next small step, or is killed or stopped instead. False: nobody has work. */
function runSomebody(simulation: Simulation): boolean {
  const { chance, workers, areFaultsOver } = simulation;
  const ready = workers.filter(
    (worker) =>
      worker.asleepUntil <= simulation.step &&
      (worker.letter !== undefined || simulation.inboxes[worker.role].length > 0),
  );
  if (ready.length === 0) return false;
  const worker = chance.of(ready);
  if (!areFaultsOver && chance.is(0.02)) {
    note(simulation, `worker ${worker.id} killed`);
    forget(worker);
  } else if (!areFaultsOver && chance.is(0.04))
    worker.asleepUntil = simulation.step + chance.below(150);
  else act(simulation, worker);
  return true;
}

/** P5: the state is what its ledger says, nothing more and nothing less. */
function checkLedger({ repositories, ledger, faults }: Simulation): void {
  for (const { patches } of repositories)
    for (const [id, { value }] of Object.entries(patches)) {
      const folded = (ledger[id] ?? []).reduce<PatchState | undefined>(evolve, undefined);
      if (JSON.stringify(folded) !== JSON.stringify(value))
        faults.push(`P5: the state of ${id} is not what its ledger says`);
    }
}

function statesOf({ placeOf }: Simulation): (PatchState | undefined)[] {
  return Object.entries(placeOf).map(([id, { patches }]) => patches[id]?.value);
}

const kindsOf = (simulation: Simulation) =>
  statesOf(simulation).map((state) => state?.kind ?? "submitted");

function isDone(simulation: Simulation): boolean {
  const isIdle = roles.every((role) => simulation.inboxes[role].length === 0);
  return (
    isIdle && statesOf(simulation).every((state) => state && restingKinds.includes(state.kind))
  );
}

/** Nobody has work: clocks ring, and when none is set a person decides on what waits for one. */
function nudge(simulation: Simulation): void {
  if (ring(simulation)) return;
  for (const state of statesOf(simulation)) {
    if (state?.kind !== "held") continue;
    const type = simulation.chance.is(0.5) ? "approve" : "request-rollback";
    post(simulation, toPatch(state.patch.id, { type, ...person }));
  }
}
