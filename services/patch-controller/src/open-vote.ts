import { payloadTypes, voteSchema } from "@council/contracts";
import type { Opening, Seal, Vote } from "@council/domain";
import { keyIdOf, metaHashOf, openSeal, verifyEnvelope } from "@council/evidence";
import type { HeadKeys } from "./head-keys.ts";

/**
 * Opens one seal and checks everything about the vote inside that needs no state: the commitment, the
 * signature, that the key is this head's own, the schema, that the explanation is the one hashed, and the policy.
 */
export function openVote(
  seal: Seal | undefined,
  key: string,
  head: string,
  headKeys: HeadKeys,
  policyDigest: string,
): Opening {
  if (!seal) return invalid("no seal of this head");
  const opened = openSeal({ seal, key });
  if (opened.kind === "refused") return invalid(`seal: ${opened.reason}`);
  const own = headKeys.get(head);
  if (own === undefined) return invalid("forged: no public key is known for this head");
  const verified = verifyEnvelope(
    opened.envelope,
    new Map([[keyIdOf(own), own]]),
    payloadTypes.vote,
  );
  if (verified.kind === "refused") return invalid(`signature: ${verified.reason}`);
  const vote = voteSchema.safeParse(verified.payload);
  if (!vote.success) return invalid(`not a vote: ${vote.error.issues[0]?.message ?? "malformed"}`);
  const plain = vote.data as Vote;
  if (metaHashOf(plain) !== plain.metaHash)
    return invalid("the meta hash is not that of the explanation");
  if (plain.binding.policyDigest !== policyDigest) return invalid("another policy was signed for");
  return { kind: "valid", vote: plain, key };
}

const invalid = (reason: string): Opening => ({ kind: "invalid", reason });
