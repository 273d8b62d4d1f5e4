/**
 * What must hold in every state of every model, whatever was killed, stopped, delivered twice or out
 * of order. `witness` follows each decision and keeps what later states can no longer show;
 * `faultsOf` judges a whole world. Both know nothing of how the world is driven.
 */
import {
  type Decision,
  type JointRollback,
  type LaneCommand,
  type LaneState,
  type PatchCommand,
  type PatchEvent,
  type PatchState,
  restingKinds,
} from "@council/domain";
import {
  branchOf,
  changesOf,
  type Commit,
  type GitWorld,
  headOf,
  target,
  withChange,
} from "./git-world.ts";
import { fileOf } from "./steps.ts";

/** What has truly happened to one patch, as seen from outside the decider. */
export interface Witness {
  /** By digest: the heads that signed an approval of it and whose vote is in the ledger. */
  readonly approvals: Readonly<Record<string, readonly string[]>>;
  /** By digest: what the diff engine said that it means. */
  readonly meanings: Readonly<Record<string, string>>;
  readonly vetoed: readonly string[];
  /** Digests about which a head asked for a person, and those that a person approved. */
  readonly questioned: readonly string[];
  readonly answered: readonly string[];
  /** Watches that ended healthy, or that a person vouched for. */
  readonly passable: readonly number[];
  readonly hasBreached: boolean;
  readonly isRollbackAsked: boolean;
  /** A rollback was taken up: from here on the patch only goes back. */
  readonly isGoingBack: boolean;
  readonly wasSettled: boolean;
  /** The joint rollback it was asked for as one of. */
  readonly joint?: JointRollback;
  readonly faults: readonly string[];
}

export const newWitness: Witness = {
  approvals: {},
  meanings: {},
  vetoed: [],
  questioned: [],
  answered: [],
  passable: [],
  hasBreached: false,
  isRollbackAsked: false,
  isGoingBack: false,
  wasSettled: false,
  faults: [],
};

/** Follows one decision. `command` is what truly arrived, before any mutation of the decider. */
export function witnessed(
  witness: Witness,
  before: PatchState | undefined,
  command: PatchCommand,
  decision: Decision,
  isPaused: boolean,
): Witness {
  let seen = witness;
  const told = heard(seen, before, command);
  if (decision.kind !== "accepted") return fault(told, takenBack(before, command, before));
  seen = takenUp(told, command, decision);
  for (const event of decision.events) seen = followed(seen, before, event, command, isPaused);
  return fault(seen, takenBack(before, command, decision.state));
}

/** A set is taken up, unless people are told that it stops here. */
function takenUp(witness: Witness, command: PatchCommand, { effects }: Accepted): Witness {
  const joint = command.type === "request-rollback" ? command.joint : undefined;
  const isTold = effects.some((effect) => effect.type === "page" && effect.level === "critical");
  return joint && !isTold ? { ...witness, joint } : witness;
}
type Accepted = Decision & { kind: "accepted" };

/** Facts that a command brings, whatever becomes of it. */
function heard(witness: Witness, before: PatchState | undefined, command: PatchCommand): Witness {
  if (command.type === "record-observation") {
    const { kind } = command.observation;
    if (kind === "breach") return { ...witness, hasBreached: true };
    if (kind === "healthy") return vouched(witness, command.token);
  }
  if (command.type === "record-comparison" && command.comparison.kind === "compared") {
    const { digest, semanticDigest } = command.comparison.candidate;
    return { ...witness, meanings: { ...witness.meanings, [digest]: semanticDigest } };
  }
  if (command.type === "take-blame") return { ...witness, hasBreached: true };
  if (command.type === "request-rollback" || command.type === "deny")
    return { ...witness, isRollbackAsked: true };
  if (command.type === "approve" && before?.kind === "held") return vouched(witness, before.token);
  return witness;
}

function vouched(witness: Witness, token: number | undefined): Witness {
  if (token === undefined || witness.passable.includes(token)) return witness;
  return { ...witness, passable: [...witness.passable, token].sort((left, right) => left - right) };
}

