import type { KeyObject } from "node:crypto";
import { sign, verify } from "node:crypto";
import { canonicalBytes, tryCanonicalBytes } from "./canonical.ts";
import type { Keyring } from "./head-key.ts";
import { keyIdOf, trustedKey } from "./head-key.ts";
import { decodeBase64, parseJson, toBase64 } from "./strict-decode.ts";

/** A DSSE envelope as Council writes it: canonical payload, exactly one Ed25519 signature. */
export interface DsseEnvelope {
  readonly payloadType: string;
  /** base64 (standard alphabet, padded) of the RFC 8785 bytes of the payload. */
  readonly payload: string;
  readonly signatures: readonly [{ readonly keyid: string; readonly sig: string }];
}

/** Where verification stopped. */
export type EnvelopeRefusal =
  | "malformed-envelope"
  | "payload-type-differs"
  | "unknown-key"
  | "unusable-key"
  | "signature-invalid"
  | "payload-not-canonical";

export type VerifiedEnvelope =
  | { readonly kind: "verified"; readonly payload: unknown; readonly keyId: string }
  | { readonly kind: "refused"; readonly reason: EnvelopeRefusal };

const signatureBytes = 64;

/**
 * DSSE v1 pre-authentication encoding: what is really signed. Lengths are byte counts, so no pair of
 * type and body can be read as another pair. https://github.com/secure-systems-lab/dsse
 */
export function preAuthEncoding(payloadType: string, body: Uint8Array): Uint8Array {
  const type = Buffer.from(payloadType, "utf8");
  return Buffer.concat([
    Buffer.from(`DSSEv1 ${type.length} `),
    type,
    Buffer.from(` ${body.length} `),
    body,
  ]);
}

/**
 * Signs the canonical bytes of `payload`. Deterministic: same input, same envelope.
 * Throws TypeError if the payload has no canonical bytes.
 */
export function signEnvelope(input: {
  readonly payloadType: string;
  readonly payload: unknown;
  readonly privateKey: KeyObject;
}): DsseEnvelope {
  const body = canonicalBytes(input.payload);
  const signature = sign(null, preAuthEncoding(input.payloadType, body), input.privateKey);
  return {
    payloadType: input.payloadType,
    payload: toBase64(body),
    signatures: [{ keyid: keyIdOf(input.privateKey), sig: toBase64(signature) }],
  };
}

/**
 * The payload, if the envelope is exactly what a key of the ring signed under `expectedType`.
 * Takes anything and never throws. The payload must be canonical, so a duplicate key or any second
 * spelling of the same facts is refused even when correctly signed.
 */
export function verifyEnvelope(
  envelope: unknown,
  keyring: Keyring,
  expectedType: string,
): VerifiedEnvelope {
  if (!isEnvelope(envelope)) return refused("malformed-envelope");
  if (envelope.payloadType !== expectedType) return refused("payload-type-differs");
  const [{ keyid, sig }] = envelope.signatures;
  const body = decodeBase64(envelope.payload);
  const signature = decodeBase64(sig);
  if (body === undefined || signature?.length !== signatureBytes) {
    return refused("malformed-envelope");
  }
  const key = trustedKey(keyring, keyid);
  if (key.kind === "refused") return refused(key.reason);
  if (!verify(null, preAuthEncoding(expectedType, body), key.publicKey, signature)) {
    return refused("signature-invalid");
  }
  const parsed = parseJson(body);
  if (parsed === undefined) return refused("payload-not-canonical");
  const canonical = tryCanonicalBytes(parsed.value);
  if (canonical.kind === "refused" || !Buffer.from(canonical.bytes).equals(body)) {
    return refused("payload-not-canonical");
  }
  return { kind: "verified", payload: parsed.value, keyId: keyid };
}

/** Whether a value has exactly the shape of an envelope; says nothing about its signature. */
export function isEnvelope(value: unknown): value is DsseEnvelope {
  if (!hasExactly(value, ["payload", "payloadType", "signatures"])) return false;
  const { payload, payloadType, signatures } = value;
  if (typeof payload !== "string" || typeof payloadType !== "string") return false;
  if (!Array.isArray(signatures) || signatures.length !== 1) return false;
  const signature: unknown = signatures[0];
  return (
    hasExactly(signature, ["keyid", "sig"]) &&
    typeof signature["keyid"] === "string" &&
    typeof signature["sig"] === "string"
  );
}

function hasExactly(value: unknown, keys: readonly string[]): value is Record<string, unknown> {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return false;
  const own = Object.keys(value);
  return own.length === keys.length && keys.every((key) => own.includes(key));
}

function refused(reason: EnvelopeRefusal): VerifiedEnvelope {
  return { kind: "refused", reason };
}
