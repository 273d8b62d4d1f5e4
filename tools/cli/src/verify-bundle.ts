/**
 * Checks an evidence bundle with nothing but the heads' public keys: no network, no Council. Whoever
 * holds the keys can tell whether a vote, a tree or an entry of the ledger was changed afterwards, also
 * by somebody who wrote the whole chain anew.
 */
import type { KeyObject } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import {
  type EvidenceBundle,
  evidenceBundleSchema,
  payloadTypes,
  voteSchema,
} from "@council/contracts";
import {
  carriedHeads,
  type Comparison,
  type EndedRound,
  evolve,
  type PatchEvent,
  type PatchState,
  verdictOf,
  type Vote,
} from "@council/domain";
import {
  candidateDigest,
  digestOf,
  keyIdOf,
  metaHashOf,
  openSeal,
  sha256Hex,
  verifyChain,
  verifyEnvelope,
} from "@council/evidence";

export type BundleOutcome =
  | {
      readonly kind: "sound";
      readonly entries: number;
      readonly votes: number;
      readonly state: string;
    }
  | { readonly kind: "broken"; readonly faults: readonly string[] };

/**
 * Takes anything and never throws. Every fault says where it is and what does not hold. Without `headKeys` the
 * votes are taken from the ledger as they are; all that follows from them is computed again.
 */
export function verifyBundle(
  input: unknown,
  headKeys?: ReadonlyMap<string, KeyObject>,
): BundleOutcome {
  const parsed = evidenceBundleSchema.safeParse(input);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return broken([`bundle: ${issue?.path.join(".") ?? ""} ${issue?.message ?? "malformed"}`]);
  }
  const bundle = parsed.data;
  const chain = chainFaults(bundle);
  if (chain.length > 0) return broken(chain);
  try {
    return replay(bundle, headKeys);
  } catch (error) {
    // Digests hold, but what they cover is no history of a patch.
    return broken([`ledger: cannot be replayed: ${error instanceof Error ? error.message : ""}`]);
  }
}

function chainFaults({ patchId, entries, chainHead }: EvidenceBundle): string[] {
  const chain = verifyChain(entries);
  if (chain.kind === "broken") return [`ledger: entry ${chain.index + 1}: ${chain.reason}`];
  if (chain.head !== chainHead) return ["ledger: it does not end where the bundle says it ends"];
  return entries.flatMap((entry, index) => {
    if (entry.sequence !== index + 1) return [`ledger: entry ${index + 1} is numbered wrongly`];
    return entry.patchId === patchId ? [] : [`ledger: entry ${index + 1} is of another patch`];
  });
}

function replay(
  bundle: EvidenceBundle,
  headKeys: ReadonlyMap<string, KeyObject> | undefined,
): BundleOutcome {
  const faults: string[] = [];
  let state: PatchState | undefined;
  let votes = 0;
  let audited: Comparison | undefined;
  for (const { sequence, at: now, event: given } of bundle.entries) {
    const event = given as PatchEvent;
    const at = (fault: string | undefined) =>
      fault === undefined ? [] : [`entry ${sequence}: ${fault}`];
    if (event.type === "AuditStarted") {
      faults.push(...candidateFaults(bundle, event).flatMap(at));
      faults.push(...at(carryFault(state, audited, event, now)));
      audited = state?.comparison;
    }
    if (event.type === "VoteRecorded") {
      votes += 1;
      if (headKeys) faults.push(...at(voteFault(state, event, headKeys)));
    }
    if (event.type === "VerdictReached") faults.push(...at(verdictFault(state, event)));
    if (event.type === "Landed") faults.push(...at(landingFault(state, event)));
    state = evolve(state, event);
  }
  if (faults.length > 0 || !state) return broken(faults.length > 0 ? faults : ["ledger: is empty"]);
  return { kind: "sound", entries: bundle.entries.length, votes, state: state.kind };
}

type EventOf<Type extends PatchEvent["type"]> = Extract<PatchEvent, { type: Type }>;