function followed(
  witness: Witness,
  before: PatchState | undefined,
  event: PatchEvent,
  command: PatchCommand,
  isPaused: boolean,
): Witness {
  if (witness.isGoingBack && ahead.includes(event.type))
    return fault(witness, `P4: ${event.type} although a rollback was taken up`);
  switch (event.type) {
    case "VoteRecorded":
      return voted(witness, command);
    case "Approved": {
      const digest = before && "candidate" in before ? before.candidate.digest : "";
      return { ...witness, answered: [...new Set([...witness.answered, digest])].sort() };
    }
    case "LandingStarted":
      return isPaused ? fault(witness, "a landing was started while paused") : witness;
    case "StagePassed":
    case "RecoveryJudged":
      return shown(witness, before, event);
    case "RevertRequested":
    case "RevertStarted": {
      const isCaused =
        event.cause.kind === "breach" ? witness.hasBreached : witness.isRollbackAsked;
      const next = { ...witness, isGoingBack: true };
      return isCaused ? next : fault(next, "P3: a revert that nothing called for");
    }
    case "Settled":
      return { ...witness, wasSettled: true };
    default:
      return witness;
  }
}

/** P3: health is said where a watch showed it, or a person vouched for it. */
function shown(
  witness: Witness,
  before: PatchState | undefined,
  event: PatchEvent & { type: "StagePassed" | "RecoveryJudged" },
): Witness {
  if (event.type === "RecoveryJudged" && event.observation.kind !== "healthy") return witness;
  const watch = before?.kind === "reverted" ? before.recovery : before;
  const token = watch && "token" in watch ? watch.token : undefined;
  if (token !== undefined && witness.passable.includes(token)) return witness;
  return fault(witness, `P3: ${event.type} without evidence for it`);
}

const ahead: readonly PatchEvent["type"][] = [
  "LaneRequested",
  "LandingStarted",
  "WatchStarted",
  "StagePassed",
  "Held",
  "Settled",
  "ComparisonStarted",
];

function voted(witness: Witness, command: PatchCommand): Witness {
  if (command.type !== "record-opening" || command.opening.kind !== "valid") return witness;
  const { digest, head, verdict, findings } = command.opening.vote;
  if (findings.some((finding) => finding.isHard))
    return { ...witness, vetoed: [...new Set([...witness.vetoed, digest])].sort() };
  if (verdict !== "approve") return witness;
  const heads = [...new Set([...(witness.approvals[digest] ?? []), head])].sort();
  // One waiver is in force, and for one file.
  const isWaived = ({ waivedBy, path }: (typeof findings)[number]) =>
    waivedBy === "w-1" && path === fileOf("p1");
  const isAsking = findings.some((each) => each.severity === "question" && !isWaived(each));
  return {
    ...witness,
    approvals: { ...witness.approvals, [digest]: heads },
    questioned: isAsking
      ? [...new Set([...witness.questioned, digest])].sort()
      : witness.questioned,
  };
}

/** P4: a breach or a rollback of something landed takes effect at once, paused or not. */
function takenBack(
  before: PatchState | undefined,
  command: PatchCommand,
  after: PatchState | undefined,
): string | undefined {
  if (!before || !mustGoBack(before, command)) return undefined;
  const isTaken = after?.kind === "reverting" || (after?.kind === "landing" && after.intent);
  if (command.type === "record-observation" && isTraced(before, command, after)) return undefined;
  return isTaken ? undefined : `P4: ${command.type} had no effect while ${before.kind}`;
}

/** Where evidence is shared the lane is asked, and what was seen before the newest watch is no news. */
function isTraced(
  before: PatchState,
  { stage, token }: PatchCommand & { type: "record-observation" },
  after: PatchState | undefined,
): boolean {
  const { sharedEvidence = false, stages } = before.patch.policy;
  if (!sharedEvidence || stages.at(-1)?.name !== stage) return false;
  const isOld = "token" in before && token !== before.token;
  return isOld || (after?.kind === "held" && after.reason.kind === "suspected");
}

function mustGoBack(before: PatchState, command: PatchCommand): boolean {
  if (!["landing", "watching", "held"].includes(before.kind)) return false;
  const hasLanded = before.landings.length > 0;
  if (command.type === "record-observation")
    return command.observation.kind === "breach" && hasLanded;
  const isPushed = before.kind === "landing" && before.push !== undefined;
  return command.type === "request-rollback" && (hasLanded || isPushed);
}

const fault = (witness: Witness, text: string | undefined): Witness =>
  text === undefined ? witness : { ...witness, faults: [...witness.faults, text] };

