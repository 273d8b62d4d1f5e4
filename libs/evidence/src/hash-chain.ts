import { digestOf, sha256Hex, tryCanonicalBytes } from "./canonical.ts";

/** What the first entry of a chain points back to. */
export const genesisDigest = "0".repeat(64);

/** An entry with its place in the chain. `digest` covers everything but itself. */
export type Chained<E extends object> = Omit<E, "prev" | "digest"> & {
  readonly prev: string;
  readonly digest: string;
};

export type ChainRefusal = "malformed-entry" | "prev-differs" | "digest-differs";

export type ChainOutcome =
  | { readonly kind: "intact"; readonly count: number; readonly head: string }
  | { readonly kind: "broken"; readonly index: number; readonly reason: ChainRefusal };

/**
 * Links an entry to its predecessor's digest (`null` for the first). The digest is SHA-256 hex over
 * the canonical bytes of the entry with `prev` and without `digest`.
 * Throws TypeError if the entry has no canonical bytes.
 */
export function chainEntry<E extends object>(input: {
  readonly prev: string | null;
  readonly entry: E;
}): Chained<E> {
  const { digest: _, ...body } = { digest: undefined, ...input.entry };
  const linked = { ...body, prev: input.prev ?? genesisDigest };
  return { ...linked, digest: digestOf(linked) } as unknown as Chained<E>;
}

/**
 * Recomputes a chain and names the first entry that does not hold. Takes anything, never throws.
 * `after` is the digest the first entry must point to (a page out of the middle of a ledger). A cut
 * tail leaves an intact, shorter chain: compare `head` with a head kept elsewhere.
 */
export function verifyChain(
  entries: Iterable<unknown>,
  after: string = genesisDigest,
): ChainOutcome {
  let head = after;
  let count = 0;
  for (const entry of entries) {
    const read = readEntry(entry);
    if (typeof read === "string") return { kind: "broken", index: count, reason: read };
    if (read.prev !== head) return { kind: "broken", index: count, reason: "prev-differs" };
    head = read.digest;
    count += 1;
  }
  return { kind: "intact", count, head };
}

function readEntry(
  entry: unknown,
): { readonly prev: string; readonly digest: string } | ChainRefusal {
  if (entry === null || typeof entry !== "object" || Array.isArray(entry)) return "malformed-entry";
  const { digest, ...body } = entry as Record<string, unknown>;
  const prev = body["prev"];
  if (typeof prev !== "string" || typeof digest !== "string") return "malformed-entry";
  const canonical = tryCanonicalBytes(body);
  if (canonical.kind === "refused") return "malformed-entry";
  return sha256Hex(canonical.bytes) === digest ? { prev, digest } : "digest-differs";
}
