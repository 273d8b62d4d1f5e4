/**
 * One head's part in a round: look at the change, sign the vote, seal it; and on request give up the
 * key to the seal. Key and seal follow from the head's private key and the round, so a head that was
 * killed in between can still open what it sealed.
 */
import type { KeyObject } from "node:crypto";
import type { Bus, Delivery, Outcome } from "@council/bus";
import { answer, type Assignment, payloadTypes, readAssignment } from "@council/contracts";
import type { Vote } from "@council/domain";
import { metaHashOf, revealKey, sealVote, signEnvelope } from "@council/evidence";
import { fetchCommit, type Mirrors } from "@council/git";
import { readAuditedChange } from "./audited-change.ts";
import { boundFindings } from "./bound-findings.ts";
import { type Head, type Judgement, unread } from "./head.ts";

export interface Voting {
  readonly bus: Bus;
  readonly mirrors: Mirrors;
  readonly head: Head;
  readonly privateKey: KeyObject;
  readonly onVote: (vote: Vote, seconds: number) => void;
}

export async function castVote(
  voting: Voting,
  delivery: Delivery,
  signal: AbortSignal,
): Promise<Outcome> {
  const assignment = readAssignment(delivery.message.body, ["audit", "reveal"]);
  if (!assignment) throw new Error(`not for an auditor: ${delivery.message.type}`);
  const { effect, patch } = assignment;
  // A vote in another head's name would only be refused as forged; better that somebody looks.
  if (effect.head !== voting.head.name)
    throw new Error(`meant for the head ${effect.head}, this is ${voting.head.name}`);
  if (effect.type === "audit") return audit(voting, delivery, { patch, effect }, signal);
  const { head, nonce } = effect;
  const context = sealContext(patch.id, nonce, head);
  const key = revealKey({ privateKey: voting.privateKey, context });
  return answer(delivery.message, { type: "record-key", head, nonce, key });
}

async function audit(
  voting: Voting,
  delivery: Delivery,
  { patch, effect }: Assignment<"audit">,
  signal: AbortSignal,
): Promise<Outcome> {
  const { head, nonce, expiresAt, candidate } = effect;
  const { policyDigest } = patch;
  if (policyDigest === undefined) throw new Error("no policy to sign for");
  const { privateKey } = voting;
  const startedAt = performance.now();
  const looked = await look(voting, delivery, { patch, effect }, signal);
  const { digest, verdict, suspension } = looked;
  const findings = boundFindings(looked.findings);
  const metaHash = metaHashOf({ digest, verdict, findings });
  const vote: Vote = {
    patchId: patch.id,
    head,
    digest,
    binding: {
      base: candidate.base,
      tree: looked.tree,
      semanticDigest: candidate.semanticDigest,
      policyDigest,
    },
    nonce,
    verdict,
    findings,
    metaHash,
    expiresAt,
    ...(suspension ? { suspension } : {}),
  };
  voting.onVote(vote, (performance.now() - startedAt) / 1000);
  const envelope = signEnvelope({ payloadType: payloadTypes.vote, payload: vote, privateKey });
  const seal = sealVote({ envelope, privateKey, context: sealContext(patch.id, nonce, head) });
  return answer(delivery.message, { type: "record-seal", head, nonce, seal });
}

async function look(
  { bus, mirrors, head }: Voting,
  delivery: Delivery,
  { patch, effect }: Assignment<"audit">,
  signal: AbortSignal,
): Promise<Judgement & { digest: string; tree: string }> {
  const { candidate } = effect;
  const mirror = await mirrors(patch.repository);
  const fetched = await fetchCommit(mirror, candidate.base);
  if (fetched.kind === "unreachable") throw new Error(`repository unreachable: ${fetched.reason}`);
  const diff = await bus.readBlob(delivery.partition, candidate.diff);
  if (!diff) throw new Error(`the diff ${candidate.diff} is not stored`);
  const read = await readAuditedChange({ mirror, patch, candidate, diff });
  if (read.kind === "refused") {
    const { digest, tree } = candidate;
    return { ...unread(read.code, read.reason), digest, tree };
  }
  const { digest, tree } = read.change;
  const { waivers = [] } = effect;
  return { ...(await head.judge({ ...read.change, waivers }, signal)), digest, tree };
}

const sealContext = (patchId: string, nonce: string, head: string) => `${patchId}/${nonce}/${head}`;
