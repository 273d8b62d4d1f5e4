/**
 * What a worker does in one step: take a message, work out what to commit, commit it. Only the commit
 * changes anything in the bus; git effects are looked at and pushed in steps of their own.
 */
import type { PatchCommand } from "@council/domain";
import { look, push } from "./git-world.ts";
import { arrived, newWitness, witnessed } from "./invariants.ts";
import {
  answerOf,
  broke,
  builderStep,
  type Conduct,
  engineStep,
  laneStep,
  type Message,
  patchStep,
  revealStep,
  sealStep,
  toPatch,
  verdictStep,
  watchStep,
  withOpening,
  governanceOf,
} from "./steps.ts";
import type { Chance } from "./chance.ts";
import {
  check,
  note,
  post,
  type Letter,
  type Outcome,
  type Repository,
  type Simulation,
  type Worker,
} from "./simulated-world.ts";

export function act(simulation: Simulation, worker: Worker): void {
  if (!worker.letter) return take(simulation, worker);
  if (worker.outcome) return commit(simulation, worker, worker.letter, worker.outcome);
  if (worker.letter.message.to === "git") return performGit(simulation, worker, worker.letter);
  worker.outcome = handle(simulation, worker.letter);
}

/** Takes a message nobody holds, or one whose holder seems to be gone. */
function take(simulation: Simulation, worker: Worker): void {
  const { chance, areFaultsOver, workers } = simulation;
  const inbox = simulation.inboxes[worker.role];
  const letter = chance.is(0.7) ? inbox[0] : chance.of(inbox);
  if (!letter) return;
  const holder = workers.find((other) => other.id === letter.holder && other.letter === letter);
  if (holder && (areFaultsOver || (holder.asleepUntil <= simulation.step && !chance.is(0.1))))
    return;
  letter.holder = worker.id;
  worker.letter = letter;
}

function commit(simulation: Simulation, worker: Worker, letter: Letter, outcome: Outcome): void {
  const bus = simulation.mutations.bus ?? {};
  const inbox = simulation.inboxes[worker.role];
  const index = inbox.indexOf(letter);
  const isHeld = index >= 0 && letter.holder === worker.id;
  if (!isHeld && !bus.withoutFence) return forget(worker);
  const isCurrent = outcome.currentVersion?.() === outcome.readVersion;
  if (!isCurrent && !bus.withoutCompareAndSet) {
    worker.outcome = undefined;
    return;
  }
  if (simulation.handled.has(letter.id))
    simulation.faults.push(`P1: message ${letter.id} had two consequences`);
  simulation.handled.add(letter.id);
  if (index >= 0) inbox.splice(index, 1);
  outcome.write?.();
  for (const message of outcome.messages) post(simulation, message);
  forget(worker);
}

export function forget(worker: Worker): void {
  worker.letter = undefined;
  worker.plan = undefined;
  worker.outcome = undefined;
}

/** Reads, and works out what to commit; nothing is changed here. */
function handle(simulation: Simulation, { id: letterId, message }: Letter): Outcome {
  const { about } = message;
  const repository = simulation.placeOf[about]!;
  switch (message.to) {
    case "patch":
      return decided(simulation, repository, about, message.command, letterId);
    case "lane": {
      const { version, value } = repository.lane;
      const { state, messages } = laneStep(value, message.command, simulation.mutations.lane);
      const write = () => {
        repository.lane = { version: repository.lane.version + 1, value: state };
        repository.arrivals = arrived(repository.arrivals, message.command, state);
        check(simulation, repository);
      };
      return {
        messages,
        readVersion: version,
        currentVersion: () => repository.lane.version,
        write,
      };
    }
    case "builder":
      return { messages: [builderStep(about, message.effect, simulation.isBroke)] };
    case "engine":
      return {
        messages: [engineStep(repository.git, about, message.effect, simulation.chance.is(0.2))],
      };
    case "head": {
      const { effect } = message;
      if (effect.type === "reveal") return { messages: [revealStep(about, effect)] };
      const sealed = sealStep(about, effect, conductOf(simulation.chance));
      return { messages: sealed ? [sealed] : [] };
    }
    case "watcher":
      return watched(simulation, about, message);
    case "clock": {
      const { deadline, epoch, dueAt } = message.effect;
      const key = `${about}/${deadline}/${epoch}/${dueAt}`;
      const command = { type: "reach-deadline", deadline, epoch } as const;
      if (!simulation.rung.has(key)) simulation.deadlines.set(key, toPatch(about, command));
      return { messages: [] };
    }
    case "git":
      return { messages: [] };
  }
}

