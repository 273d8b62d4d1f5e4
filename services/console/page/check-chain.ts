/**
 * Recomputes a patch's chain of ledger entries in the browser, so that nobody's word is taken for it: the
 * digest of an entry is the SHA-256 of its RFC 8785 bytes without the digest, and each names the one before.
 */
import type { LedgerEntry } from "@council/contracts";
import canonicalize from "canonicalize";

export type ChainCheck =
  | { readonly kind: "intact"; readonly count: number; readonly head: string }
  | { readonly kind: "broken"; readonly sequence: number }
  /** Browsers give digests to pages from HTTPS or loopback only. */
  | { readonly kind: "unable" };

export async function checkChain(entries: readonly LedgerEntry[]): Promise<ChainCheck> {
  if (!("subtle" in crypto)) return { kind: "unable" };
  let head = entries[0]?.sequence === 1 ? "0".repeat(64) : entries[0]?.prev;
  for (const { digest, ...body } of entries) {
    const broken = { kind: "broken", sequence: body.sequence } as const;
    if (body.prev !== head) return broken;
    const text = canonicalize(body) ?? "";
    const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
    const hex = [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0"));
    if (hex.join("") !== digest) return broken;
    head = digest;
  }
  return { kind: "intact", count: entries.length, head: head ?? "" };
}
