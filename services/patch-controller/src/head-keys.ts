import { createPublicKey, type KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { RuntimeError } from "@council/runtime";
import { z } from "zod";

/** The public key of every head that may sit in a quorum. */
export type HeadKeys = ReadonlyMap<string, KeyObject>;

/** Reads the keyring: a JSON object from head to public key (PEM, Ed25519, one key per head). */
export async function loadHeadKeys(path: string): Promise<HeadKeys> {
  const text = await readFile(path, "utf8").catch(() => {
    throw refused("cannot be read");
  });
  const keyring = z.record(z.string().min(1), z.string()).safeParse(parseJson(text));
  if (!keyring.success) throw refused("must be a JSON object from head to public key in PEM");
  const keys = Object.entries(keyring.data).map(
    ([head, pem]) => [head, readKey(head, pem)] as const,
  );
  const seen = new Set(
    keys.map(([, key]) => key.export({ format: "der", type: "spki" }).toString("hex")),
  );
  if (seen.size < keys.length) throw refused("two heads share a key; give each its own");
  return new Map(keys);
}

function readKey(head: string, pem: string): KeyObject {
  // From a private key the public half would be made without a word, and the secret stay in the file.
  if (pem.includes("PRIVATE KEY"))
    throw refused(`the key of "${head}" is a private key; put the public one here, and replace it`);
  try {
    const key = createPublicKey(pem);
    if (key.asymmetricKeyType === "ed25519") return key;
  } catch {
    // The text may be a secret put here by mistake: it is not repeated.
  }
  throw refused(`the key of "${head}" is no Ed25519 public key in PEM`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const refused = (reason: string) =>
  new RuntimeError("configuration-refused", `COUNCIL_KEYRING_FILE: ${reason}`);
