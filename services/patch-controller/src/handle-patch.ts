/**
 * Load, decide, commit: the only place where the state of a patch changes.
 *
 * The commit is one atomic step: it checks that this process still holds the message, compares the
 * version that was read, and writes state, ledger and the messages that carry the effects. So a
 * message has exactly one consequence however often it is delivered (P1), and a state that moved in
 * between makes the bus run this function again from the start.
 */
import type { Bus, Delivery, Outcome } from "@council/bus";
import { type IncomingCommand, patchCommandSchema, type StoredPatch } from "@council/contracts";
import {
  decide,
  type Facts,
  freezeAt,
  type Governance,
  inFull,
  type Patch,
  type PatchCommand,
  type PatchEvent,
  type PatchState,
  type NeededByHead,
  type Suspension,
  ungoverned,
} from "@council/domain";
import { digestOf } from "@council/evidence";
import { effectMessages } from "./effect-messages.ts";
import { reportMessages } from "./forge/report-patch.ts";
import type { HeadKeys } from "./head-keys.ts";
import { chainEvents, emptyChain } from "./ledger-entries.ts";
import { openVote } from "./open-vote.ts";
import { readGovernance } from "./control.ts";

export interface PatchHandling {
  readonly bus: Bus;
  readonly headKeys: HeadKeys;
  readonly clock: () => number;
  /** Whether a forge is told of this patch; nobody is when absent. */
  readonly isReported?: (patch: Patch) => boolean;
  /** Which of these heads and builders may not spend now on this patch. */
  readonly readSuspensions: (
    heads: readonly string[],
    needed: NeededByHead,
    patch: Patch,
  ) => Promise<readonly Suspension[]>;
  /** Whether somebody who may has labelled the change so that no freeze holds it. */
  readonly isFreezeExempt: (patch: Patch) => Promise<boolean>;
  /** Told of every event once it is decided, before it is committed; for metrics and logs only. */
  readonly onDecided: (decided: Decided) => void;
  readonly onRefused: (patchId: string, command: string, reason: string) => void;
}

export interface Decided {
  readonly patchId: string;
  readonly events: readonly PatchEvent[];
  readonly before: PatchState | undefined;
  readonly state: PatchState | undefined;
  readonly at: number;
}

export async function handlePatch(handling: PatchHandling, delivery: Delivery): Promise<Outcome> {
  const { bus } = handling;
  const { message, partition } = delivery;
  const patchId = message.subject;
  const incoming = readCommand(message);
  const read = await bus.readState(partition, patchId);
  const stored = read ? (JSON.parse(read.value) as StoredPatch) : undefined;
  // Kept, and signed for by the heads, is the policy as it was submitted; decided is by all of its fields.
  const before = stored && { ...stored.state, patch: wholePatch(stored.state.patch) };
  const facts: Facts = {
    now: handling.clock(),
    cause: message.id,
    governance: await governanceOf(handling, incoming, before),
    suspended: await suspendedNow(handling, incoming, before),
  };
  const command = completed(incoming, stored?.state, handling.headKeys);
  const decision = decide(before, command, facts);
  if (decision.kind === "ignored") return {};
  if (decision.kind === "refused") {
    handling.onRefused(patchId, command.type, decision.reason);
    return {};
  }
  const state = decision.state;
  handling.onDecided({
    patchId,
    events: decision.events,
    before,
    state,
    at: facts.now,
  });
  if (!state) return {};
  const at = facts.now;
  const { patch } = state;
  const kept = stored?.state.patch ?? patch;
  const { effects } = decision;
  const messages = [
    ...effectMessages({ patch, signedPolicy: kept.policy, effects, cause: message.id, at }),
    ...reportMessages(handling.isReported, patch, { id: message.id, at, decision }),
  ];
  if (decision.events.length === 0) return { messages };
  const about = { patchId, at, cause: message.id, command: command.type };
  const { entries, end } = chainEvents(stored ?? emptyChain, decision.events, about);
  const value: StoredPatch = { state: { ...state, patch: kept }, ...end };
  return {
    state: {
      subject: patchId,
      expectedVersion: read?.version ?? 0,
      value: JSON.stringify(value),
      ...(read ? {} : { indexScore: patch.submittedAt }),
    },
    ledger: entries.map((entry) => JSON.stringify(entry)),
    messages,
  };
}

