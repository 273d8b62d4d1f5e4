/**
 * The small world that is explored: one lane, one performer of git effects and one stopped twin of
 * it, and everything that can happen next. Whatever a process does in one commit is one step.
 */
import {
  emptyLane,
  type LaneState,
  type PatchCommand,
  type PatchState,
  type Policy,
  restingKinds,
} from "@council/domain";
import {
  type GitEffect,
  type GitMutation,
  type GitPlan,
  type GitWorld,
  headOf,
  look,
  moveBase,
  newGit,
  push,
  target,
} from "./git-world.ts";
import { type Budget, nothing } from "./budget.ts";
import { spent, switchSteps } from "./switch-steps.ts";
import { arrived, newWitness, type Witness, witnessed } from "./invariants.ts";
import { isRecovering } from "./is-resting.ts";
import type { DecideMutation, Decider } from "./mutated-decider.ts";
import {
  answerOf,
  broke,
  builderStep,
  type Conduct,
  engineStep,
  governanceOf,
  type LaneMutation,
  laneStep,
  type Message,
  modelPatch,
  modelPolicy,
  patchStep,
  person,
  personOf,
  revealStep,
  sealStep,
  verdictStep,
  type Watch,
  watchStep,
  withOpening,
} from "./steps.ts";
import { numberOf } from "./number-of-part.ts";

export interface Scenario {
  readonly patches: readonly string[];
  readonly policy: Partial<Policy>;
  readonly budget: Budget;
  /** Whether a change may mean something else on another base. */
  readonly mayDrift?: boolean;
  /** What each head may do; each vote tries all of them. */
  readonly conducts: Readonly<Record<string, readonly Conduct[]>>;
  /** What is dealt with before anything else happens; only its outcomes branch. */
  readonly atOnce: readonly ("audit" | "lane" | "observation")[];
  readonly deadlines: readonly string[];
  readonly decideMutation?: DecideMutation;
  readonly gitMutation?: GitMutation;
  readonly laneMutation?: LaneMutation;
  readonly maxStates: number;
}

interface Zombie {
  readonly about: string;
  readonly effect: GitEffect;
  readonly plan: GitPlan & { kind: "push" };
}

export interface World {
  readonly patches: Readonly<Record<string, PatchState>>;
  readonly witnesses: Readonly<Record<string, Witness>>;
  readonly lane: LaneState;
  readonly arrivals: readonly string[];
  readonly git: GitWorld;
  readonly isPaused: boolean;
  readonly isBroke: boolean;
  /** The patch that is stopped. */
  readonly stopped?: string;
  readonly inbox: readonly Message[];
  /** Armed and not yet rung, as `patch/name/epoch`. */
  readonly deadlines: readonly string[];
  readonly watches: Readonly<Record<string, Watch>>;
  readonly zombie?: Zombie;
  readonly budget: Budget;
}

export interface Step {
  readonly label: string;
  readonly world: World;
}

export function initial(scenario: Scenario, decider: Decider): World {
  const policy = modelPolicy(scenario.policy);
  const stageBranches = policy.stages.flatMap(({ branch }) => (branch ? [branch] : []));
  const git = newGit(stageBranches);
  const empty: World = {
    patches: {},
    witnesses: {},
    lane: emptyLane,
    arrivals: [],
    git,
    isPaused: false,
    isBroke: false,
    inbox: [],
    deadlines: [],
    watches: {},
    budget: scenario.budget,
  };
  return scenario.patches.reduce((world, id) => {
    const patch = modelPatch(id, headOf(git, target).id, policy);
    const born = { ...world, witnesses: { ...world.witnesses, [id]: newWitness } };
    return told(scenario, decider, born, id, { type: "submit", patch });
  }, empty);
}

/** Everything that can happen next. Labels of people and disturbances begin with "!". */
export function stepsOf(scenario: Scenario, decider: Decider, world: World): Step[] {
  return allSteps(scenario, decider, world).flatMap((step) => finished(scenario, decider, step));
}

/** Deals with what is to be dealt with at once, along every branch of it. */
export function finished(scenario: Scenario, decider: Decider, step: Step): Step[] {
  const urgent = step.world.inbox.findIndex((message) => isUrgent(scenario, message));
  if (urgent < 0) return [{ ...step, world: calmed(step.world) }];
  return delivered(scenario, decider, step.world, urgent).flatMap(({ label, world }) =>
    finished(scenario, decider, { label: `${step.label}; ${label}`, world }),
  );
}

/** When all has come to its end, what could still disturb it makes no difference. */
function calmed(world: World): World {
  const isOver = (state: PatchState) =>
    state.kind !== "settled" && restingKinds.includes(state.kind) && !isRecovering(state);
  if (world.inbox.length > 0 || world.zombie || !Object.values(world.patches).every(isOver))
    return world;
  const { stopped: _, ...lifted } = world;
  return {
    ...lifted,
    budget: nothing,
    deadlines: [],
    watches: {},
    isPaused: false,
    isBroke: false,
  };
}

