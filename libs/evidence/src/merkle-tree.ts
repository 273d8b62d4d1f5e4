/**
 * Merkle trees after RFC 6962 §2.1: leaf hash SHA-256(0x00 || leaf), node hash
 * SHA-256(0x01 || left || right). The prefixes keep a leaf from being passed off as a node.
 * Roots and paths are lower-case hex. Verification follows RFC 9162 §2.1.3.2 and §2.1.4.2.
 */
import { createHash } from "node:crypto";

export interface InclusionProof {
  readonly index: number;
  readonly size: number;
  readonly path: readonly string[];
}

export interface ConsistencyProof {
  readonly oldSize: number;
  readonly newSize: number;
  readonly path: readonly string[];
}

export type ProofOutcome<P> =
  | { readonly kind: "proof"; readonly proof: P }
  | { readonly kind: "refused"; readonly reason: "out-of-range" };

export type ProofRefusal = "malformed-proof" | "out-of-range" | "path-length" | "root-differs";

export type InclusionOutcome =
  | { readonly kind: "included" }
  | { readonly kind: "refused"; readonly reason: ProofRefusal };

export type ConsistencyOutcome =
  | { readonly kind: "consistent" }
  | { readonly kind: "refused"; readonly reason: ProofRefusal | "old-root-differs" };

/** The root over the leaves in order; the empty tree has the SHA-256 of nothing. */
export function merkleRoot(leaves: readonly Uint8Array[]): string {
  return rootOf(leaves.map(leafHash)).toString("hex");
}

/** The path from leaf `index` (0-based) to the root of the tree over `leaves`. */
export function inclusionProof(
  leaves: readonly Uint8Array[],
  index: number,
): ProofOutcome<InclusionProof> {
  if (!isIndex(index, leaves.length)) return { kind: "refused", reason: "out-of-range" };
  const path = pathTo(index, leaves.map(leafHash)).map((hash) => hash.toString("hex"));
  return { kind: "proof", proof: { index, size: leaves.length, path } };
}

/** Whether `leaf` stands at the proof's index in the tree with this root. Never throws. */
export function verifyInclusion(input: {
  readonly leaf: Uint8Array;
  readonly proof: InclusionProof;
  readonly root: string;
}): InclusionOutcome {
  const { index, size } = input.proof;
  const path = readPath(input.proof.path);
  if (path === undefined) return { kind: "refused", reason: "malformed-proof" };
  if (!Number.isSafeInteger(size) || !isIndex(index, size)) {
    return { kind: "refused", reason: "out-of-range" };
  }
  const walked = climb({ position: index, last: size - 1, path, left: leafHash(input.leaf) });
  if (walked === undefined) return { kind: "refused", reason: "path-length" };
  return walked.all.toString("hex") === input.root
    ? { kind: "included" }
    : { kind: "refused", reason: "root-differs" };
}

/** Shows that the tree over the first `oldSize` leaves is a prefix of the tree over all of them. */
export function consistencyProof(
  leaves: readonly Uint8Array[],
  oldSize: number,
): ProofOutcome<ConsistencyProof> {
  if (!isIndex(oldSize - 1, leaves.length)) return { kind: "refused", reason: "out-of-range" };
  const path = subProof(oldSize, leaves.map(leafHash), true).map((hash) => hash.toString("hex"));
  return { kind: "proof", proof: { oldSize, newSize: leaves.length, path } };
}

/** Whether the tree with `newRoot` only appended to the tree with `oldRoot`. Never throws. */
export function verifyConsistency(input: {
  readonly proof: ConsistencyProof;
  readonly oldRoot: string;
  readonly newRoot: string;
}): ConsistencyOutcome {
  const { oldSize, newSize } = input.proof;
  const path = readPath(input.proof.path);
  if (path === undefined) return { kind: "refused", reason: "malformed-proof" };
  if (!Number.isSafeInteger(newSize) || !isIndex(oldSize - 1, newSize)) {
    return { kind: "refused", reason: "out-of-range" };
  }
  if (oldSize === newSize) {
    if (path.length > 0) return { kind: "refused", reason: "path-length" };
    return input.oldRoot === input.newRoot
      ? { kind: "consistent" }
      : { kind: "refused", reason: "root-differs" };
  }
  return foldConsistency(path, input);
}

