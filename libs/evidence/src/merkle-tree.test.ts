import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ConsistencyProof, InclusionProof, ProofOutcome } from "./merkle-tree.ts";
import {
  consistencyProof,
  inclusionProof,
  merkleRoot,
  verifyConsistency,
  verifyInclusion,
} from "./merkle-tree.ts";

// The reference vectors of the Certificate Transparency project.
const leaves = [
  "",
  "00",
  "10",
  "2021",
  "3031",
  "40414243",
  "5051525354555657",
  "606162636465666768696a6b6c6d6e6f",
].map((hex) => Buffer.from(hex, "hex"));

const roots = [
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

const inclusionVectors: readonly (readonly [number, number, readonly string[]])[] = [
  [0, 1, []],
  [
    0,
    8,
    [
      "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
  ],
  [
    5,
    8,
    [
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
  ],
  [2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]],
  [
    1,
    5,
    [
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
  ],
];

const consistencyVectors: readonly (readonly [number, number, readonly string[]])[] = [
  [1, 1, []],
  [
    1,
    8,
    [
      "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
  ],
  [
    6,
    8,
    [
      "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
  ],
  [
    2,
    5,
    [
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
  ],
];

function proofOf<P>(outcome: ProofOutcome<P>): P {
  if (outcome.kind === "refused") throw new Error(outcome.reason);
  return outcome.proof;
}

const treeOf = (size: number): Buffer[] =>
  Array.from({ length: size }, (_, index) => Buffer.from(`leaf ${index}`));

describe("Merkle tree, Certificate Transparency vectors", () => {
  test.each(roots.map((root, size) => [size, root]))("root over %i leaves", (size, root) => {
    expect(merkleRoot(leaves.slice(0, Number(size)))).toBe(root);
  });

  test.each(inclusionVectors)("inclusion of leaf %i in %i", (index, size, path) => {
    const proof = proofOf(inclusionProof(leaves.slice(0, size), index));
    expect(proof).toEqual({ index, size, path });
    expect(verifyInclusion({ leaf: leaves[index]!, proof, root: roots[size]! })).toEqual({
      kind: "included",
    });
  });

  test.each(consistencyVectors)("consistency from %i to %i", (oldSize, newSize, path) => {
    const proof = proofOf(consistencyProof(leaves.slice(0, newSize), oldSize));
    expect(proof).toEqual({ oldSize, newSize, path });
    expect(
      verifyConsistency({ proof, oldRoot: roots[oldSize]!, newRoot: roots[newSize]! }),
    ).toEqual({ kind: "consistent" });
  });
});

describe("Merkle tree", () => {
  test("every leaf of every tree up to 40 proves its inclusion, and only at its place", () => {
    for (let size = 1; size <= 40; size += 1) {
      const tree = treeOf(size);
      const root = merkleRoot(tree);
      for (let index = 0; index < size; index += 1) {
        const proof = proofOf(inclusionProof(tree, index));
        expect(verifyInclusion({ leaf: tree[index]!, proof, root }).kind).toBe("included");
        const moved = { ...proof, index: index + 1 };
        expect(verifyInclusion({ leaf: tree[index]!, proof: moved, root }).kind).toBe("refused");
      }
    }
  });

  test("every pair of sizes up to 40 proves its consistency", () => {
    const roots40 = Array.from({ length: 41 }, (_, size) => merkleRoot(treeOf(size)));
    for (let newSize = 1; newSize <= 40; newSize += 1) {
      for (let oldSize = 1; oldSize <= newSize; oldSize += 1) {
        const proof = proofOf(consistencyProof(treeOf(newSize), oldSize));
        const input = { proof, oldRoot: roots40[oldSize]!, newRoot: roots40[newSize]! };
        expect(verifyConsistency(input)).toEqual({ kind: "consistent" });
      }
    }
  });

  test("a path cut short is refused for its length, whatever root it would reach", () => {
    const tree = treeOf(7);
    const shortened = { kind: "refused", reason: "path-length" };
    const inclusion = proofOf(inclusionProof(tree, 2));
    const cut = { ...inclusion, path: inclusion.path.slice(0, -1) };
    const leaf = tree[2]!;
    expect(verifyInclusion({ leaf, proof: cut, root: merkleRoot(tree.slice(0, 4)) })).toEqual(
      shortened,
    );
    const consistency = proofOf(consistencyProof(tree, 3));
    const proof = { ...consistency, path: consistency.path.slice(0, -1) };
    const [oldRoot, newRoot] = [merkleRoot(tree.slice(0, 3)), merkleRoot(tree.slice(0, 4))];
    expect(verifyConsistency({ proof, oldRoot, newRoot })).toEqual(shortened);
  });

  test("a node cannot be passed off as a leaf", () => {
    const [left, right] = treeOf(2) as [Buffer, Buffer];
    const joined = Buffer.concat([
      Buffer.from(merkleRoot([left]), "hex"),
      Buffer.from(merkleRoot([right]), "hex"),
    ]);
    expect(merkleRoot([joined])).not.toBe(merkleRoot([left, right]));
  });

  test("out of range is refused on both sides", () => {
    const outOfRange = { kind: "refused", reason: "out-of-range" };
    for (const index of [-1, 3, 0.5, Number.NaN]) {
      expect(inclusionProof(treeOf(3), index)).toEqual(outOfRange);
    }
    for (const oldSize of [0, 4, 1.5])
      expect(consistencyProof(treeOf(3), oldSize)).toEqual(outOfRange);
    const proof: InclusionProof = { index: 3, size: 3, path: [] };
    expect(verifyInclusion({ leaf: Buffer.of(), proof, root: roots[1]! })).toEqual(outOfRange);
    const empty: ConsistencyProof = { oldSize: 0, newSize: 3, path: [] };
    expect(verifyConsistency({ proof: empty, oldRoot: roots[0]!, newRoot: roots[3]! })).toEqual(
      outOfRange,
    );
  });

  test("malformed hashes are refused", () => {
    const proof = { index: 0, size: 2, path: ["zz"] };
    expect(verifyInclusion({ leaf: Buffer.of(), proof, root: roots[2]! })).toEqual({
      kind: "refused",
      reason: "malformed-proof",
    });
    const consistency = proofOf(consistencyProof(leaves, 4));
    expect(verifyConsistency({ proof: consistency, oldRoot: "x", newRoot: roots[8]! })).toEqual({
      kind: "refused",
      reason: "old-root-differs",
    });
  });

  test("a rewritten history is not consistent, and the refusal says which side", () => {
    const grown = treeOf(11);
    const proof = proofOf(consistencyProof(grown, 6));
    const forged = merkleRoot([Buffer.from("forged"), ...treeOf(6).slice(1)]);
    const newRoot = merkleRoot(grown);
    expect(verifyConsistency({ proof, oldRoot: forged, newRoot })).toEqual({
      kind: "refused",
      reason: "old-root-differs",
    });
    expect(verifyConsistency({ proof, oldRoot: merkleRoot(treeOf(6)), newRoot: forged })).toEqual({
      kind: "refused",
      reason: "root-differs",
    });
  });

  test("sizes beyond 32 bits are walked, not wrapped", () => {
    const path = Array.from({ length: 41 }, () => roots[1]!);
    const proof = { index: 2 ** 40, size: 2 ** 41, path };
    expect(verifyInclusion({ leaf: Buffer.of(), proof, root: roots[1]! })).toEqual({
      kind: "refused",
      reason: "root-differs",
    });
  });

  const treeAndLeaf = fc
    .tuple(fc.array(fc.uint8Array({ maxLength: 8 }), { minLength: 1, maxLength: 33 }), fc.nat())
    .map(([tree, pick]) => ({ tree, index: pick % tree.length }));

  test("property: a flipped bit in leaf, path or root is refused", () => {
    fc.assert(
      fc.property(treeAndLeaf, fc.nat(), ({ tree, index }, pick) => {
        const proof = proofOf(inclusionProof(tree, index));
        const root = merkleRoot(tree);
        const leaf = tree[index]!;
        const flip = (hex: string): string => {
          const bytes = Buffer.from(hex, "hex");
          bytes[pick % bytes.length]! ^= 1 << (pick % 8);
          return bytes.toString("hex");
        };
        const differs = { kind: "refused", reason: "root-differs" };
        expect(verifyInclusion({ leaf, proof, root })).toEqual({ kind: "included" });
        expect(verifyInclusion({ leaf, proof, root: flip(root) })).toEqual(differs);
        expect(verifyInclusion({ leaf: Buffer.concat([leaf, Buffer.of(0)]), proof, root })).toEqual(
          differs,
        );
        for (const [at, hash] of proof.path.entries()) {
          const path = proof.path.with(at, flip(hash));
          expect(verifyInclusion({ leaf, proof: { ...proof, path }, root })).toEqual(differs);
        }
        const long = { ...proof, path: [...proof.path, root] };
        expect(verifyInclusion({ leaf, proof: long, root })).toEqual({
          kind: "refused",
          reason: "path-length",
        });
      }),
    );
  });

  test("property: a flipped bit in a consistency proof is refused", () => {
    fc.assert(
      fc.property(treeAndLeaf, fc.nat(), ({ tree, index }, pick) => {
        const proof = proofOf(consistencyProof(tree, index + 1));
        const oldRoot = merkleRoot(tree.slice(0, index + 1));
        const newRoot = merkleRoot(tree);
        for (const [at, hash] of proof.path.entries()) {
          const bytes = Buffer.from(hash, "hex");
          bytes[pick % 32]! ^= 1 << (pick % 8);
          const path = proof.path.with(at, bytes.toString("hex"));
          const forged = { proof: { ...proof, path }, oldRoot, newRoot };
          expect(verifyConsistency(forged).kind).toBe("refused");
        }
        const long = { ...proof, path: [...proof.path, newRoot] };
        expect(verifyConsistency({ proof: long, oldRoot, newRoot })).toEqual({
          kind: "refused",
          reason: "path-length",
        });
      }),
    );
  });
});