function allSteps(scenario: Scenario, decider: Decider, world: World): Step[] {
  const seen = new Set<number>();
  const deliveries = world.inbox.flatMap((message, index) => {
    const number = numberOf(message);
    if (seen.has(number)) return [];
    seen.add(number);
    return delivered(scenario, decider, world, index);
  });
  return [
    ...deliveries,
    ...zombieSteps(scenario, world),
    ...clockSteps(scenario, decider, world),
    ...watcherSteps(world),
    ...peopleSteps(scenario, decider, world),
  ];
}

const ofAudit = ["record-comparison", "record-seal", "record-opening"];

function isUrgent({ atOnce }: Scenario, message: Message): boolean {
  switch (message.to) {
    case "engine":
    case "head":
      return atOnce.includes("audit");
    case "lane":
      return atOnce.includes("lane");
    case "patch": {
      const { type } = message.command;
      if (type === "record-observation") return atOnce.includes("observation");
      return atOnce.includes("audit") && ofAudit.includes(type);
    }
    default:
      return false;
  }
}

function delivered(scenario: Scenario, decider: Decider, world: World, index: number): Step[] {
  const message = world.inbox[index]!;
  const rest: World = { ...world, inbox: world.inbox.toSpliced(index, 1) };
  const { about } = message;
  const label = `${about} ${message.to}`;
  switch (message.to) {
    case "patch": {
      const { command } = message;
      const next = told(scenario, decider, rest, about, command);
      return [{ label: `${about} ${command.type}`, world: next }];
    }
    case "lane": {
      const { state, messages } = laneStep(rest.lane, message.command, scenario.laneMutation);
      const arrivals = arrived(rest.arrivals, message.command, state);
      const next = sent({ ...rest, lane: state, arrivals }, messages);
      return [{ label: `${label} ${message.command.type}`, world: next }];
    }
    case "builder": {
      const answer = builderStep(about, message.effect, rest.isBroke);
      return [{ label: `${label} ${message.effect.slot}`, world: sent(rest, [answer]) }];
    }
    case "engine":
      return (scenario.mayDrift ? [false, true] : [false]).map((hasDrifted) => ({
        label: hasDrifted ? `${label} drifted` : label,
        world: sent(rest, [engineStep(rest.git, about, message.effect, hasDrifted)]),
      }));
    case "head": {
      const { effect } = message;
      if (effect.type === "reveal")
        return [{ label: `${label} reveal`, world: sent(rest, [revealStep(about, effect)]) }];
      const conducts = scenario.conducts[effect.head] ?? ["approve"];
      return conducts.map((conduct) => {
        const sealed = sealStep(about, effect, conduct);
        const next = sent(rest, sealed ? [sealed] : []);
        return { label: `${label} ${effect.head} ${conduct}`, world: next };
      });
    }
    case "watcher":
      // Health and breach are told whenever they are seen; what is left to conclude is neither.
      return [{ label: `${about} concluded`, world: concluded(rest, about, "inconclusive") }];
    case "git":
      return performed(scenario, world, rest, message);
    case "clock":
      return [];
  }
}

/** The performer looks and pushes; the message is acknowledged only with its answer. */
function performed(
  scenario: Scenario,
  world: World,
  rest: World,
  { about, effect }: Message & { to: "git" },
): Step[] {
  const mutation = scenario.gitMutation ?? {};
  const plan = look(world.git, about, effect, isStopped(world, about), mutation);
  const label = `${about} git ${effect.type}`;
  if (plan.kind === "answer")
    return [
      {
        label: `${label} -> ${plan.answer.kind}`,
        world: sent(rest, [answerOf(about, effect, plan.answer)]),
      },
    ];
  const steps: Step[] = [];
  if (world.budget.zombies > 0 && !world.zombie) {
    const stopped = { ...spent(world, "zombies"), zombie: { about, effect, plan } };
    steps.push({ label: `! ${label} stopped before its push`, world: stopped });
  }
  const { git, next } = push(world.git, plan, mutation);
  if (next?.kind !== "answer")
    return [...steps, { label: `${label} pushed`, world: { ...world, git } }];
  const answered = sent({ ...rest, git }, [answerOf(about, effect, next.answer)]);
  steps.push({ label: `${label} pushed -> ${next.answer.kind}`, world: answered });
  if (world.budget.crashes > 0)
    steps.push({ label: `! ${label} pushed, killed`, world: { ...spent(world, "crashes"), git } });
  return steps;
}

/** The stopped twin goes on: it pushes what it meant to, looks again, and so on; its answers are fenced. */
function zombieSteps(scenario: Scenario, world: World): Step[] {
  const { zombie, ...rest } = world;
  if (!zombie) return [];
  const mutation = scenario.gitMutation ?? {};
  const { git, next } = push(world.git, zombie.plan, mutation);
  const plan =
    next ?? look(git, zombie.about, zombie.effect, isStopped(world, zombie.about), mutation);
  const label = `! zombie ${zombie.about} ${zombie.effect.type}`;
  const after = { ...rest, git };
  return [
    { label, world: plan.kind === "push" ? { ...after, zombie: { ...zombie, plan } } : after },
  ];
}