/** One lane of one repository, and the patches that use it. */
export interface Judged {
  readonly patches: Readonly<Record<string, PatchState>>;
  readonly witnesses: Readonly<Record<string, Witness>>;
  readonly lane: LaneState;
  readonly arrivals: readonly string[];
  readonly git: GitWorld;
}

/** Every broken guarantee of a world, in words. */
export function faultsOf(world: Judged): string[] {
  return [
    ...Object.entries(world.witnesses).flatMap(([id, { faults }]) =>
      faults.map((f) => `${id}: ${f}`),
    ),
    ...Object.keys(world.git.branches).flatMap((branch) => branchFaults(world, branch)),
    ...Object.values(world.patches).flatMap((state) => [
      ...placeFaults(world, state),
      ...jointFaults(world, state),
    ]),
    ...laneFaults(world),
  ];
}

/** Of a set that goes together, each is asked once the one before it is gone, and not earlier. */
function jointFaults({ git }: Judged, { patch, cause }: PatchState): string[] {
  const { done = [] } = (cause?.kind === "request" && cause.joint) || {};
  const isOn = (id: string) =>
    Object.keys(git.branches).some((branch) => changesOf(headOf(git, branch).tree).includes(id));
  return done
    .filter(isOn)
    .map((id) => `joint: ${patch.id} is taken back after ${id}, which is still there`);
}

/** With nothing on its way any more, a set is not half taken back without somebody being told. */
export function unaskedFaults({ patches, witnesses }: Judged): string[] {
  return Object.values(patches).flatMap((state) => {
    const next = witnesses[state.patch.id]?.joint?.rest[0];
    const isStuck = state.kind === "revert-blocked" || !mustBeGone(state);
    if (next === undefined || isStuck || witnesses[next]?.isRollbackAsked) return [];
    return [`joint: ${state.patch.id} is ${state.kind}, and ${next} was never asked`];
  });
}

function branchFaults(world: Judged, branch: string): string[] {
  const faults: string[] = [];
  const commits = branchOf(world.git, branch);
  const effects = new Set<string>();
  const reverted = new Set<string>();
  const takenBack = new Set<string>();
  const others = new Set<string>();
  for (const [index, commit] of commits.entries()) {
    if (commit.kind === "external")
      for (const change of changesOf(commit.tree)) if (change.startsWith("x")) others.add(change);
    if (commit.kind === "landing") {
      if (effects.has(commit.effectId!)) faults.push(`P1: effect ${commit.effectId} landed twice`);
      effects.add(commit.effectId!);
      if (takenBack.has(commit.patchId!))
        faults.push(`P1: ${commit.patchId} landed after its revert`);
      faults.push(...landingFaults(world, commit, commits[index - 1]));
    }
    if (commit.kind === "revert") {
      if (reverted.has(commit.reverts!)) faults.push(`P1: ${commit.reverts} was reverted twice`);
      reverted.add(commit.reverts!);
      takenBack.add(commit.patchId!);
    }
  }
  if (branch !== target) return faults;
  const present = changesOf(headOf(world.git, branch).tree);
  for (const change of others)
    if (!present.includes(change)) faults.push(`P9: somebody else's ${change} was lost`);
  return faults;
}

function landingFaults(world: Judged, commit: Commit, parent: Commit | undefined): string[] {
  const { patchId = "", digest = "" } = commit;
  const witness = world.witnesses[patchId] ?? newWitness;
  const faults = quorumFaults(world.patches[patchId], witness, digest);
  if (witness.questioned.includes(digest) && !witness.answered.includes(digest))
    faults.push(`P11: ${patchId} landed with a question open that nobody waived`);
  if (witness.vetoed.includes(digest)) faults.push(`P10: ${patchId} landed over a veto`);
  const isAudited = digest.endsWith(`/${commit.tree}`);
  if (!isAudited || commit.tree !== withChange(parent?.tree ?? "", patchId))
    faults.push(`P9: ${patchId} landed another tree than was audited`);
  return faults;
}

