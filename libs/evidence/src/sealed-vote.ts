/**
 * Sealed votes: a head publishes its vote encrypted, together with a commitment, and reveals the key
 * when all seats have voted. Nobody can follow another head's vote, and no head can change its own.
 *
 * The key comes from the head's own private key and the context (which vote this is), so a head that
 * crashed between sealing and revealing derives it again and keeps no state. Revealing one context's
 * key says nothing about another's. The commitment hides the vote because the envelope contains a
 * signature nobody else can compute, so its digest cannot be guessed by trying both verdicts.
 */
import type { KeyObject } from "node:crypto";
import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto";
import { canonicalBytes, sha256Hex } from "./canonical.ts";
import type { DsseEnvelope } from "./envelope.ts";
import { isEnvelope } from "./envelope.ts";
import { decodeBase64, parseJson, toBase64 } from "./strict-decode.ts";

export interface Seal {
  /** base64 of nonce (12 bytes), AES-256-GCM ciphertext, tag (16 bytes). */
  readonly ciphertext: string;
  /** SHA-256 hex of the canonical bytes of the envelope. */
  readonly commitment: string;
}

export type SealRefusal =
  | "malformed-seal"
  | "malformed-key"
  | "does-not-open"
  | "commitment-differs"
  | "malformed-envelope";

export type OpenedSeal =
  | { readonly kind: "opened"; readonly envelope: DsseEnvelope }
  | { readonly kind: "refused"; readonly reason: SealRefusal };

const nonceBytes = 12;
const tagBytes = 16;
const keyBytes = 32;

/**
 * Seals a signed vote. `context` names the vote uniquely (patch, revision, digest, head).
 * Deterministic: sealing the same envelope again after a crash gives the same seal. The nonce is
 * derived from the envelope, so two different envelopes in one context never share a nonce.
 */
export function sealVote(input: {
  readonly envelope: DsseEnvelope;
  readonly privateKey: KeyObject;
  readonly context: string;
}): Seal {
  const bytes = canonicalBytes(input.envelope);
  const commitment = sha256Hex(bytes);
  const key = derive(input.privateKey, `key:${input.context}`, "", keyBytes);
  const nonce = derive(input.privateKey, `nonce:${input.context}`, commitment, nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: tagBytes });
  const sealed = Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
  return { ciphertext: toBase64(sealed), commitment };
}

/** The key (base64) that opens this head's seal for this context, and no other seal. */
export function revealKey(input: {
  readonly privateKey: KeyObject;
  readonly context: string;
}): string {
  return toBase64(derive(input.privateKey, `key:${input.context}`, "", keyBytes));
}

/**
 * The envelope inside a seal, if the key opens it and it is the one committed to. Takes anything and
 * never throws. GCM alone lets a cheat craft one ciphertext that opens under two keys; the commitment
 * is what pins the vote. The signature is not checked here: use `verifyEnvelope` on the result.
 */
export function openSeal(input: { readonly seal: unknown; readonly key: unknown }): OpenedSeal {
  const seal = readSeal(input.seal);
  if (seal === undefined) return refused("malformed-seal");
  const key = typeof input.key === "string" ? decodeBase64(input.key) : undefined;
  if (key?.length !== keyBytes) return refused("malformed-key");
  const bytes = decrypt(seal.sealed, key);
  if (bytes === undefined) return refused("does-not-open");
  if (sha256Hex(bytes) !== seal.commitment) return refused("commitment-differs");
  const envelope = parseJson(bytes)?.value;
  return isEnvelope(envelope) ? { kind: "opened", envelope } : refused("malformed-envelope");
}

function readSeal(
  value: unknown,
): { readonly sealed: Buffer; readonly commitment: string } | undefined {
  if (value === null || typeof value !== "object") return undefined;
  const { ciphertext, commitment } = value as Partial<Record<keyof Seal, unknown>>;
  if (typeof ciphertext !== "string" || typeof commitment !== "string") return undefined;
  const sealed = decodeBase64(ciphertext);
  if (sealed === undefined || sealed.length < nonceBytes + tagBytes) return undefined;
  return { sealed, commitment };
}

function decrypt(sealed: Buffer, key: Buffer): Buffer | undefined {
  const nonce = sealed.subarray(0, nonceBytes);
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: tagBytes });
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
  try {
    const body = sealed.subarray(nonceBytes, sealed.length - tagBytes);
    return Buffer.concat([decipher.update(body), decipher.final()]);
  } catch {
    return undefined;
  }
}

// HKDF-SHA256 (RFC 5869) over the Ed25519 seed. The fixed salt prefix keeps these keys apart from
// anything else that may one day be derived from the same seed.
function derive(privateKey: KeyObject, info: string, salt: string, sizeBytes: number): Buffer {
  const { d } = privateKey.export({ format: "jwk" });
  if (typeof d !== "string" || privateKey.asymmetricKeyType !== "ed25519") {
    throw new TypeError("sealing needs an Ed25519 private key");
  }
  const seed = Buffer.from(d, "base64url");
  return Buffer.from(hkdfSync("sha256", seed, `council-seal-v1:${salt}`, info, sizeBytes));
}

function refused(reason: SealRefusal): OpenedSeal {
  return { kind: "refused", reason };
}