function clockSteps(scenario: Scenario, decider: Decider, world: World): Step[] {
  return world.deadlines.map((text) => {
    const [id = "", deadline = "", epoch = ""] = text.split("/");
    const deadlines = world.deadlines.filter((armed) => armed !== text);
    const command = { type: "reach-deadline", deadline, epoch: Number(epoch) } as PatchCommand;
    const next = told(scenario, decider, { ...world, deadlines }, id, command);
    return { label: `${id} deadline ${deadline}`, world: next };
  });
}

function watcherSteps(world: World): Step[] {
  return Object.entries(world.watches).flatMap(([id, watch]) => {
    if (watch.isOver) return [];
    return (["healthy", "breach"] as const).map((kind) => ({
      label: `${id} observed ${kind}`,
      world: concluded(world, id, kind),
    }));
  });
}

function concluded(world: World, id: string, kind: "healthy" | "breach" | "inconclusive"): World {
  const watch = world.watches[id];
  if (!watch || watch.isOver) return world;
  const { watch: next, message } = verdictStep(id, watch, kind);
  return sent({ ...world, watches: { ...world.watches, [id]: next } }, [message]);
}

function peopleSteps(scenario: Scenario, decider: Decider, world: World): Step[] {
  const { budget } = world;
  const steps: Step[] = [];
  const say = (id: string, command: PatchCommand, from: World) =>
    steps.push({
      label: `! ${id} ${command.type}`,
      world: told(scenario, decider, from, id, command),
    });
  for (const [id, { kind }] of Object.entries(world.patches)) {
    if (budget.rollbacks > 0)
      say(id, { type: "request-rollback", ...person }, spent(world, "rollbacks"));
    if (budget.approvals > 0 && kind === "held")
      for (const name of ["ada", "bob"])
        say(id, { type: "approve", ...personOf(name) }, spent(world, "approvals"));
    if (budget.denials > 0 && kind === "held")
      say(id, { type: "deny", ...person }, spent(world, "denials"));
    if (budget.withdrawals > 0)
      say(id, { type: "withdraw", ...person }, spent(world, "withdrawals"));
  }
  if (budget.jointRollbacks > 0) {
    const [last = "", ...rest] = scenario.patches.toReversed();
    const joint = { target: rest.at(-1) ?? last, done: [], rest };
    say(last, { type: "request-rollback", ...person, joint }, spent(world, "jointRollbacks"));
  }
  if (budget.baseMoves > 0) {
    const moved = moveBase(world.git, `x${budget.baseMoves}`);
    steps.push({ label: "! base moved", world: { ...spent(world, "baseMoves"), git: moved } });
  }
  return [...steps, ...switchSteps(world)];
}

/** One message is decided on: the state, its witness and the messages that follow change together. */
function told(
  scenario: Scenario,
  decider: Decider,
  world: World,
  id: string,
  command: PatchCommand,
): World {
  const before = world.patches[id];
  const complete = withOpening(before, command);
  const facts = {
    now: 0,
    cause: `${id}.${before?.epoch ?? 0}`,
    governance: governanceOf(world.isPaused, world.stopped),
    suspended: world.isBroke ? broke : [],
  };
  const { decision, state, messages } = patchStep(decider, before, complete, facts);
  const witness = world.witnesses[id] ?? newWitness;
  const isStopped = world.isPaused || world.stopped === id;
  const next = witnessed(witness, before, complete, decision, isStopped);
  const after: World = { ...world, witnesses: { ...world.witnesses, [id]: next } };
  if (!state) return after;
  const decided = { ...after, patches: { ...after.patches, [id]: state } };
  return armed(scenario, sent(decided, messages), state);
}

/** Messages join the inbox; a watch begins and ends with the decision that says so. */
function sent(world: World, messages: readonly Message[]): World {
  let { watches, deadlines } = world;
  const lying: Message[] = [];
  for (const message of messages) {
    const { about } = message;
    if (message.to === "clock") {
      const { deadline, epoch } = message.effect;
      deadlines = [...deadlines, `${about}/${deadline}/${epoch}`];
    } else if (message.to === "watcher" && message.effect.type !== "conclude-watch") {
      const watch = watchStep(watches[about], message.effect);
      if (watch) watches = { ...watches, [about]: watch };
    } else lying.push(message);
  }
  const inbox = lying.length > 0 ? [...world.inbox, ...lying] : world.inbox;
  return { ...world, inbox, watches, deadlines };
}

/** Deadlines of older epochs are ignored (a unit test says so) and left out to keep the world small. */
function armed(scenario: Scenario, world: World, state: PatchState): World {
  const deadlines = world.deadlines.filter((text) => {
    const [id, name = "", epoch] = text.split("/");
    const isOld = id === state.patch.id && Number(epoch) !== state.epoch;
    return !isOld && scenario.deadlines.includes(name);
  });
  return { ...world, deadlines: [...new Set(deadlines)] };
}

const isStopped = ({ isPaused, stopped }: World, id: string) => isPaused || stopped === id;