/** P2: somebody approved this tree, and with models that approved what it means they are enough (P6). */
function quorumFaults(state: PatchState | undefined, witness: Witness, digest: string): string[] {
  const { approvalsNeeded = 2, seats = [] } = state?.patch.policy ?? {};
  const own = witness.approvals[digest] ?? [];
  if (own.length === 0) return [`P2: nobody approved ${digest}, and it landed`];
  const isModel = (head: string) => seats.some((seat) => seat.head === head && seat.isModel);
  const heads = new Set([...own, ...approvalsOfMeaning(witness, digest).filter(isModel)]);
  if (heads.size >= approvalsNeeded) return [];
  return [`P2: it landed without a quorum on ${digest}, or on what it means (P6)`];
}

/** Who approved a candidate that means the same, on whatever base. */
function approvalsOfMeaning({ approvals, meanings }: Witness, digest: string): string[] {
  return Object.entries(approvals).flatMap(([other, heads]) =>
    meanings[other] !== undefined && meanings[other] === meanings[digest] ? heads : [],
  );
}

/** P1, P9: a patch is on exactly the branches its state says. */
function placeFaults({ git, witnesses }: Judged, state: PatchState): string[] {
  const { id, policy } = state.patch;
  const isOn = (branch: string) => changesOf(headOf(git, branch).tree).includes(id);
  if (state.kind === "settled")
    return isOn(target) && witnesses[id]?.wasSettled ? [] : [`P9: ${id} is settled and not there`];
  if (state.kind === "watching") {
    const branch = policy.stages[state.stageIndex]?.branch ?? target;
    return isOn(branch) ? [] : [`P9: ${id} is watched on ${branch} and not there`];
  }
  if (!mustBeGone(state)) return [];
  const left = Object.keys(git.branches).filter(isOn);
  return left.map((branch) => `P9: ${id} is ${state.kind} and still on ${branch}`);
}

function mustBeGone(state: PatchState): boolean {
  if (state.kind === "reverting" || state.kind === "revert-blocked") return false;
  if (state.kind === "landing" && state.push) return false;
  return restingKinds.includes(state.kind) || state.landings.length === 0;
}

/**
 * Unsettled patches on a lane's branches: only those that hold or share it, no more than each allows,
 * no two that touch the same, and nobody who came later than one who still waits.
 */
function laneFaults({ patches, witnesses, git, lane, arrivals }: Judged): string[] {
  const present = new Set(
    Object.keys(git.branches).flatMap((branch) => changesOf(headOf(git, branch).tree)),
  );
  const unsettled = Object.keys(patches).filter(
    (id) => present.has(id) && !witnesses[id]?.wasSettled,
  );
  const faults: string[] = [];
  const blamed = Object.values(patches).filter(
    (state) => state.kind === "reverting" && state.cause.kind === "breach" && state.cause.ranking,
  );
  if (blamed.length > 1) faults.push("lane: two are taken back before either was shown to be it");
  const mostOf = (id: string) => patches[id]?.patch.policy.maxLive ?? 1;
  if (unsettled.length > Math.min(...unsettled.map(mostOf)))
    faults.push(`lane: ${unsettled.join(" and ")} are on it together`);
  if (new Set(unsettled.map(fileOf)).size < unsettled.length)
    faults.push(`lane: ${unsettled.join(" and ")} depend on each other`);
  const inside = holdersOf(lane);
  for (const id of unsettled)
    if (!inside.includes(id)) faults.push(`lane: ${id} is on it without holding it`);
  const waiting = lane.waiting.map(({ patchId }) => patchId);
  const places = [...inside, ...waiting].map((id) => arrivals.indexOf(id));
  const isOrdered = places.every(
    (place, at) => at < inside.length || place >= Math.max(...places.slice(0, at), -1),
  );
  if (!isOrdered)
    faults.push(`lane: ${arrivals.join(", ")} came in this order, and one was overtaken`);
  return faults;
}

/** Who is in the lane: those that are live, and the occupant. */
export const holdersOf = ({ live = [], occupant }: LaneState): string[] =>
  [...live, ...(occupant ? [occupant] : [])].map(({ patchId }) => patchId);

/** Who asked for the lane and has not left it since, in the order they came: kept apart from the lane. */
export function arrived(
  arrivals: readonly string[],
  command: LaneCommand,
  lane: LaneState,
): readonly string[] {
  const known = new Set([...holdersOf(lane), ...lane.waiting.map(({ patchId }) => patchId)]);
  const isNew = command.type === "request-lane" && !arrivals.includes(command.patchId);
  return [...arrivals, ...(isNew ? [command.patchId] : [])].filter((id) => known.has(id));
}