function foldConsistency(
  path: readonly Buffer[],
  input: {
    readonly proof: ConsistencyProof;
    readonly oldRoot: string;
    readonly newRoot: string;
  },
): ConsistencyOutcome {
  let position = input.proof.oldSize - 1;
  let last = input.proof.newSize - 1;
  for (; position % 2 === 1; position = half(position)) last = half(last);
  // A perfect old tree is itself the first node; RFC 6962 leaves it out of the path.
  const oldRoot = readHash(input.oldRoot);
  if (oldRoot === undefined) return { kind: "refused", reason: "old-root-differs" };
  const nodes = position === 0 ? [oldRoot, ...path] : path;
  const [first, ...rest] = nodes;
  if (first === undefined) return { kind: "refused", reason: "path-length" };
  const walked = climb({ position, last, path: rest, left: first });
  if (walked === undefined) return { kind: "refused", reason: "path-length" };
  if (walked.leftOnly.toString("hex") !== input.oldRoot) {
    return { kind: "refused", reason: "old-root-differs" };
  }
  return walked.all.toString("hex") === input.newRoot
    ? { kind: "consistent" }
    : { kind: "refused", reason: "root-differs" };
}

// Climbs from the node at `position` to the root of a tree whose last node is `last`. `all` takes in
// every sibling, `leftOnly` just those to the left: the root of the tree that ended here.
function climb(input: {
  readonly position: number;
  readonly last: number;
  readonly path: readonly Buffer[];
  readonly left: Buffer;
}): { readonly all: Buffer; readonly leftOnly: Buffer } | undefined {
  let { position, last } = input;
  let all = input.left;
  let leftOnly = input.left;
  for (const sibling of input.path) {
    if (last === 0) return undefined;
    if (position % 2 === 1 || position === last) {
      all = nodeHash(sibling, all);
      leftOnly = nodeHash(sibling, leftOnly);
      for (; position % 2 === 0 && position > 0; position = half(position)) last = half(last);
    } else {
      all = nodeHash(all, sibling);
    }
    position = half(position);
    last = half(last);
  }
  return last === 0 ? { all, leftOnly } : undefined;
}

function rootOf(hashes: readonly Buffer[]): Buffer {
  const [only] = hashes;
  if (only === undefined) return createHash("sha256").digest();
  if (hashes.length === 1) return only;
  const split = splitPoint(hashes.length);
  return nodeHash(rootOf(hashes.slice(0, split)), rootOf(hashes.slice(split)));
}

function pathTo(index: number, hashes: readonly Buffer[]): readonly Buffer[] {
  if (hashes.length <= 1) return [];
  const split = splitPoint(hashes.length);
  const left = hashes.slice(0, split);
  const right = hashes.slice(split);
  return index < split
    ? [...pathTo(index, left), rootOf(right)]
    : [...pathTo(index - split, right), rootOf(left)];
}

function subProof(
  oldSize: number,
  hashes: readonly Buffer[],
  isWholeOldTree: boolean,
): readonly Buffer[] {
  if (oldSize === hashes.length) return isWholeOldTree ? [] : [rootOf(hashes)];
  const split = splitPoint(hashes.length);
  const left = hashes.slice(0, split);
  const right = hashes.slice(split);
  return oldSize <= split
    ? [...subProof(oldSize, left, isWholeOldTree), rootOf(right)]
    : [...subProof(oldSize - split, right, false), rootOf(left)];
}

// The largest power of two below `size`, for size >= 2.
function splitPoint(size: number): number {
  return 2 ** (31 - Math.clz32(size - 1));
}

// Not `>> 1`: sizes in a proof come from outside and may exceed 32 bits.
function half(value: number): number {
  return Math.floor(value / 2);
}

function leafHash(leaf: Uint8Array): Buffer {
  return createHash("sha256").update(Buffer.of(0)).update(leaf).digest();
}

function nodeHash(left: Buffer, right: Buffer): Buffer {
  return createHash("sha256").update(Buffer.of(1)).update(left).update(right).digest();
}

function isIndex(index: number, size: number): boolean {
  return Number.isSafeInteger(index) && index >= 0 && index < size;
}

function readHash(hex: unknown): Buffer | undefined {
  return typeof hex === "string" && /^[0-9a-f]{64}$/.test(hex)
    ? Buffer.from(hex, "hex")
    : undefined;
}

function readPath(path: unknown): readonly Buffer[] | undefined {
  if (!Array.isArray(path)) return undefined;
  const hashes = path.map(readHash).filter((hash) => hash !== undefined);
  return hashes.length === path.length ? hashes : undefined;
}
