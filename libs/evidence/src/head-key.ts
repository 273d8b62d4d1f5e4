import type { KeyObject } from "node:crypto";
import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { sha256Hex } from "./canonical.ts";

export type LoadedKey =
  | { readonly kind: "loaded"; readonly privateKey: KeyObject; readonly keyId: string }
  | { readonly kind: "refused"; readonly reason: "not-a-private-key" | "not-ed25519" };

/** The public keys that are trusted, each under its own `keyIdOf`. PEM text is accepted. */
export type Keyring = ReadonlyMap<string, KeyObject | string>;

/** A fresh Ed25519 key for one head, ready to be stored. */
export function generateHeadKey(): {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly privateKeyPem: string;
  readonly publicKeyPem: string;
  readonly keyId: string;
} {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  return {
    privateKey,
    publicKey,
    privateKeyPem: privateKey.export({ format: "pem", type: "pkcs8" }) as string,
    publicKeyPem: publicKeyPem(publicKey),
    keyId: keyIdOf(publicKey),
  };
}

/** Reads a PKCS#8 PEM; only Ed25519 is accepted. */
export function loadPrivateKey(pem: string): LoadedKey {
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey(pem);
  } catch {
    // The parser's message may quote the input, which is a secret: it is dropped on purpose.
    return { kind: "refused", reason: "not-a-private-key" };
  }
  if (privateKey.asymmetricKeyType !== "ed25519") return { kind: "refused", reason: "not-ed25519" };
  return { kind: "loaded", privateKey, keyId: keyIdOf(privateKey) };
}

/** SPKI PEM of a public key, or of the public half of a private key. */
export function publicKeyPem(key: KeyObject): string {
  return publicHalf(key).export({ format: "pem", type: "spki" }) as string;
}

/** SHA-256 hex over the SPKI DER of the public key (or of a private key's public half). */
export function keyIdOf(key: KeyObject): string {
  return sha256Hex(publicHalf(key).export({ format: "der", type: "spki" }));
}

/**
 * The usable key stored under `keyId`. An entry that is not Ed25519, or whose own id differs from
 * the one it is filed under, is unusable: otherwise one key under two ids could vote twice.
 */
export function trustedKey(
  keyring: Keyring,
  keyId: string,
):
  | { readonly kind: "found"; readonly publicKey: KeyObject }
  | { readonly kind: "refused"; readonly reason: "unknown-key" | "unusable-key" } {
  const entry = keyring.get(keyId);
  if (entry === undefined) return { kind: "refused", reason: "unknown-key" };
  try {
    const publicKey = typeof entry === "string" ? createPublicKey(entry) : publicHalf(entry);
    const isUsable = publicKey.asymmetricKeyType === "ed25519" && keyIdOf(publicKey) === keyId;
    return isUsable ? { kind: "found", publicKey } : { kind: "refused", reason: "unusable-key" };
  } catch {
    return { kind: "refused", reason: "unusable-key" };
  }
}

function publicHalf(key: KeyObject): KeyObject {
  return key.type === "private" ? createPublicKey(key) : key;
}
