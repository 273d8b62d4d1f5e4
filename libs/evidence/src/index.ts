export type { CanonicalOutcome, CanonicalRefusal } from "./canonical.ts";
export { canonicalBytes, digestOf, sha256Hex, tryCanonicalBytes } from "./canonical.ts";
export type { DsseEnvelope, EnvelopeRefusal, VerifiedEnvelope } from "./envelope.ts";
export { isEnvelope, preAuthEncoding, signEnvelope, verifyEnvelope } from "./envelope.ts";
export type { Chained, ChainOutcome, ChainRefusal } from "./hash-chain.ts";
export { chainEntry, genesisDigest, verifyChain } from "./hash-chain.ts";
export type { Keyring, LoadedKey } from "./head-key.ts";
export { generateHeadKey, keyIdOf, loadPrivateKey, publicKeyPem } from "./head-key.ts";
export type {
  ConsistencyOutcome,
  ConsistencyProof,
  InclusionOutcome,
  InclusionProof,
  ProofOutcome,
  ProofRefusal,
} from "./merkle-tree.ts";
export {
  consistencyProof,
  inclusionProof,
  merkleRoot,
  verifyConsistency,
  verifyInclusion,
} from "./merkle-tree.ts";
export type { TracePlace } from "./patch-trace.ts";
export { patchTrace, readTraceparent, traceparentOf } from "./patch-trace.ts";
export type { OpenedSeal, Seal, SealRefusal } from "./sealed-vote.ts";
export { openSeal, revealKey, sealVote } from "./sealed-vote.ts";
export { candidateDigest, metaHashOf } from "./candidate-digest.ts";
