import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";
import type { FileVersion } from "./comparison.ts";
import { canonicalOrder } from "./order-free.ts";
import { isSameNode, labelOf, roleOf, sizeOf, typeOf } from "./tree.ts";
import type { Tree } from "./tree.ts";

/** One side of a changed file: its normal form, or its text where there is none. */
export type DigestSide = Tree | FileVersion;

/**
 * SHA-256, hex, over the changed files in the order given: path, base and candidate each. A rebase
 * onto a base that left these files alone, another format, or another order of what order says
 * nothing about, gives the same digest (P6).
 */
export function digestOf(
  changes: readonly { path: string; base: DigestSide; candidate: DigestSide }[],
): string {
  const hash = createHash("sha256");
  for (const { path, base, candidate } of changes) {
    hash.update(field(path), "utf16le");
    addSide(hash, base);
    addSide(hash, candidate);
  }
  return hash.digest("hex");
}

/** The length goes first, so that no two series of fields read the same. */
function field(text: string): string {
  return `${text.length}:${text}`;
}

function addSide(hash: Hash, side: DigestSide): void {
  // UTF-16, because UTF-8 would turn every lone surrogate into one and the same character.
  if (side === undefined) hash.update("absent;", "utf16le");
  else if (typeof side === "string") hash.update(`text;${field(side)}`, "utf16le");
  else {
    hash.update(`form;${side.size.length};`, "utf16le");
    let chunk: string[] = [];
    for (const node of canonicalOrder(side)) {
      // The sizes in preorder fix the shape.
      chunk.push(field(typeOf(side, node)), field(roleOf(side, node)), field(labelOf(side, node)));
      chunk.push(`${sizeOf(side, node)};`);
      if (chunk.length < 4096) continue;
      hash.update(chunk.join(""), "utf16le");
      chunk = [];
    }
    hash.update(chunk.join(""), "utf16le");
  }
}

/** Whether two forms differ in nothing but the order of what order says nothing about. */
export function isReordered(base: Tree, candidate: Tree): boolean {
  if (base.size.length !== candidate.size.length) return false;
  const [one, other] = [canonicalOrder(base), canonicalOrder(candidate)];
  return one.every((node, at) => {
    const twin = other[at] ?? -1;
    return (
      sizeOf(base, node) === sizeOf(candidate, twin) && isSameNode(base, node, candidate, twin)
    );
  });
}
