/** What a simulated world consists of: repositories, inboxes, workers, and what is seen of them. */
import type { LaneState, PatchEvent, PatchState } from "@council/domain";
import type { GitMutation, GitPlan, GitWorld } from "./git-world.ts";
import { faultsOf, type Witness } from "./invariants.ts";
import type { DecideMutation, Decider } from "./mutated-decider.ts";
import type { LaneMutation, Message, Watch } from "./steps.ts";
import type { Chance } from "./chance.ts";

/** Promises of the bus left out on purpose. */
export interface BusMutation {
  /** A commit is taken from whoever makes it, also when the message was given to another. */
  readonly withoutFence?: boolean;
  /** A commit does not compare the version it read. */
  readonly withoutCompareAndSet?: boolean;
}

export interface Mutations {
  readonly bus?: BusMutation;
  readonly decide?: DecideMutation;
  readonly git?: GitMutation;
  readonly lane?: LaneMutation;
}

export type Role = Message["to"];
export type Letter = { readonly id: string; readonly message: Message; holder: number };

export interface Repository {
  git: GitWorld;
  lane: Versioned<LaneState>;
  arrivals: readonly string[];
  readonly patches: Record<string, Versioned<PatchState>>;
  readonly witnesses: Record<string, Witness>;
}

export interface Versioned<Value> {
  readonly version: number;
  readonly value: Value;
}

/** What a worker will commit: `write` runs only if fence and version hold. */
export interface Outcome {
  readonly messages: readonly Message[];
  readonly readVersion?: number;
  readonly currentVersion?: () => number;
  readonly write?: () => void;
}

export interface Worker {
  readonly id: number;
  readonly role: Role;
  letter?: Letter | undefined;
  plan?: GitPlan | undefined;
  outcome?: Outcome | undefined;
  asleepUntil: number;
}

export interface Simulation {
  readonly chance: Chance;
  readonly mutations: Mutations;
  readonly decider: Decider;
  readonly repositories: readonly Repository[];
  readonly placeOf: Readonly<Record<string, Repository>>;
  readonly inboxes: Record<Role, Letter[]>;
  readonly workers: readonly Worker[];
  readonly watches: Record<string, Versioned<Watch>>;
  /** Armed deadlines by identity; each rings once. */
  readonly deadlines: Map<string, Message>;
  readonly rung: Set<string>;
  readonly ledger: Record<string, PatchEvent[]>;
  readonly handled: Set<string>;
  readonly faults: string[];
  readonly log: string[];
  isPaused: boolean;
  isBroke: boolean;
  areFaultsOver: boolean;
  step: number;
  letters: number;
}

export const roles: readonly Role[] = [
  "patch",
  "lane",
  "git",
  "builder",
  "engine",
  "head",
  "watcher",
  "clock",
];

export function post(simulation: Simulation, message: Message): void {
  simulation.letters += 1;
  simulation.inboxes[message.to].push({ id: `m${simulation.letters}`, message, holder: 0 });
}

export function note(simulation: Simulation, text: string): void {
  simulation.log.push(`${simulation.step} ${text}`);
}

export function check(simulation: Simulation, repository: Repository): void {
  const { patches, witnesses, lane, arrivals, git } = repository;
  const states = Object.fromEntries(
    Object.entries(patches).map(([id, { value }]) => [id, value] as const),
  );
  simulation.faults.push(
    ...faultsOf({ patches: states, witnesses, lane: lane.value, arrivals, git }),
  );
}