function decided(
  simulation: Simulation,
  repository: Repository,
  id: string,
  incoming: PatchCommand,
  cause: string,
): Outcome {
  const read = repository.patches[id];
  const before = read?.value;
  const command = withOpening(before, incoming);
  const { isPaused, isBroke } = simulation;
  const governance = governanceOf(isPaused);
  const facts = { now: simulation.step, cause, governance, suspended: isBroke ? broke : [] };
  const { decision, state, messages } = patchStep(simulation.decider, before, command, facts);
  const currentVersion = () => repository.patches[id]?.version ?? 0;
  const write = () => {
    const witness = repository.witnesses[id] ?? newWitness;
    repository.witnesses[id] = witnessed(witness, before, command, decision, isPaused);
    if (decision.kind === "accepted" && state && decision.events.length > 0) {
      repository.patches[id] = { version: currentVersion() + 1, value: state };
      (simulation.ledger[id] ??= []).push(...decision.events);
    }
    note(simulation, `${id} ${command.type} ${decision.kind}: ${state?.kind}`);
    check(simulation, repository);
  };
  return { messages, readVersion: read?.version ?? 0, currentVersion, write };
}

function watched(
  simulation: Simulation,
  id: string,
  message: Message & { to: "watcher" },
): Outcome {
  const { watches, chance } = simulation;
  const read = watches[id];
  const readVersion = read?.version ?? 0;
  const currentVersion = () => watches[id]?.version ?? 0;
  const { effect } = message;
  if (effect.type === "conclude-watch") {
    // It has overtaken the watch it is to conclude, and is tried again.
    if (!read || read.value.token < effect.token) return { messages: [message] };
    if (read.value.isOver || read.value.token !== effect.token) return { messages: [] };
    const kind = chance.of(["healthy", "breach", "inconclusive", "inconclusive"] as const);
    const { watch, message: verdict } = verdictStep(id, read.value, kind);
    const write = () => {
      watches[id] = { version: readVersion + 1, value: watch };
    };
    return { messages: [verdict], readVersion, currentVersion, write };
  }
  const value = watchStep(read?.value, effect);
  if (!value) return { messages: [] };
  const write = () => {
    watches[id] = { version: currentVersion() + 1, value };
  };
  return { messages: [], readVersion, currentVersion, write };
}

/** Look, push, look again: three separate steps, between any of which the worker may be stopped. */
function performGit(simulation: Simulation, worker: Worker, letter: Letter): void {
  const { message } = letter;
  if (message.to !== "git") return;
  const { about, effect } = message;
  const repository = simulation.placeOf[about]!;
  const mutation = simulation.mutations.git ?? {};
  const { plan } = worker;
  if (!plan) {
    worker.plan = look(repository.git, about, effect, simulation.isPaused, mutation);
  } else if (plan.kind === "push") {
    const { git, next } = push(repository.git, plan, mutation);
    if (git !== repository.git) note(simulation, `${about} ${effect.type} pushed ${plan.branch}`);
    repository.git = git;
    worker.plan = next;
    check(simulation, repository);
  } else {
    worker.plan = undefined;
    worker.outcome = { messages: [answerOf(about, effect, plan.answer)] };
  }
}

function conductOf(chance: Chance): Conduct {
  if (chance.is(0.86)) return "approve";
  return chance.of(["reject", "abstain", "silent", "veto", "other", "other"] as const);
}
