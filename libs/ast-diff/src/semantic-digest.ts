import { createHash } from "node:crypto";
import type { Hash } from "node:crypto";
import type { FileVersion } from "./comparison.ts";
import { canonicalOrder } from "./order-free.ts";
import { isSameNode, labelOf, roleOf, sizeOf, typeOf } from "./tree.ts";
import type { Tree } from "./tree.ts";
import { alphaForm, withBindings } from "./without-names.ts";
import type { AlphaForm } from "./without-names.ts";

/** One side of a changed file: its normal form, or its text where there is none. */
export type DigestSide = Tree | FileVersion;

/**
 * SHA-256, hex, over the changed files in the order given: path, base and candidate each. A rebase
 * onto a base that left these files alone, another format, or another order of what order says
 * nothing about, gives the same digest (P6).
 */
export function digestOf(changes: readonly DigestedChange[]): string {
  return digestForms(changes, (_, tree) => ({ tree, order: canonicalOrder(tree) }));
}

/** As `digestOf`, and the same under other names for what is local to a file (N3). */
export function alphaDigestOf(changes: readonly DigestedChange[]): string {
  return digestForms(changes, (path, tree) => alphaForm(withBindings(tree, path)));
}

interface DigestedChange {
  readonly path: string;
  readonly base: DigestSide;
  readonly candidate: DigestSide;
}

type FormOf = (
  path: string,
  tree: Tree,
) => Pick<AlphaForm, "tree" | "order"> & Partial<Pick<AlphaForm, "ordinals">>;

function digestForms(changes: readonly DigestedChange[], formOf: FormOf): string {
  const hash = createHash("sha256");
  for (const { path, base, candidate } of changes) {
    hash.update(field(path), "utf16le");
    for (const side of [base, candidate])
      addSide(hash, typeof side === "object" ? formOf(path, side) : side);
  }
  return hash.digest("hex");
}

/** The length goes first, so that no two series of fields read the same. */
function field(text: string): string {
  return `${text.length}:${text}`;
}

function addSide(hash: Hash, side: string | undefined | ReturnType<FormOf>): void {
  // UTF-16, because UTF-8 would turn every lone surrogate into one and the same character.
  if (side === undefined) hash.update("absent;", "utf16le");
  else if (typeof side === "string") hash.update(`text;${field(side)}`, "utf16le");
  else {
    const { tree, order, ordinals } = side;
    hash.update(`form;${tree.length};`, "utf16le");
    let chunk: string[] = [];
    for (const [place, node] of order.entries()) {
      // The sizes in preorder fix the shape.
      chunk.push(field(typeOf(tree, node)), field(roleOf(tree, node)), field(labelOf(tree, node)));
      const ordinal = ordinals?.[place] ?? -1;
      chunk.push(ordinal < 0 ? `${sizeOf(tree, node)};` : `${sizeOf(tree, node)}#${ordinal};`);
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