function candidateFaults(bundle: EvidenceBundle, { candidate }: EventOf<"AuditStarted">): string[] {
  const { base, tree, diff, digest } = candidate;
  const text = bundle.diffs[diff];
  const bytes = Buffer.from(text ?? "", "base64");
  const isStored = text !== undefined && bytes.toString("base64") === text;
  return [
    ...(candidateDigest({ base, tree, diff }) === digest
      ? []
      : ["candidate: its digest is not that of its base, tree and diff"]),
    ...(isStored && sha256Hex(bytes) === diff ? [] : [`diff ${diff}: missing, or other bytes`]),
  ];
}

/**
 * P6: what was carried over follows from the round before, every vote of which was checked above, and from
 * the two comparisons; that the semantic digest is the diff engine's is taken from the ledger.
 */
function carryFault(
  state: PatchState | undefined,
  audited: Comparison | undefined,
  { carried = [], seats, candidate }: EventOf<"AuditStarted">,
  now: number,
): string | undefined {
  const comparison = state?.comparison;
  if (!state || comparison?.kind !== "compared") return "audit: nothing was compared";
  if (!isDeepStrictEqual(comparison.candidate, candidate))
    return "audit: another candidate than was compared";
  const { verdict, votes } = state;
  const ended: EndedRound = {
    votes,
    ...(audited ? { comparison: audited } : {}),
    ...(verdict ? { verdict } : {}),
  };
  const right = audited ? carriedHeads(ended, comparison, seats, now) : [];
  return isDeepStrictEqual(right, carried)
    ? undefined
    : "audit: votes are carried over that do not count here, or some that do are missing";
}

/** What does not hold of a vote: its seal, its signature, its words, or what it is bound to. */
function voteFault(
  state: PatchState | undefined,
  { vote, key }: EventOf<"VoteRecorded">,
  headKeys: ReadonlyMap<string, KeyObject>,
): string | undefined {
  const fault = (what: string) => `vote of ${vote.head}: ${what}`;
  if (state?.kind !== "auditing") return fault("no round is open");
  const own = headKeys.get(vote.head);
  if (!own) return fault("no public key is known for this head");
  const opened = openSeal({ seal: state.round.seals[vote.head], key });
  if (opened.kind === "refused") return fault(`seal: ${opened.reason}`);
  const keyring = new Map([[keyIdOf(own), own]]);
  const verified = verifyEnvelope(opened.envelope, keyring, payloadTypes.vote);
  if (verified.kind === "refused") return fault(`signature: ${verified.reason}`);
  const signed = voteSchema.safeParse(verified.payload);
  if (!signed.success || !isDeepStrictEqual(signed.data, vote))
    return fault("the ledger says something else than was signed");
  if (metaHashOf(vote) !== vote.metaHash) return fault("its meta hash is not of its explanation");
  return isBound(state, vote) ? undefined : fault("was signed for another candidate or round");
}

function isBound(state: PatchState & { kind: "auditing" }, vote: Vote): boolean {
  const { digest, base, tree, semanticDigest } = state.candidate;
  const policyDigest = digestOf(state.patch.policy);
  return (
    vote.patchId === state.patch.id &&
    vote.digest === digest &&
    vote.nonce === state.round.nonce &&
    isDeepStrictEqual(vote.binding, { base, tree, semanticDigest, policyDigest })
  );
}

function verdictFault(
  state: PatchState | undefined,
  { verdict }: EventOf<"VerdictReached">,
): string | undefined {
  if (state?.kind !== "auditing") return "verdict: no round is open";
  const { seats, requirement, votes } = state.round;
  const { digest } = state.candidate;
  const authorFamily = state.renders.a?.family ?? "";
  const again = verdictOf({ seats, votes, requirement, digest, authorFamily });
  return isDeepStrictEqual(again, verdict) ? undefined : "verdict: does not follow from the votes";
}

function landingFault(
  state: PatchState | undefined,
  { landing }: EventOf<"Landed">,
): string | undefined {
  const isAudited = state && "candidate" in state && landing.tree === state.candidate.tree;
  return isAudited ? undefined : `landing ${landing.commit}: not the tree that was audited`;
}

const broken = (faults: readonly string[]): BundleOutcome => ({ kind: "broken", faults });
