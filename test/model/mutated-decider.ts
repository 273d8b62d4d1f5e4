/** The decider with a rule of the game left out on purpose, to show that the invariants notice. */
import { decide, type PatchCommand, type PatchEffect, type PatchState } from "@council/domain";
import { person } from "./steps.ts";

/** Rules of the game left out on purpose, to show that the invariants notice. */
export interface DecideMutation {
  /** Votes count for whatever candidate they were given. */
  readonly withoutVoteGate?: boolean;
  /** A rollback that arrived during a push is forgotten. */
  readonly withoutIntent?: boolean;
  /** Whatever the new base makes of a change is taken to mean what it meant. */
  readonly withoutMeaning?: boolean;
  /** What a head calls waived counts as waived. */
  readonly withoutWaivers?: boolean;
  /** Who is gone asks nobody next, or all of a set are asked at once. */
  readonly jointRollback?: "without-next" | "without-turn";
}

export type Decider = typeof decide;

export function deciderWith(mutation: DecideMutation): Decider {
  return (state, command, facts) => {
    const bent = bend(mutation, state, command);
    return passedOn(mutation, command, state, decide(bent.state, bent.command, facts));
  };
}

/** What the decider is made to see. */
function bend(mutation: DecideMutation, state: PatchState | undefined, command: PatchCommand) {
  if (command.type === "record-opening") {
    if (mutation.withoutVoteGate && state) return { state, command: ungated(state, command) };
    if (mutation.withoutWaivers) return { state, command: unquestioned(command) };
  }
  if (command.type === "record-comparison" && mutation.withoutMeaning)
    return { state, command: unchanged(state, command) };
  if (command.type === "record-landing" && mutation.withoutIntent && state?.kind === "landing") {
    const { intent: _, ...forgetful } = state;
    return { state: forgetful, command };
  }
  return { state, command };
}

/** What becomes of a set that goes together. */
function passedOn(
  { jointRollback }: DecideMutation,
  command: PatchCommand,
  state: PatchState | undefined,
  decision: ReturnType<Decider>,
): ReturnType<Decider> {
  if (decision.kind !== "accepted" || jointRollback === undefined) return decision;
  const { effects } = decision;
  if (jointRollback === "without-turn")
    return { ...decision, effects: [...effects, ...askedEarly(command, state)] };
  return { ...decision, effects: effects.filter(({ type }) => type !== "request-rollback") };
}

function askedEarly(command: PatchCommand, state: PatchState | undefined): PatchEffect[] {
  const joint = command.type === "request-rollback" ? command.joint : undefined;
  const [next, ...rest] = joint?.rest ?? [];
  if (!state || !joint || next === undefined) return [];
  const done = [...joint.done, state.patch.id];
  const passed = { ...person, joint: { ...joint, done, rest } };
  return [{ type: "request-rollback", patchId: next, ...passed }];
}

function ungated(state: PatchState, command: PatchCommand & { type: "record-opening" }) {
  const { opening } = command;
  if (opening.kind === "invalid" || !("candidate" in state)) return command;
  const { digest, base, tree, semanticDigest } = state.candidate;
  const binding = { base, tree, semanticDigest, policyDigest: "" };
  const vote = { ...opening.vote, digest, binding };
  return { ...command, opening: { kind: "valid", vote, key: "" } } as const;
}

function unquestioned(command: PatchCommand & { type: "record-opening" }) {
  const { opening } = command;
  if (opening.kind === "invalid") return command;
  const findings = opening.vote.findings.filter(({ waivedBy }) => waivedBy === undefined);
  return { ...command, opening: { ...opening, vote: { ...opening.vote, findings } } };
}

function unchanged(
  state: PatchState | undefined,
  command: PatchCommand & { type: "record-comparison" },
) {
  const [before, after] = [state?.comparison, command.comparison];
  if (before?.kind !== "compared" || after.kind !== "compared") return command;
  const { semanticDigest } = before.candidate;
  const candidate = { ...after.candidate, semanticDigest };
  return { ...command, comparison: { ...after, candidate } };
}