/** Throws on anything that is no command to this patch; the bus then sets it aside as a dead letter. */
function readCommand({ subject, body }: Delivery["message"]): IncomingCommand {
  const incoming = patchCommandSchema.parse(body) as IncomingCommand;
  if (incoming.type === "submit" && incoming.patch.id !== subject)
    throw new Error("a submission under another patch's name");
  return incoming;
}

/** Asked only where something paid may begin or end, and only of who costs money. */
async function suspendedNow(
  { readSuspensions }: PatchHandling,
  incoming: IncomingCommand,
  state: PatchState | undefined,
): Promise<readonly Suspension[]> {
  if (!state || !askedAt.includes(incoming.type)) return [];
  const { patch } = state;
  const seats = patch.policy.seats.flatMap(({ head, isModel }) => (isModel ? [head] : []));
  const waiting = waitingIn(state, incoming);
  const paid = [...new Set([...seats, ...waiting.map(({ head }) => head)])];
  if (paid.length === 0) return [];
  const needed = waiting.flatMap(({ head, neededMicroUsd }) =>
    neededMicroUsd === undefined ? [] : [[head, neededMicroUsd] as const],
  );
  return readSuspensions(paid, Object.fromEntries(needed) satisfies NeededByHead, patch);
}

/** Whose money a patch waits for: heads, or builders. */
function waitingIn(state: PatchState, incoming: IncomingCommand): readonly Suspension[] {
  if (state.kind === "held") return state.reason.kind === "budget" ? state.reason.suspended : [];
  if (state.kind !== "rendering") return [];
  const last = incoming.type === "fail-render" ? incoming.suspension : undefined;
  return [...(state.unpaid ?? []).map(({ suspension }) => suspension), ...(last ? [last] : [])];
}

const askedAt: readonly IncomingCommand["type"][] = [
  "record-render",
  "fail-render",
  "record-comparison",
  "record-key",
  "reach-deadline",
];

const wholePatch = (patch: Patch): Patch => ({ ...patch, policy: inFull(patch.policy) });

/** The forge is asked only when a freeze stands between a patch and its landing. */
async function governanceOf(
  { bus, isFreezeExempt, clock }: PatchHandling,
  incoming: IncomingCommand,
  state: PatchState | undefined,
): Promise<Governance> {
  const patch = incoming.type === "submit" ? incoming.patch : state?.patch;
  if (!patch) return ungoverned;
  const isAtGate = ["grant-lane", "reach-deadline", "record-landing"].includes(incoming.type);
  const isFrozen = isAtGate && freezeAt(patch.policy.freezes, clock()) !== undefined;
  const [known, isExempt] = await Promise.all([
    readGovernance(bus, patch.repository),
    isFrozen ? isFreezeExempt(patch) : false,
  ]);
  return { ...known, isFreezeExempt: isExempt };
}

/** A key becomes an opening: the seal it belongs to is in the state, the signature is checked here. */
function completed(
  incoming: IncomingCommand,
  state: PatchState | undefined,
  headKeys: HeadKeys,
): PatchCommand {
  if (incoming.type !== "record-key") return incoming;
  const { head, nonce, key } = incoming;
  const seal = state?.kind === "auditing" ? state.round.seals[head] : undefined;
  const policyDigest = state ? digestOf(state.patch.policy) : "";
  const opening = openVote(seal, key, head, headKeys, policyDigest);
  return { type: "record-opening", head, nonce, opening };
}
